package dev.quic.handshaked.tls.libcrypto;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory of one call, zeroed before it is given back. Confined to one thread. */
final class Memory implements AutoCloseable {
  private static final long ALIGNMENT = 8;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment all;
  private long used;

  /**
   * @param size bytes of all pieces, each rounded up to a multiple of 8
   */
  Memory(long size) {
    all = arena.allocate(size, ALIGNMENT);
  }

  MemorySegment piece(long size) {
    MemorySegment out = all.asSlice(used, size);
    used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return out;
  }

  MemorySegment copy(byte[] of) {
    MemorySegment out = piece(of.length);
    MemorySegment.copy(of, 0, out, JAVA_BYTE, 0, of.length);
    return out;
  }

  @Override
  public void close() {
    all.fill((byte) 0);
    arena.close();
  }
}
