package dev.quic.dataplane.core.crypto;

import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/** The packet protection suites, numbered as in {@code linux/tls.h}. */
public enum QuicCipher {
  AES_128_GCM(QuicUapi.TLS_CIPHER_AES_GCM_128, Hash.SHA256, 16, 1L << 23, 1L << 52),
  AES_256_GCM(QuicUapi.TLS_CIPHER_AES_GCM_256, Hash.SHA384, 32, 1L << 23, 1L << 52),
  // 2^21.5, RFC 9001 section 6.6.
  AES_128_CCM(QuicUapi.TLS_CIPHER_AES_CCM_128, Hash.SHA256, 16, 2_965_820L, 2_965_820L),
  CHACHA20_POLY1305(
      QuicUapi.TLS_CIPHER_CHACHA20_POLY1305, Hash.SHA256, 32, Long.MAX_VALUE, 1L << 36);

  /** Bytes of every suite's authentication tag. */
  public static final int TAG = 16;

  /** Bytes of every suite's nonce. */
  public static final int IV = 12;

  /** Bytes of a header protection sample. */
  public static final int SAMPLE = 16;

  private final int number;
  private final Hash hash;
  private final int keyLength;
  private final long confidentialityLimit;
  private final long integrityLimit;

  QuicCipher(int number, Hash hash, int keyLength, long confidential, long integrity) {
    this.number = number;
    this.hash = hash;
    this.keyLength = keyLength;
    this.confidentialityLimit = confidential;
    this.integrityLimit = integrity;
  }

  /** The suite of a {@code TLS_CIPHER_*} number; null for another (EINVAL). */
  public static @Nullable QuicCipher of(int tlsCipher) {
    for (QuicCipher c : values()) {
      if (c.number == tlsCipher) {
        return c;
      }
    }
    return null;
  }

  /** {@code TLS_CIPHER_*}. */
  public int number() {
    return number;
  }

  /** The hash of the suite's key derivation. */
  public Hash hash() {
    return hash;
  }

  /** Bytes of the packet and header protection keys. */
  public int keyLength() {
    return keyLength;
  }

  /** Bytes of a traffic secret: 32, 48, 32, 32. */
  public int secretLength() {
    return hash.length();
  }

  /** Packets that may be sealed with one key (RFC 9001 section 6.6). */
  public long confidentialityLimit() {
    return confidentialityLimit;
  }

  /** Packets that may fail authentication in one connection (RFC 9001 section 6.6). */
  public long integrityLimit() {
    return integrityLimit;
  }
}
