package dev.quic.consumer.split;

import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.HandshakeDriver;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.handshaked.tls.HandshakeTrace;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.session.TlsSession;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/** One handshake over a port, blocking or stepped. */
final class HandshakeRun {
  private HandshakeRun() {}

  static HandshakeResult client(HandshakePort port, QuicClientTls tls, long deadlineNanos) {
    ClientSource source = new ClientSource(tls);
    try {
      QuicSession session = tls.resumption().live();
      if (session != null && session.token().length > 0) {
        // RFC 9000 section 8.1.3: before the first Initial.
        port.setOption(QuicUapi.QUIC_SOCKOPT_TOKEN, session.token());
      }
      return HandshakeDriver.client(port, source, deadlineNanos, HandshakeTrace.NONE);
    } catch (IOException e) {
      return failed(e);
    } finally {
      source.destroy();
    }
  }

  static HandshakeResult server(HandshakePort port, QuicServerTls tls, long deadlineNanos) {
    try {
      if (tls.tickets().early() != null) {
        port.setOption(QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY, new byte[] {1, 0, 0, 0});
      }
    } catch (IOException e) {
      return failed(e);
    }
    return HandshakeDriver.server(
        port, () -> TlsSetup.server(tls), deadlineNanos, HandshakeTrace.NONE);
  }

  private static HandshakeResult failed(IOException e) {
    int errno = e instanceof HandshakePortException socket ? socket.errno() : Errno.EIO;
    return new HandshakeResult(
        errno, HandshakeResult.NO_ALERT, String.valueOf(e.getMessage()), null);
  }

  /** Loads a client's configuration, and wipes the session in it afterwards. */
  private static final class ClientSource
      implements HandshakeDriver.ConfigSource<TlsConfig.Client>, Destroyable {
    private final QuicClientTls tls;
    private @Nullable TlsSession session;

    ClientSource(QuicClientTls tls) {
      this.tls = tls;
    }

    @Override
    public TlsConfig.Client load() throws CredentialException {
      TlsConfig.Client config = TlsSetup.client(tls);
      session = config.session();
      return config;
    }

    @Override
    public void destroy() {
      TlsSession loaded = session;
      if (loaded != null) {
        loaded.destroy();
      }
    }
  }
}
