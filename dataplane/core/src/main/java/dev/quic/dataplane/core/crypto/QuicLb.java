package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * Connection ids that a load balancer can read (draft-ietf-quic-load-balancers, sections 3 and 5):
 * a first octet with the configuration's number and the length, then server id and nonce, plain or
 * under AES-128. One thread.
 */
public final class QuicLb implements Destroyable {
  /** Bytes of the key. */
  public static final int KEY = 16;

  private static final int BLOCK = 16;
  private static final int LEAST_NONCE = 4;

  /** Server id and nonce together. */
  private static final int LONGEST = 19;

  /** 0b111 marks ids of no configuration. */
  private static final int CONFIGS = 7;

  private final int config;
  private final int length;
  private final @Nullable WipeableKey key;
  private final @Nullable Cipher encrypt;
  private final @Nullable Cipher decrypt;
  private final byte[] block = new byte[BLOCK];
  private final byte[] mask = new byte[BLOCK];
  private final byte[] left;
  private final byte[] right;

  /**
   * @param config number of the configuration, 0 to 6
   * @param idLength bytes of a server id, at least 1
   * @param nonceLength bytes of a nonce, at least 4; both together at most 19
   * @param key 16 bytes, copied; null for plain ids
   * @throws IllegalArgumentException when a number is out of range
   */
  public QuicLb(int config, int idLength, int nonceLength, byte @Nullable [] key) {
    if (config < 0 || config >= CONFIGS) {
      throw new IllegalArgumentException("configuration " + config + " is not within 0 to 6");
    }
    if (idLength < 1 || nonceLength < LEAST_NONCE || idLength + nonceLength > LONGEST) {
      throw new IllegalArgumentException(
          "a server id of " + idLength + " and a nonce of " + nonceLength + " bytes");
    }
    this.config = config;
    length = idLength + nonceLength;
    left = new byte[(length + 1) / 2];
    right = new byte[(length + 1) / 2];
    if (key == null) {
      this.key = null;
      encrypt = null;
      decrypt = null;
      return;
    }
    if (key.length != KEY) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes");
    }
    this.key = new WipeableKey("AES", key);
    try {
      encrypt = Jce.cipher("AES/ECB/NoPadding");
      encrypt.init(Cipher.ENCRYPT_MODE, this.key);
      decrypt = Jce.cipher("AES/ECB/NoPadding");
      decrypt.init(Cipher.DECRYPT_MODE, this.key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Bytes of an id, the first octet included. */
  public int length() {
    return 1 + length;
  }

  /** Makes {@code id} one: server id and nonce stand behind its first octet already. */
  public void encode(byte[] id) {
    id[0] = (byte) (config << 5 | length);
    if (encrypt == null) {
      return;
    }
    if (length == BLOCK) {
      System.arraycopy(id, 1, block, 0, BLOCK);
      aes(encrypt);
      System.arraycopy(mask, 0, id, 1, BLOCK);
      return;
    }
    split(id);
    for (int pass = 1; pass <= 4; pass++) {
      round(pass);
    }
    join(id);
  }

  /**
   * Reveals server id and nonce behind the first octet of {@code id}.
   *
   * @return false for one of another configuration or length, which is left alone
   */
  public boolean decode(byte[] id) {
    if (id.length != length() || (id[0] & 0xff) != (config << 5 | length)) {
      return false;
    }
    if (decrypt == null) {
      return true;
    }
    if (length == BLOCK) {
      System.arraycopy(id, 1, block, 0, BLOCK);
      aes(decrypt);
      System.arraycopy(mask, 0, id, 1, BLOCK);
      return true;
    }
    split(id);
    for (int pass = 4; pass >= 1; pass--) {
      round(pass);
    }
    join(id);
    return true;
  }

  /** One round of the network: passes 1 and 3 change the right half, 2 and 4 the left. */
  private void round(int pass) {
    byte[] from = pass % 2 == 1 ? left : right;
    byte[] to = pass % 2 == 1 ? right : left;
    Arrays.fill(block, (byte) 0);
    System.arraycopy(from, 0, block, 0, from.length);
    block[BLOCK - 2] = (byte) length;
    block[BLOCK - 1] = (byte) pass;
    Cipher c = encrypt;
    if (c == null) {
      return;
    }
    aes(c);
    for (int i = 0; i < to.length; i++) {
      to[i] ^= mask[i];
    }
    clearHalfBytes();
  }

  /** Of an odd length the middle byte is shared: each half has four bits of it. */
  private void clearHalfBytes() {
    if (length % 2 == 1) {
      left[left.length - 1] &= (byte) 0xf0;
      right[0] &= 0x0f;
    }
  }

  private void split(byte[] id) {
    System.arraycopy(id, 1, left, 0, left.length);
    System.arraycopy(id, 1 + length - right.length, right, 0, right.length);
    clearHalfBytes();
  }

  private void join(byte[] id) {
    int middle = left[left.length - 1] | right[0];
    System.arraycopy(left, 0, id, 1, left.length);
    System.arraycopy(right, 0, id, 1 + length - right.length, right.length);
    if (length % 2 == 1) {
      id[left.length] = (byte) middle;
    }
  }

  private void aes(Cipher c) {
    try {
      c.doFinal(block, 0, BLOCK, mask, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void destroy() {
    if (key != null) {
      key.destroy();
    }
    Arrays.fill(block, (byte) 0);
    Arrays.fill(mask, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return key != null && key.isDestroyed();
  }
}
