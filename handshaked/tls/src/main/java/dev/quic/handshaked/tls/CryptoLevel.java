package dev.quic.handshaked.tls;

/** Encryption levels, numbered as the kernel's {@code QUIC_CRYPTO_*}. */
public enum CryptoLevel {
  APP(0),
  INITIAL(1),
  HANDSHAKE(2),
  EARLY(3);

  private final int number;

  CryptoLevel(int number) {
    this.number = number;
  }

  /** The kernel's number, 0 to 3. */
  public int number() {
    return number;
  }

  /**
   * The level with a number of the kernel's.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static CryptoLevel of(int number) {
    return switch (number) {
      case 0 -> APP;
      case 1 -> INITIAL;
      case 2 -> HANDSHAKE;
      case 3 -> EARLY;
      default -> throw new IllegalArgumentException("no crypto level has number " + number);
    };
  }
}
