package dev.quic.handshaked.tls;

/** Tells a {@link HandshakeStepper} that its last {@link HandshakeStep} was carried out. */
public sealed interface HandshakeInput {
  /** Done, with nothing to report. */
  record Proceed() implements HandshakeInput {}

  /** The value of an option; empty when it has none. */
  record Value(byte[] bytes) implements HandshakeInput {}

  /** Handshake bytes came. */
  record Received(CryptoLevel level, byte[] bytes) implements HandshakeInput {}
}
