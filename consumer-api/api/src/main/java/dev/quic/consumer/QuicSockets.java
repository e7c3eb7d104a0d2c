package dev.quic.consumer;

/** Makes sockets: over {@code socket.sock} or inside the data plane. */
public interface QuicSockets extends AutoCloseable {
  /**
   * @param family AF_INET or AF_INET6
   */
  QuicSocket socket(int family) throws QuicException;

  @Override
  void close();
}
