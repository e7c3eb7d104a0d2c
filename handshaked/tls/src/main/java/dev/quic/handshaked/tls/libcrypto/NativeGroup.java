package dev.quic.handshaked.tls.libcrypto;

/** Groups of libcrypto that key exchange may use. */
public enum NativeGroup {
  /** EVP_PKEY_X25519. */
  X25519(1034, 32, 32),

  /** NID_X9_62_prime256v1. */
  P256(415, 32, 65),

  /** NID_secp384r1. */
  P384(715, 48, 97);

  private final int nid;
  private final int fieldLength;
  private final int shareLength;

  NativeGroup(int nid, int fieldLength, int shareLength) {
    this.nid = nid;
    this.fieldLength = fieldLength;
    this.shareLength = shareLength;
  }

  int nid() {
    return nid;
  }

  /** Bytes of a private key and of a shared secret. */
  public int fieldLength() {
    return fieldLength;
  }

  /** Bytes of a public value on the wire (RFC 8446 section 4.2.8.2). */
  public int shareLength() {
    return shareLength;
  }
}
