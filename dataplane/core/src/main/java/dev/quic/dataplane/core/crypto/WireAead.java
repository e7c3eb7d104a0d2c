package dev.quic.dataplane.core.crypto;

/**
 * An {@link Aead} that works outside the heap and can leave sealed packets there, where the system
 * takes them from, instead of copying them back. That memory is its thread's: what stands in it is
 * good until the next run is sealed. Header protection is put on there, too.
 */
public interface WireAead extends Aead {
  /** Address of the memory, for whoever sends from it. */
  long wire();

  /**
   * Seals packets that stand back to back in {@code buf}, which stays as it is, into the wire
   * memory: the first of them at its beginning, the others as far behind it as they are in {@code
   * buf}. Parameters as of {@link #sealRun}.
   */
  void sealToWire(
      byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn);

  /**
   * Copies the header protection sample of each packet sealed last.
   *
   * @param base what to take off {@code at} to have offsets in the wire memory
   * @param at where each sample begins
   * @param samples out: 16 bytes each, back to back
   */
  void samples(int base, int[] at, int from, int count, byte[] samples);

  /**
   * Changes bits of the wire memory.
   *
   * @param offset from its beginning
   * @param mask to be XORed with the byte there
   */
  void flip(int offset, int mask);
}
