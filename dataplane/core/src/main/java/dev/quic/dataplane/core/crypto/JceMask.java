package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import org.jspecify.annotations.Nullable;

/** Masks of header protection by the JDK's ciphers. */
final class JceMask {
  private static final int SAMPLE = QuicCipher.SAMPLE;

  private JceMask() {}

  static HeaderMask create(QuicCipher cipher, byte[] key) {
    return cipher == QuicCipher.CHACHA20_POLY1305 ? new ChaCha(key) : new Aes(key);
  }

  /** AES-ECB of the sample, RFC 9001 section 5.4.3: a single call for any number of them. */
  private static final class Aes implements HeaderMask {
    private final WipeableKey key;

    /** Null once the key was wiped: then it is another's. */
    private @Nullable Cipher ecb;

    Aes(byte[] bytes) {
      key = new WipeableKey("AES", bytes);
      try {
        ecb = Jce.ecb(key);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this JDK lacks AES", e);
      }
    }

    @Override
    public void masks(byte[] sample, byte[] mask, int n) {
      Cipher aes = ecb;
      if (aes == null) {
        throw new IllegalStateException("the key was wiped");
      }
      try {
        aes.update(sample, 0, SAMPLE * n, mask, 0);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("masking failed", e);
      }
    }

    @Override
    public void destroy() {
      key.destroy();
      Cipher last = ecb;
      ecb = null;
      if (last != null) {
        Jce.give(last);
      }
    }

    @Override
    public boolean isDestroyed() {
      return key.isDestroyed();
    }
  }

  /** ChaCha20 with counter and nonce from the sample, RFC 9001 section 5.4.4. */
  private static final class ChaCha implements HeaderMask {
    private static final byte[] ZEROS = new byte[LENGTH];

    private final Cipher chacha;
    private final WipeableKey key;
    private final byte[] nonce = new byte[12];
    private final byte[] out = new byte[ZEROS.length];

    ChaCha(byte[] bytes) {
      key = new WipeableKey("ChaCha20", bytes);
      try {
        chacha = Jce.cipher("ChaCha20");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this JDK lacks ChaCha20", e);
      }
    }

    @Override
    public void masks(byte[] sample, byte[] mask, int n) {
      try {
        for (int i = 0; i < n; i++) {
          int at = SAMPLE * i;
          int counter =
              sample[at] & 0xff
                  | (sample[at + 1] & 0xff) << 8
                  | (sample[at + 2] & 0xff) << 16
                  | sample[at + 3] << 24;
          System.arraycopy(sample, at + 4, nonce, 0, nonce.length);
          // A replayed packet repeats its sample, which the JDK refuses when encrypting. The stream
          // is the same either way.
          chacha.init(Cipher.DECRYPT_MODE, key, new ChaCha20ParameterSpec(nonce, counter));
          chacha.doFinal(ZEROS, 0, ZEROS.length, out, 0);
          System.arraycopy(out, 0, mask, at, out.length);
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("masking failed", e);
      }
    }

    @Override
    public void destroy() {
      key.destroy();
    }

    @Override
    public boolean isDestroyed() {
      return key.isDestroyed();
    }
  }
}
