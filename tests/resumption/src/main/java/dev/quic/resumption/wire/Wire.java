package dev.quic.resumption.wire;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A local UDP port that talks to one peer, with the time that passes there. One thread. */
public interface Wire extends AutoCloseable {
  void send(byte[] datagram) throws IOException;

  /**
   * The next datagram.
   *
   * @param deadline of {@link #now}
   * @return null when the deadline passed
   */
  byte @Nullable [] receive(long deadline) throws IOException;

  /** ns, from an arbitrary start. */
  long now();

  @Override
  void close() throws IOException;
}
