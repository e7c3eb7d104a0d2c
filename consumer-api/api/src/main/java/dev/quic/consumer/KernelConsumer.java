package dev.quic.consumer;

/**
 * A consumer that lives inside the data plane, as SMB and NFS live in the kernel. Found by
 * ServiceLoader.
 */
public interface KernelConsumer {
  /** Name in logs and in {@code --consumer NAME=ARGS}. */
  String name();

  /**
   * Runs on a thread of its own; returns when the consumer is done; interrupted when the data plane
   * stops.
   */
  void run(QuicSockets sockets, TlsHandshakes tls, String args) throws Exception;
}
