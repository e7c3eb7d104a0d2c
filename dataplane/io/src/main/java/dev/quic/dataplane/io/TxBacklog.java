package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sends that found the socket buffer full, in order, bounded in bytes. One thread. */
final class TxBacklog {
  /**
   * A send in waiting.
   *
   * @param ecn ECN field, 0 to 3
   */
  @SuppressWarnings("ArrayRecordComponent") // private to the module, never compared
  record Entry(byte[] bytes, int segmentSize, @Nullable SockAddr local, SockAddr remote, byte ecn) {
    int segments() {
      return (bytes.length + segmentSize - 1) / segmentSize;
    }
  }

  private final ArrayDeque<Entry> queue = new ArrayDeque<>();
  private int bytes;

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Copies the bytes from {@code off} on; false when they do not fit. */
  boolean add(
      byte[] slab,
      int off,
      int len,
      int segmentSize,
      @Nullable SockAddr local,
      SockAddr remote,
      byte ecn) {
    if (bytes + len > IoLimits.TX_BACKLOG_BYTES) {
      return false;
    }
    queue.add(new Entry(Arrays.copyOfRange(slab, off, off + len), segmentSize, local, remote, ecn));
    bytes += len;
    return true;
  }

  @Nullable Entry peek() {
    return queue.peek();
  }

  /** Drops the first {@code sent} bytes of the oldest entry. */
  void replaceHead(int sent) {
    Entry e = queue.peek();
    if (e == null || sent == 0) {
      return;
    }
    queue.remove();
    bytes -= sent;
    byte[] rest = Arrays.copyOfRange(e.bytes(), sent, e.bytes().length);
    queue.addFirst(new Entry(rest, e.segmentSize(), e.local(), e.remote(), e.ecn()));
  }

  void remove() {
    bytes -= queue.remove().bytes().length;
  }

  void clear() {
    queue.clear();
    bytes = 0;
  }
}
