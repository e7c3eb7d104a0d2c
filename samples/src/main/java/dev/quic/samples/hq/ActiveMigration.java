package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.SockaddrCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One move of a client to another port of its address, as soon as it may (RFC 9000 section 9.2).
 */
public final class ActiveMigration {
  // RFC 6335 section 6.
  private static final int FIRST_PORT = 49_152;
  private static final int LAST_PORT = 65_535;

  private final QuicSocket sock;
  private boolean done;

  public ActiveMigration(QuicSocket sock) {
    this.sock = sock;
  }

  /** Starts it, unless that has happened, it is too early, or the port is taken. */
  public void attempt() throws IOException {
    if (done) {
      return;
    }
    byte[] address = SockaddrCodec.encode(other(sock.getsockname()));
    try {
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION, address);
      done = true;
    } catch (QuicException e) {
      if (e.errno() == Errno.EINVAL) {
        throw new IOException("the server does not allow its clients to move", e);
      }
      if (e.errno() != Errno.EAGAIN && e.errno() != Errno.EADDRINUSE) {
        throw e;
      }
    }
  }

  public boolean done() {
    return done;
  }

  /** Another port of the dynamic range, which may be taken. */
  private static InetSocketAddress other(InetSocketAddress present) {
    int port;
    do {
      port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1);
    } while (port == present.getPort());
    return new InetSocketAddress(present.getAddress(), port);
  }
}
