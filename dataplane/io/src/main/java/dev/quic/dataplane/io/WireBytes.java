package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quic.dataplane.core.protocol.TxBatch;
import java.lang.foreign.MemorySegment;

/** Datagrams that an AEAD left outside the heap ({@link TxBatch#wire}). */
final class WireBytes {
  private WireBytes() {}

  /** Has a batch's bytes in its slab, for whoever needs them there. */
  static void fetch(TxBatch batch) {
    if (batch.wire != 0) {
      MemorySegment from = MemorySegment.ofAddress(batch.wire).reinterpret(batch.len);
      MemorySegment.copy(from, JAVA_BYTE, 0, batch.slab, 0, batch.len);
      batch.wire = 0;
    }
  }
}
