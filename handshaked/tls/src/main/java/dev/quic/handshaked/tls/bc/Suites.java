package dev.quic.handshaked.tls.bc;

import java.util.stream.IntStream;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;

/** Cipher suites as the kernel numbers them ({@code TLS_CIPHER_*}). */
final class Suites {
  private static final int AES_GCM_128 = 51;
  private static final int AES_GCM_256 = 52;
  private static final int CHACHA20_POLY1305 = 54;

  private Suites() {}

  /** Suites to offer or accept for a configured type, 0 for all, the most wanted first. */
  static int[] of(int type) {
    return switch (type) {
      case AES_GCM_128 -> new int[] {CipherSuite.TLS_AES_128_GCM_SHA256};
      case AES_GCM_256 -> new int[] {CipherSuite.TLS_AES_256_GCM_SHA384};
      case CHACHA20_POLY1305 -> new int[] {CipherSuite.TLS_CHACHA20_POLY1305_SHA256};
      default ->
          new int[] {
            CipherSuite.TLS_AES_128_GCM_SHA256,
            CipherSuite.TLS_AES_256_GCM_SHA384,
            CipherSuite.TLS_CHACHA20_POLY1305_SHA256
          };
    };
  }

  /** The kernel's number of a negotiated suite. */
  static int type(int suite) {
    return switch (suite) {
      case CipherSuite.TLS_AES_128_GCM_SHA256 -> AES_GCM_128;
      case CipherSuite.TLS_AES_256_GCM_SHA384 -> AES_GCM_256;
      case CipherSuite.TLS_CHACHA20_POLY1305_SHA256 -> CHACHA20_POLY1305;
      default -> throw new IllegalStateException("suite " + suite + " was never offered");
    };
  }

  /** {@code CryptoHashAlgorithm} of a suite. */
  static int hash(int suite) {
    return suite == CipherSuite.TLS_AES_256_GCM_SHA384
        ? CryptoHashAlgorithm.sha384
        : CryptoHashAlgorithm.sha256;
  }

  static boolean contains(int[] suites, int suite) {
    return IntStream.of(suites).anyMatch(s -> s == suite);
  }

  /** Whether a pre-shared key of a hash can be used with one of the suites. */
  static boolean anyOf(int[] suites, int hash) {
    return IntStream.of(suites).anyMatch(s -> hash(s) == hash);
  }
}
