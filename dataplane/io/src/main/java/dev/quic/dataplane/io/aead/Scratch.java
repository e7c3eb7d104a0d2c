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

  /** The longest UDP payload there is. */
  private static final int TEXT = 65_536;

  /** Associated data is a packet's header: two ids, a token, some more. */
  private static final int HEADER = 65_536;

  private final MemorySegment memory =
      Arena.ofAuto().allocate(CONTEXT + 2 * BLOCK + HEADER + TEXT + 2 * BLOCK, 64);

  final long context = memory.address();
  final MemorySegment nonce = memory.asSlice(CONTEXT, BLOCK);
  final MemorySegment tag = memory.asSlice(CONTEXT + BLOCK, BLOCK);
  final MemorySegment header = memory.asSlice(CONTEXT + 2 * BLOCK, HEADER);
  final MemorySegment text = memory.asSlice(CONTEXT + 2 * BLOCK + HEADER, TEXT + BLOCK);

  /** A block that stays zero. */
  final long zerosAt = memory.address() + CONTEXT + 2 * BLOCK + HEADER + TEXT + BLOCK;

  final long nonceAt = nonce.address();
  final long tagAt = tag.address();
  final long headerAt = header.address();
  final long textAt = text.address();
}
