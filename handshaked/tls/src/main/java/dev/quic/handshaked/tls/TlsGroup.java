package dev.quic.handshaked.tls;

/** Key exchange groups (RFC 8446 section 4.2.7), in the order in which they are preferred. */
public enum TlsGroup {
  X25519(0x001d),
  SECP256R1(0x0017),
  SECP384R1(0x0018);

  private final int codePoint;

  TlsGroup(int codePoint) {
    this.codePoint = codePoint;
  }

  /** The NamedGroup number on the wire. */
  public int codePoint() {
    return codePoint;
  }
}
