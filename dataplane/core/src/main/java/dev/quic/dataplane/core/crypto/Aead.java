package dev.quic.dataplane.core.crypto;

import javax.security.auth.Destroyable;

/**
 * Authenticated encryption under one key, in one direction. The plug for other implementations
 * (native ones among them): packets come in runs, in one array, with consecutive numbers. Confined
 * to one thread.
 */
public interface Aead extends Destroyable {
  /**
   * Seals packets in place.
   *
   * @param start where each packet's header (the associated data) begins
   * @param body where each payload begins
   * @param end where each plaintext ends; 16 bytes of tag are written there
   * @param from first index used of the arrays
   * @param count packets
   * @param firstPn number of the first, the others follow
   */
  void sealRun(byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn);

  /**
   * Opens one packet in place.
   *
   * @param end where its ciphertext with tag ends
   * @return plaintext length, or -1 when it is not authentic; what lies at {@code body} is
   *     undefined then
   */
  int open(byte[] buf, int start, int body, int end, long pn);

  /** Wipes the key. */
  @Override
  void destroy();
}
