package dev.quic.dataplane.core.crypto;

/** Chooses the implementation of a suite. */
final class Aeads {
  private Aeads() {}

  static Aead create(QuicCipher cipher, byte[] key, byte[] iv) {
    return switch (cipher) {
      case AES_128_GCM, AES_256_GCM -> new JceAead("AES/GCM/NoPadding", "AES", true, key, iv);
      case CHACHA20_POLY1305 -> new JceAead("ChaCha20-Poly1305", "ChaCha20", false, key, iv);
      case AES_128_CCM -> new CcmAead(key, iv);
    };
  }
}
