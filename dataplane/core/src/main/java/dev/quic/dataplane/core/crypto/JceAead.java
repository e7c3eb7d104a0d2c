package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-GCM and ChaCha20-Poly1305 of the JDK on heap arrays: one {@link Cipher} and one key object
 * for the key's life, a parameter object per packet, which the API demands.
 */
final class JceAead implements Aead {
  private final Cipher cipher;
  private final WipeableKey key;
  private final byte[] iv;
  private final byte[] nonce = new byte[QuicCipher.IV];
  private final boolean gcm;

  JceAead(String transformation, String algorithm, boolean gcm, byte[] key, byte[] iv) {
    try {
      cipher = Jce.cipher(transformation);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks " + transformation, e);
    }
    this.key = new WipeableKey(algorithm, key);
    this.iv = iv.clone();
    this.gcm = gcm;
  }

  private AlgorithmParameterSpec parameters(long pn) {
    // RFC 9001 section 5.3: the nonce is the IV XORed with the number, left-padded.
    for (int i = 0; i < 4; i++) {
      nonce[i] = iv[i];
    }
    for (int i = 4; i < QuicCipher.IV; i++) {
      nonce[i] = (byte) (iv[i] ^ pn >>> 8 * (QuicCipher.IV - 1 - i));
    }
    return gcm ? new GCMParameterSpec(8 * QuicCipher.TAG, nonce) : new IvParameterSpec(nonce);
  }

  @Override
  public void sealRun(
      byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
    try {
      for (int i = from; i < from + count; i++) {
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters(firstPn + i - from));
        cipher.updateAAD(buf, start[i], body[i] - start[i]);
        cipher.doFinal(buf, body[i], end[i] - body[i], buf, body[i]);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("sealing failed", e);
    }
  }

  @Override
  public int open(byte[] buf, int start, int body, int end, long pn) {
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, parameters(pn));
      cipher.updateAAD(buf, start, body - start);
      return cipher.doFinal(buf, body, end - body, buf, body);
    } catch (AEADBadTagException e) {
      return -1;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("opening failed", e);
    }
  }

  @Override
  public void destroy() {
    key.destroy();
    Arrays.fill(iv, (byte) 0);
    Arrays.fill(nonce, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return key.isDestroyed();
  }
}
