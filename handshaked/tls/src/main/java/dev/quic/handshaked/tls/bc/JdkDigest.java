package dev.quic.handshaked.tls.bc;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.util.Memoable;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's hash functions for Bouncy Castle: the JVM computes them with the processor's own
 * instructions where it has them, which takes a tenth off a handshake. Confined to one thread.
 */
final class JdkDigest implements ExtendedDigest, Memoable {
  /** Only ever cloned. */
  private static final @Nullable MessageDigest SHA256 = prototype("SHA-256");

  private static final @Nullable MessageDigest SHA384 = prototype("SHA-384");

  private static final int SHA256_BLOCK = 64;
  private static final int SHA384_BLOCK = 128;

  private final int block;
  private MessageDigest digest;

  private JdkDigest(MessageDigest digest, int block) {
    this.digest = digest;
    this.block = block;
  }

  /** Null when the JDK's provider cannot be copied, which its own can. */
  static @Nullable JdkDigest sha256() {
    return SHA256 == null ? null : new JdkDigest(clone(SHA256), SHA256_BLOCK);
  }

  /** As {@link #sha256}. */
  static @Nullable JdkDigest sha384() {
    return SHA384 == null ? null : new JdkDigest(clone(SHA384), SHA384_BLOCK);
  }

  private static @Nullable MessageDigest prototype(String name) {
    try {
      return (MessageDigest) MessageDigest.getInstance(name).clone();
    } catch (NoSuchAlgorithmException | CloneNotSupportedException e) {
      return null;
    }
  }

  private static MessageDigest clone(MessageDigest of) {
    try {
      return (MessageDigest) of.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The digest itself, for one owner. */
  MessageDigest digest() {
    return digest;
  }

  @Override
  public String getAlgorithmName() {
    return digest.getAlgorithm();
  }

  @Override
  public int getDigestSize() {
    return digest.getDigestLength();
  }

  @Override
  public int getByteLength() {
    return block;
  }

  @Override
  public void update(byte in) {
    digest.update(in);
  }

  @Override
  public void update(byte[] in, int off, int len) {
    digest.update(in, off, len);
  }

  @Override
  public int doFinal(byte[] out, int off) {
    try {
      return digest.digest(out, off, digest.getDigestLength());
    } catch (DigestException e) {
      throw new IllegalArgumentException("no room for a hash", e);
    }
  }

  @Override
  public void reset() {
    digest.reset();
  }

  @Override
  public JdkDigest copy() {
    return new JdkDigest(clone(digest), block);
  }

  @Override
  public void reset(Memoable other) {
    digest = clone(((JdkDigest) other).digest);
  }
}
