package dev.quic.handshaked.tls;

/** Encryption levels, numbered as the kernel's {@code QUIC_CRYPTO_*}. */
public enum CryptoLevel {
  APP,
  INITIAL,
  HANDSHAKE,
  EARLY;

  /** The kernel's number, 0 to 3. */
  public int number() {
    return ordinal();
  }

  public static CryptoLevel of(int number) {
    return values()[number];
  }
}
