package dev.quic.dataplane.core.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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
    // Zeros, or nothing, fill the key's block alike.
    Hmac mac = new Hmac(hash, salt);
    byte[] out = new byte[hash.length()];
    mac.mac(ikm, EMPTY, EMPTY, out);
    mac.finish();
    return out;
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
    Hmac mac = new Hmac(hash, secret);
    byte[] out = new byte[length];
    byte[] block = new byte[hash.length()];
    byte[] last = EMPTY;
    byte[] number = new byte[1];
    for (int done = 0; done < length; done += block.length) {
      number[0]++;
      mac.mac(last, info, number, block);
      last = block;
      System.arraycopy(block, 0, out, done, Math.min(block.length, length - done));
    }
    mac.finish();
    Arrays.fill(block, (byte) 0);
    return out;
  }
}
