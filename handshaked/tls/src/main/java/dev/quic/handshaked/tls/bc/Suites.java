package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.TlsConfig;
import java.util.List;
import java.util.stream.IntStream;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;

/** Cipher suites as the kernel numbers them ({@code TLS_CIPHER_*}). */
final class Suites {
  private static final int AES_GCM_128 = 51;
  private static final int AES_GCM_256 = 52;
  private static final int CHACHA20_POLY1305 = 54;

  private Suites() {}

  private static final List<Integer> ALL = List.of(AES_GCM_128, AES_GCM_256, CHACHA20_POLY1305);

  /** Suites to offer or accept, the most wanted first. */
  static int[] of(TlsConfig config) {
    List<Integer> types = config.ciphers().isEmpty() ? ALL : config.ciphers();
    types = config.cipher() == 0 ? types : List.of(config.cipher());
    return types.stream().mapToInt(Suites::suite).toArray();
  }

  private static int suite(int type) {
    return switch (type) {
      case AES_GCM_128 -> CipherSuite.TLS_AES_128_GCM_SHA256;
      case AES_GCM_256 -> CipherSuite.TLS_AES_256_GCM_SHA384;
      case CHACHA20_POLY1305 -> CipherSuite.TLS_CHACHA20_POLY1305_SHA256;
      default -> throw new IllegalArgumentException("cipher type " + type);
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
