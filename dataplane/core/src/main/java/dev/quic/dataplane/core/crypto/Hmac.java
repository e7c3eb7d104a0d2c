package dev.quic.dataplane.core.crypto;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC (RFC 2104) on a digest of the JDK. A connection derives two dozen keys; {@code Mac} needs
 * two digests, a key object and several copies of the key for each. Confined to one thread.
 */
final class Hmac {
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  /** Only ever cloned, which spares the search for a provider. */
  private static final MessageDigest SHA256 = prototype("SHA-256");

  private static final MessageDigest SHA384 = prototype("SHA-384");

  private final MessageDigest digest;
  private final byte[] pad;

  /**
   * @param key any length; copied, wiped by {@link #finish}
   */
  Hmac(Hash hash, byte[] key) {
    digest = copy(hash == Hash.SHA256 ? SHA256 : SHA384);
    pad = new byte[hash.block()];
    if (key.length > pad.length) {
      byte[] shorter = digest.digest(key);
      System.arraycopy(shorter, 0, pad, 0, shorter.length);
      Arrays.fill(shorter, (byte) 0);
    } else {
      System.arraycopy(key, 0, pad, 0, key.length);
    }
    xor(INNER);
  }

  private static MessageDigest prototype(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks " + name, e);
    }
  }

  private static MessageDigest copy(MessageDigest of) {
    try {
      return (MessageDigest) of.clone();
    } catch (CloneNotSupportedException e) {
      // A provider whose digests cannot be copied.
      return prototype(of.getAlgorithm());
    }
  }

  /** The MAC of three pieces, one behind the other, into the beginning of {@code out}. */
  void mac(byte[] first, byte[] second, byte[] third, byte[] out) {
    digest.update(pad);
    digest.update(first);
    digest.update(second);
    digest.update(third);
    byte[] inner = digest.digest();
    xor((byte) (INNER ^ OUTER));
    digest.update(pad);
    digest.update(inner);
    xor((byte) (INNER ^ OUTER));
    try {
      digest.digest(out, 0, inner.length);
    } catch (DigestException e) {
      throw new IllegalArgumentException("no room for a MAC", e);
    } finally {
      Arrays.fill(inner, (byte) 0);
    }
  }

  /** Wipes the key; nothing may follow. */
  void finish() {
    Arrays.fill(pad, (byte) 0);
  }

  private void xor(byte with) {
    for (int i = 0; i < pad.length; i++) {
      pad[i] ^= with;
    }
  }
}
