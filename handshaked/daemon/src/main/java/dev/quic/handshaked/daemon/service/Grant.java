package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.tls.HandshakePort;
import java.io.IOException;
import java.net.InetSocketAddress;

/** The restricted socket of one request. Confined to the request's worker. */
public interface Grant extends HandshakePort, AutoCloseable {
  /** A number for logs and traces, unlike that of any other grant this process holds. */
  long number();

  InetSocketAddress getpeername() throws IOException;

  /** getsockopt at SOL_SOCKET of SO_PROTOCOL. */
  int protocol() throws IOException;

  /** Gives the grant up; its request fails unless it was ended before. */
  @Override
  void close();
}
