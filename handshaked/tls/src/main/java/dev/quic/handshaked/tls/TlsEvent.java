package dev.quic.handshaked.tls;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/** What a {@link TlsEngine} wants done, in order. */
public sealed interface TlsEvent {
  /** Handshake bytes to send at a level. */
  record Crypto(CryptoLevel level, byte[] bytes) implements TlsEvent {}

  /**
   * A traffic secret.
   *
   * @param send true for our direction
   * @param cipher {@code TLS_CIPHER_*} 51, 52, 54
   * @param secret wiped by the taker
   */
  record Secret(CryptoLevel level, boolean send, int cipher, byte[] secret)
      implements TlsEvent, Destroyable {
    @Override
    public void destroy() {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /** The peer's quic_transport_parameters extension body. */
  record PeerTransportParameters(byte[] body) implements TlsEvent {}

  /**
   * A server needs its own parameters now ({@link TlsEngine#localTransportParameters}); nothing
   * goes on before.
   */
  record NeedLocalTransportParameters() implements TlsEvent {}

  /** The handshake is complete on our side. The secrets of the outcome are the taker's to wipe. */
  record Complete(TlsOutcome outcome) implements TlsEvent {}

  /**
   * A client's offer of early data was taken or refused; comes before the server's transport
   * parameters, and only after an offer.
   */
  record EarlyData(boolean accepted) implements TlsEvent {}

  /**
   * A server chose this protocol: to be told to the socket. Comes between the peer's transport
   * parameters and {@link NeedLocalTransportParameters}, and not at all without ALPN.
   */
  record AlpnSelected(String alpn) implements TlsEvent {}

  /** A NewSessionTicket message (RFC 8446 section 4.6.1), header included, as it came. */
  record Ticket(byte[] raw) implements TlsEvent {}

  /** Fatal: close with CRYPTO_ERROR 0x100 + alert. {@code reason} is one line for a person. */
  record Alert(int alert, String reason) implements TlsEvent {}
}
