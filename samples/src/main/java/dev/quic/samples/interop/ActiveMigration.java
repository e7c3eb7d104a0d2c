package dev.quic.samples.interop;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.SockaddrCodec;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;

/**
 * One move of a client to another port of its address, as soon as it may (RFC 9000 section 9.2).
 */
final class ActiveMigration {
  private final QuicSocket sock;
  private boolean done;

  ActiveMigration(QuicSocket sock) {
    this.sock = sock;
  }

  /** Starts it, unless that has happened; EAGAIN says that it is too early. */
  void attempt() throws IOException {
    if (done) {
      return;
    }
    byte[] address = SockaddrCodec.encode(unused(sock.getsockname()));
    try {
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION, address);
      done = true;
    } catch (QuicException e) {
      if (e.errno() == Errno.EINVAL) {
        throw new IOException("the server does not allow its clients to move", e);
      }
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
  }

  boolean done() {
    return done;
  }

  private static InetSocketAddress unused(InetSocketAddress present) throws IOException {
    try (DatagramSocket probe =
        new DatagramSocket(new InetSocketAddress(present.getAddress(), 0))) {
      return new InetSocketAddress(present.getAddress(), probe.getLocalPort());
    }
  }
}
