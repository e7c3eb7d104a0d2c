package dev.quic.consumer.split;

import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client's configuration says of resumption, and of the key log.
 *
 * @param session to resume, null for none
 * @param earlyData whether to offer early data with it
 * @param keyLog whether secrets are logged
 */
record ClientResumption(@Nullable QuicSession session, boolean earlyData, boolean keyLog) {
  static final ClientResumption NONE = new ClientResumption(null, false, false);

  ClientResumption withSession(@Nullable QuicSession last) {
    return new ClientResumption(last, earlyData, keyLog);
  }

  ClientResumption withEarlyData(boolean offer) {
    return new ClientResumption(session, offer, keyLog);
  }

  ClientResumption withKeyLog(boolean on) {
    return new ClientResumption(session, earlyData, on);
  }

  /** The session while it may still be tried. */
  @Nullable QuicSession live() {
    return session != null && session.isLive(Instant.now()) ? session : null;
  }

  /** The QUIC version the session is bound to; 0 without one, or where nobody knows. */
  int quicVersion() {
    TlsSession last = tlsSession();
    if (last == null) {
      return 0;
    }
    last.destroy();
    return last.quicVersion();
  }

  /** For the engine; the caller wipes it. */
  @Nullable TlsSession tlsSession() {
    QuicSession last = live();
    if (last == null) {
      return null;
    }
    byte[] bytes = last.tls();
    try {
      return TlsSession.parse(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
