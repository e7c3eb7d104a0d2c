package dev.quic.dataplane.io.aead;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The C library's heap, for keys that live as long as a connection: an arena each costs more. */
final class NativeHeap {
  private static final long CACHE_LINE = 64;
  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle ALIGNED_ALLOC =
      find("aligned_alloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG));

  private static final MethodHandle FREE = find("free", FunctionDescriptor.ofVoid(ADDRESS));

  private NativeHeap() {}

  private static MethodHandle find(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
  }

  /**
   * Zeroed bytes that begin at a cache line.
   *
   * @param bytes a multiple of 32; rounded up to whole cache lines
   * @throws OutOfMemoryError when there are none left
   */
  static MemorySegment allocate(long bytes) {
    long size = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    MemorySegment raw;
    try {
      raw = (MemorySegment) ALIGNED_ALLOC.invokeExact(CACHE_LINE, size);
    } catch (Throwable e) {
      throw new IllegalStateException("aligned_alloc cannot be called", e);
    }
    if (raw.address() == 0) {
      throw new OutOfMemoryError("no native memory for a key");
    }
    MemorySegment all = raw.reinterpret(size);
    all.fill((byte) 0);
    return all;
  }

  /** Gives back what {@link #allocate} returned; the caller has wiped it. */
  static void free(MemorySegment memory) {
    try {
      FREE.invokeExact(memory);
    } catch (Throwable e) {
      throw new IllegalStateException("free cannot be called", e);
    }
  }
}
