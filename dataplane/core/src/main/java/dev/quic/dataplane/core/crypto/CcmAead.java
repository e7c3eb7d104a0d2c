package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES-CCM with a 12-byte nonce and a 16-byte tag (RFC 3610, RFC 5116 section 5.3), which the JDK
 * does not have: the MAC by AES-CBC, the encryption by AES-CTR.
 */
final class CcmAead implements Aead {
  private static final int BLOCK = 16;

  // 15 - nonce length: bytes of the message length field.
  private static final int L = 3;

  private final WipeableKey key;
  private final byte[] iv;
  private final byte[] zeroIv = new byte[BLOCK];
  private final byte[] counter = new byte[BLOCK];
  private final byte[] keystream0 = new byte[BLOCK];
  private final Cipher cbc;
  private final Cipher ctr;
  private byte[] scratch = new byte[2_048];
  private byte[] mac = new byte[2_048];

  CcmAead(byte[] key, byte[] iv) {
    this.key = new WipeableKey("AES", key);
    this.iv = iv.clone();
    try {
      cbc = Cipher.getInstance("AES/CBC/NoPadding");
      ctr = Cipher.getInstance("AES/CTR/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks AES", e);
    }
  }

  @Override
  public void sealRun(
      byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
    try {
      for (int i = from; i < from + count; i++) {
        int len = end[i] - body[i];
        nonce(firstPn + i - from);
        int macAt = cbcMac(buf, start[i], body[i] - start[i], buf, body[i], len);
        startCtr();
        ctr.doFinal(buf, body[i], len, buf, body[i]);
        for (int j = 0; j < BLOCK; j++) {
          buf[end[i] + j] = (byte) (mac[macAt + j] ^ keystream0[j]);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("sealing failed", e);
    }
  }

  @Override
  public int open(byte[] buf, int start, int body, int end, long pn) {
    try {
      int len = end - body - QuicCipher.TAG;
      nonce(pn);
      startCtr();
      ctr.doFinal(buf, body, len, buf, body);
      int macAt = cbcMac(buf, start, body - start, buf, body, len);
      int diff = 0;
      for (int j = 0; j < BLOCK; j++) {
        diff |= buf[body + len + j] ^ mac[macAt + j] ^ keystream0[j];
      }
      return diff == 0 ? len : -1;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("opening failed", e);
    }
  }

  /** Puts flags and nonce into the counter block, whose count is 0. */
  private void nonce(long pn) {
    counter[0] = L - 1;
    for (int i = 0; i < QuicCipher.IV; i++) {
      int shift = 8 * (QuicCipher.IV - 1 - i);
      counter[1 + i] = (byte) (iv[i] ^ (shift < 64 ? pn >>> shift : 0));
    }
    Arrays.fill(counter, 1 + QuicCipher.IV, BLOCK, (byte) 0);
  }

  /** Starts the key stream; its block 0 masks the tag, the message begins with block 1. */
  private void startCtr() throws GeneralSecurityException {
    ctr.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(counter));
    ctr.update(zeroIv, 0, BLOCK, keystream0, 0);
  }

  /** MAC of associated data and message; returns where in {@link #mac} it is. */
  private int cbcMac(byte[] a, int aOff, int aLen, byte[] m, int mOff, int mLen)
      throws GeneralSecurityException {
    int aBlocks = aLen == 0 ? 0 : (aLen + 2 + BLOCK - 1) / BLOCK;
    int total = BLOCK * (1 + aBlocks + (mLen + BLOCK - 1) / BLOCK);
    if (scratch.length < total) {
      scratch = new byte[total];
      mac = new byte[total];
    }
    Arrays.fill(scratch, 0, total, (byte) 0);
    System.arraycopy(counter, 0, scratch, 0, 1 + QuicCipher.IV);
    scratch[0] = (byte) ((aLen > 0 ? 0x40 : 0) | (QuicCipher.TAG - 2) / 2 << 3 | L - 1);
    scratch[13] = (byte) (mLen >>> 16);
    scratch[14] = (byte) (mLen >>> 8);
    scratch[15] = (byte) mLen;
    if (aLen > 0) {
      scratch[BLOCK] = (byte) (aLen >>> 8);
      scratch[BLOCK + 1] = (byte) aLen;
      System.arraycopy(a, aOff, scratch, BLOCK + 2, aLen);
    }
    System.arraycopy(m, mOff, scratch, BLOCK * (1 + aBlocks), mLen);
    cbc.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(zeroIv));
    cbc.doFinal(scratch, 0, total, mac, 0);
    return total - BLOCK;
  }

  @Override
  public void destroy() {
    key.destroy();
    Arrays.fill(iv, (byte) 0);
    Arrays.fill(counter, (byte) 0);
    Arrays.fill(keystream0, (byte) 0);
    Arrays.fill(scratch, (byte) 0);
    Arrays.fill(mac, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return key.isDestroyed();
  }
}
