package dev.quic.dataplane.core.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;

/** HKDF (RFC 5869) and HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1) with empty context. */
public final class Hkdf {
  private Hkdf() {}

  private static final byte[] PREFIX = "tls13 ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EMPTY = new byte[0];

  /**
   * HKDF-Extract.
   *
   * @param salt any length; empty stands for zeros
   */
  public static byte[] extract(Hash hash, byte[] salt, byte[] ikm) {
    Mac mac = mac(hash, salt.length == 0 ? new byte[hash.length()] : salt);
    return mac.doFinal(ikm);
  }

  /**
   * HKDF-Expand-Label.
   *
   * @param label without the {@code "tls13 "} prefix, ASCII, at most 249 characters
   * @param length bytes wanted, at most 255 hashes
   */
  public static byte[] expandLabel(Hash hash, byte[] secret, String label, int length) {
    return expandLabel(hash, secret, label, EMPTY, length);
  }

  /** HKDF-Expand-Label with a context of at most 255 bytes. */
  public static byte[] expandLabel(
      Hash hash, byte[] secret, String label, byte[] context, int length) {
    byte[] name = label.getBytes(StandardCharsets.US_ASCII);
    byte[] info = new byte[4 + PREFIX.length + name.length + context.length];
    info[0] = (byte) (length >>> 8);
    info[1] = (byte) length;
    info[2] = (byte) (PREFIX.length + name.length);
    System.arraycopy(PREFIX, 0, info, 3, PREFIX.length);
    System.arraycopy(name, 0, info, 3 + PREFIX.length, name.length);
    int at = 3 + PREFIX.length + name.length;
    info[at] = (byte) context.length;
    System.arraycopy(context, 0, info, at + 1, context.length);
    return expand(hash, secret, info, length);
  }

  /** HKDF-Expand. */
  public static byte[] expand(Hash hash, byte[] secret, byte[] info, int length) {
    Mac mac = mac(hash, secret);
    byte[] out = new byte[length];
    byte[] block = EMPTY;
    for (int done = 0, n = 1; done < length; n++) {
      mac.update(block);
      mac.update(info);
      mac.update((byte) n);
      Arrays.fill(block, (byte) 0);
      block = mac.doFinal();
      int take = Math.min(block.length, length - done);
      System.arraycopy(block, 0, out, done, take);
      done += take;
    }
    Arrays.fill(block, (byte) 0);
    return out;
  }

  private static Mac mac(Hash hash, byte[] bytes) {
    // Not a SecretKeySpec: its copy of a traffic secret would outlive the connection.
    WipeableKey key = new WipeableKey(hash.mac(), bytes);
    try {
      Mac mac = Jce.mac(hash.mac());
      mac.init(key);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks " + hash.mac(), e);
    } finally {
      key.destroy();
    }
  }
}
