package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TlsSession;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Puts a session together from what the socket of a finished handshake holds. */
final class SessionSource {
  private static final long MILLIS = 1_000;

  /** A foreign server's token may be longer than a session keeps, and is then left out. */
  private static final int MAX_TOKEN_ANSWER = 2048;

  private final @Nullable SessionMaker maker;

  /**
   * @param maker null for a server
   */
  SessionSource(@Nullable SessionMaker maker) {
    this.maker = maker;
  }

  /** Whether there can ever be a session. */
  boolean exists() {
    return maker != null;
  }

  @Nullable QuicSession read(QuicSocket sock) throws QuicException {
    SessionMaker ours = maker;
    if (ours == null) {
      return null;
    }
    byte[] value =
        sock.getsockopt(
            QuicUapi.SOL_QUIC,
            QuicUapi.QUIC_SOCKOPT_SESSION_TICKET,
            new byte[0],
            QuicSession.MAX_TLS);
    if (value.length == 0) {
      return null;
    }
    // With receive_session_ticket the handshake has put the session where the ticket was.
    TlsSession stored = TlsSession.parse(value);
    TlsSession tls = stored == null ? ours.session(value) : stored;
    Arrays.fill(value, (byte) 0);
    return tls == null ? null : complete(tls, sock);
  }

  private static @Nullable QuicSession complete(TlsSession tls, QuicSocket sock)
      throws QuicException {
    byte[] encoded = tls.encode();
    tls.destroy();
    if (encoded == null) {
      return null;
    }
    try {
      byte[] parameters =
          sock.getsockopt(
              QuicUapi.SOL_QUIC,
              QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM,
              remoteParameters(),
              QuicTransportParam.SIZE);
      byte[] token =
          sock.getsockopt(
              QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TOKEN, new byte[0], MAX_TOKEN_ANSWER);
      long expires =
          Math.min(tls.expiresMillis(), tls.receivedMillis() + tls.lifetimeSeconds() * MILLIS);
      return QuicSession.of(encoded, parameters, token, expires, tls.earlyData());
    } finally {
      Arrays.fill(encoded, (byte) 0);
    }
  }

  /** What TRANSPORT_PARAM reads: whose parameters are asked for. */
  private static byte[] remoteParameters() {
    byte[] struct = new byte[QuicTransportParam.SIZE];
    struct[0] = 1;
    return struct;
  }
}
