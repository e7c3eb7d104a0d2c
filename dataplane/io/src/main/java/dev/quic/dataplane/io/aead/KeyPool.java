package dev.quic.dataplane.io.aead;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;

/**
 * Native memory for keys of one size, kept from one key to the next: a connection sets up a dozen
 * and wipes them again, and pieces as large as these the C library searches for. One thread.
 */
final class KeyPool {
  /** Pieces kept that nobody uses. */
  static final int MAX_SPARE = 128;

  private static final Cleaner CLEANER = Cleaner.create();

  private final long bytes;
  private final ArrayDeque<MemorySegment> spare = new ArrayDeque<>();

  /**
   * @param bytes of a key, as for {@link NativeHeap#allocate}
   */
  KeyPool(long bytes) {
    this.bytes = bytes;
    ArrayDeque<MemorySegment> last = spare;
    CLEANER.register(this, () -> last.forEach(NativeHeap::free));
  }

  /** Zeroed memory, the caller's until {@link #give}. */
  MemorySegment take() {
    MemorySegment kept = spare.poll();
    return kept == null ? NativeHeap.allocate(bytes) : kept;
  }

  /** Wipes what {@link #take} gave, and keeps it. */
  void give(MemorySegment memory) {
    memory.fill((byte) 0);
    if (spare.size() < MAX_SPARE) {
      spare.push(memory);
    } else {
      NativeHeap.free(memory);
    }
  }

  /** Pieces kept at present. */
  int spare() {
    return spare.size();
  }
}
