package dev.quic.handshaked.tls;

import java.util.Arrays;
import java.util.List;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link HandshakeStepper} wants done next at the socket, and with what it wants to be told
 * that it is done.
 */
public sealed interface HandshakeStep {
  /** Values that a handshake asks the socket for. */
  enum Option {
    ALPN,
    SESSION_TICKET,
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

  /** The end, well. */
  record Done(@Nullable String alpn, @Nullable String serverName, List<byte[]> peerCertificates)
      implements HandshakeStep {}

  /**
   * The end, not well.
   *
   * @param status positive errno
   * @param alert to be carried by CONNECTION_CLOSE, or {@link HandshakeResult#NO_ALERT}
   * @param reason one line for a person
   */
  record Failed(int status, int alert, String reason) implements HandshakeStep {}
}
