package dev.quic.handshaked.tls;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * What a {@link HandshakeStepper} wants done next at the socket, and with what it wants to be told
 * that it is done.
 */
public sealed interface HandshakeStep {
  /** Values that a handshake asks the socket for. */
  enum Option {
    ALPN,
    SESSION_TICKET,
    /** A server's ticket key, if somebody set one: not the one the socket derives otherwise. */
    SET_TICKET_KEY,
    CONFIG,
    /** Our own transport parameters, as the body of the TLS extension. */
    TRANSPORT_PARAMETERS
  }

  /** Answer with {@link HandshakeInput.Value}. */
  record Get(Option option) implements HandshakeStep {}

  /** Answer with {@link HandshakeInput.Proceed}; the protocol a server chose. */
  record SetAlpn(String alpn) implements HandshakeStep {}

  /** Answer with {@link HandshakeInput.Proceed}; the peer's, as the body of the extension. */
  record SetTransportParameters(byte[] body) implements HandshakeStep {}

  /**
   * Answer with {@link HandshakeInput.Proceed}.
   *
   * @param cipher {@code TLS_CIPHER_*} 51, 52, 54
   * @param secret wiped by the taker
   */
  record InstallSecret(CryptoLevel level, boolean send, int cipher, byte[] secret)
      implements HandshakeStep, Destroyable {
    @Override
    public void destroy() {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /**
   * Answer with {@link HandshakeInput.Proceed}.
   *
   * @param more another Send follows without a Receive in between (MSG_MORE)
   */
  record Send(CryptoLevel level, byte[] bytes, boolean more) implements HandshakeStep {}

  /** Answer with {@link HandshakeInput.Received}. */
  record Receive() implements HandshakeStep {}

  /** Answer with {@link HandshakeInput.Proceed}; whether the server took early data. */
  record SetEarlyData(boolean accepted) implements HandshakeStep {}

  /**
   * Answer with {@link HandshakeInput.Value}: the SESSION_TICKET option once it has a value, or
   * nothing when the time is over.
   *
   * @param millis how long to wait
   */
  record AwaitTicket(int millis) implements HandshakeStep {}

  /** Answer with {@link HandshakeInput.Proceed}; SESSION_TICKET, for the socket's owner to keep. */
  record SetSession(byte[] session) implements HandshakeStep, Destroyable {
    @Override
    public void destroy() {
      Arrays.fill(session, (byte) 0);
    }
  }

  /** The end, well. The secrets of the outcome are the taker's to wipe. */
  record Done(TlsOutcome outcome) implements HandshakeStep {}

  /**
   * The end, not well.
   *
   * @param status positive errno
   * @param alert to be carried by CONNECTION_CLOSE, or {@link HandshakeResult#NO_ALERT}
   * @param reason one line for a person
   */
  record Failed(int status, int alert, String reason) implements HandshakeStep {}
}
