package dev.quic.dataplane.core.crypto;

/**
 * Where AEAD and masks of packet protection come from: the JDK, which always works, or something
 * faster that the shell found on its system. One a net, confined to its thread; the JDK's serves
 * any.
 */
public interface AeadProvider {
  /** What the JDK has, and CCM on top of its AES. */
  AeadProvider JDK =
      new AeadProvider() {
        @Override
        public String name() {
          return "jdk";
        }

        @Override
        public Aead create(QuicCipher cipher, byte[] key, byte[] iv) {
          return switch (cipher) {
            case AES_128_GCM, AES_256_GCM -> new JceAead("AES/GCM/NoPadding", "AES", true, key, iv);
            case CHACHA20_POLY1305 -> new JceAead("ChaCha20-Poly1305", "ChaCha20", false, key, iv);
            case AES_128_CCM -> new CcmAead(key, iv);
          };
        }
      };

  /** As in {@code --aead} and in listings. */
  String name();

  /**
   * One key in one direction.
   *
   * @param key of the suite's length; the caller wipes it
   * @param iv 12 bytes; the caller wipes them
   */
  Aead create(QuicCipher cipher, byte[] key, byte[] iv);

  /**
   * One key of header protection in one direction: the JDK's unless there is something faster.
   *
   * @param key of the suite's length; the caller wipes it
   */
  default HeaderMask mask(QuicCipher cipher, byte[] key) {
    return JceMask.create(cipher, key);
  }
}
