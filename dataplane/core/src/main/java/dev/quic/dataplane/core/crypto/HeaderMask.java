package dev.quic.dataplane.core.crypto;

import javax.security.auth.Destroyable;

/**
 * One key of header protection: what is XORed into headers, made of samples of what they stand
 * before (RFC 9001 section 5.4.1). Confined to one thread.
 */
public interface HeaderMask extends Destroyable {
  /** Bytes of a mask that count. */
  int LENGTH = 5;

  /**
   * Turns samples into masks, all {@link QuicCipher#SAMPLE} bytes apart.
   *
   * @param sample {@code n} samples from 0 on
   * @param mask out: {@code n} masks from 0 on, of which {@link #LENGTH} bytes count
   * @throws IllegalStateException when the key was wiped
   */
  void masks(byte[] sample, byte[] mask, int n);

  /** Wipes the key. */
  @Override
  void destroy();
}
