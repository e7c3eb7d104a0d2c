package dev.quic.dataplane.daemon.handshake;

/** The multicast side of the bus. Any thread, never blocks. */
public interface ReadySink {
  /** Whether anyone joined the class's group. */
  boolean hasSubscribers(int handlerClass);

  /** Sends READY to the class's group. */
  void ready(int handlerClass);

  /** A deadline came closer; {@link HandshakeFamily#nextDeadline} has changed. */
  void deadlineChanged();
}
