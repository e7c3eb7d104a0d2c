package dev.quic.handshaked.tls.bc;

import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.jspecify.annotations.Nullable;

/**
 * HMAC (RFC 2104) on one of the JDK's digests: a handshake takes four dozen for both ends, and
 * Bouncy Castle's copies a digest's state five times for each. Confined to one thread.
 */
final class Hmac {
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  private final MessageDigest digest;
  private final int block;
  private final byte[] hash;

  private Hmac(MessageDigest digest, int block) {
    this.digest = digest;
    this.block = block;
    this.hash = new byte[digest.getDigestLength()];
  }

  /** Null for a hash that the JDK is not asked for. */
  static @Nullable Hmac of(int cryptoHashAlgorithm) {
    return switch (cryptoHashAlgorithm) {
      case CryptoHashAlgorithm.sha256 -> of(JdkDigest.sha256());
      case CryptoHashAlgorithm.sha384 -> of(JdkDigest.sha384());
      default -> null;
    };
  }

  private static @Nullable Hmac of(@Nullable JdkDigest of) {
    return of == null ? null : new Hmac(of.digest(), of.getByteLength());
  }

  /** Bytes of the result. */
  int length() {
    return hash.length;
  }

  /**
   * The MAC of two pieces, one behind the other.
   *
   * @param out takes {@link #length} bytes from {@code off} on
   */
  void mac(byte[] key, byte[] first, byte[] second, byte[] out, int off) {
    byte[] pad = new byte[block];
    if (key.length > block) {
      byte[] shorter = digest.digest(key);
      System.arraycopy(shorter, 0, pad, 0, shorter.length);
      Arrays.fill(shorter, (byte) 0);
    } else {
      System.arraycopy(key, 0, pad, 0, key.length);
    }
    xor(pad, INNER);
    digest.update(pad);
    digest.update(first);
    digest.update(second);
    try {
      digest.digest(hash, 0, hash.length);
      xor(pad, (byte) (INNER ^ OUTER));
      digest.update(pad);
      digest.update(hash);
      digest.digest(out, off, hash.length);
    } catch (DigestException e) {
      throw new IllegalArgumentException("no room for a MAC", e);
    } finally {
      Arrays.fill(pad, (byte) 0);
      Arrays.fill(hash, (byte) 0);
    }
  }

  private static void xor(byte[] pad, byte with) {
    for (int i = 0; i < pad.length; i++) {
      pad[i] ^= with;
    }
  }
}
