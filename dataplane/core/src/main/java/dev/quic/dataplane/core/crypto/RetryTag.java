package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The Retry integrity tag, RFC 9001 section 5.8. */
public final class RetryTag {
  private RetryTag() {}

  /** Bytes of the tag. */
  public static final int LENGTH = 16;

  /**
   * Computes the tag of a Retry packet.
   *
   * @param odcid destination id of the Initial it answers
   * @param buf the packet without tag
   */
  public static byte[] compute(QuicVersion version, byte[] odcid, byte[] buf, int off, int len) {
    try {
      Cipher c = Cipher.getInstance("AES/GCM/NoPadding");
      c.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(version.retryKey(), "AES"),
          new GCMParameterSpec(8 * LENGTH, version.retryNonce()));
      c.updateAAD(new byte[] {(byte) odcid.length});
      c.updateAAD(odcid);
      c.updateAAD(buf, off, len);
      return c.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM unavailable", e);
    }
  }

  /**
   * Checks a whole Retry packet, its last 16 bytes being the tag.
   *
   * @return false for a wrong tag or a packet too short to have one
   */
  public static boolean verify(QuicVersion version, byte[] odcid, byte[] buf, int off, int len) {
    if (len < LENGTH) {
      return false;
    }
    byte[] tag = compute(version, odcid, buf, off, len - LENGTH);
    int diff = 0;
    for (int i = 0; i < LENGTH; i++) {
      diff |= tag[i] ^ buf[off + len - LENGTH + i];
    }
    return diff == 0;
  }
}
