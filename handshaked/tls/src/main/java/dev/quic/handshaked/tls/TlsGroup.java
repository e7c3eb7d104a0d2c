package dev.quic.handshaked.tls;

/**
 * Key exchange groups (RFC 8446 section 4.2.7), in the order in which they are preferred. The first
 * is a hybrid of X25519 and ML-KEM-768: safe as long as either is.
 */
public enum TlsGroup {
  X25519MLKEM768(0x11ec),
  X25519(0x001d),
  SECP256R1(0x0017),
  SECP384R1(0x0018);

  private final int codePoint;

  TlsGroup(int codePoint) {
    this.codePoint = codePoint;
  }

  /** Whether its share alone fills a datagram, and servers may not know it. */
  public boolean isHybrid() {
    return this == X25519MLKEM768;
  }

  /** The NamedGroup number on the wire. */
  public int codePoint() {
    return codePoint;
  }
}
