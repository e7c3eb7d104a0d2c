package dev.quic.dataplane.io.aead;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory through which one thread's packets pass, since the library cannot reach the heap
 * without an object a packet. Everything stands at a fixed place. Lives as long as it is reachable.
 */
final class Scratch {
  /** struct gcm_context_data has 88 bytes. */
  private static final int CONTEXT = 128;

  private static final int BLOCK = 16;

  /** The longest UDP payload there is, and the longest run. */
  private static final int TEXT = 65_536;

  private final MemorySegment memory =
      Arena.ofAuto().allocate(CONTEXT + 2 * BLOCK + TEXT + 2 * BLOCK, 64);

  /** Sealed packets on their way to the system. */
  final MemorySegment wire = Arena.ofAuto().allocate(TEXT + BLOCK, 64);

  final long wireAt = wire.address();
  final long context = memory.address();
  final MemorySegment nonce = memory.asSlice(CONTEXT, BLOCK);
  final MemorySegment tag = memory.asSlice(CONTEXT + BLOCK, BLOCK);
  final MemorySegment text = memory.asSlice(CONTEXT + 2 * BLOCK, TEXT + BLOCK);

  /** A block that stays zero. */
  final long zerosAt = memory.address() + CONTEXT + 2 * BLOCK + TEXT + BLOCK;

  final long nonceAt = nonce.address();
  final long tagAt = tag.address();
  final long textAt = text.address();
}
