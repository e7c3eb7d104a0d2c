package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.stream.Lease;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A block of message bytes and the headers of the messages in it. Written by one thread, read by
 * another; a message is visible once {@link #published} counts it.
 */
final class Chunk implements Lease {
  static final int OFF = 0;
  static final int LEN = 1;
  static final int FLAGS = 2;
  static final int CMSG = 3;
  static final int STREAM_FLAGS = 4;
  static final int LEVEL = 5;
  static final int KIND = 6;
  static final int SEQ = 7;
  private static final int STRIDE = 8;
  private static final byte[] NO_BYTES = {};
  private static final int[] NO_INTS = {};
  private static final long[] NO_LONGS = {};

  final byte[] buf;
  private final ChunkPool pool;
  private final int[] header;
  private final long[] streamId;

  /** Messages that may be read. */
  final AtomicInteger published = new AtomicInteger();

  /** The chunk that follows; set after the last message of this one was published. */
  volatile @Nullable Chunk next;

  /** The queue's reference, and one for each send buffer's. The consumer's. */
  private int references = 1;

  Chunk(ChunkPool pool, int bytes, int messages) {
    this(pool, new byte[bytes], new int[messages * STRIDE], new long[messages]);
  }

  private Chunk(ChunkPool pool, byte[] buf, int[] header, long[] streamId) {
    this.pool = pool;
    this.buf = buf;
    this.header = header;
    this.streamId = streamId;
  }

  /** A chunk without room, which a queue begins with. */
  static Chunk empty(ChunkPool pool) {
    return new Chunk(pool, NO_BYTES, NO_INTS, NO_LONGS);
  }

  int messages() {
    return streamId.length;
  }

  int get(int index, int field) {
    return header[index * STRIDE + field];
  }

  void set(int index, int field, int value) {
    header[index * STRIDE + field] = value;
  }

  long streamId(int index) {
    return streamId[index];
  }

  void streamId(int index, long id) {
    streamId[index] = id;
  }

  @Override
  public void retain() {
    references++;
  }

  @Override
  public void release() {
    if (--references == 0) {
      pool.give(this);
    }
  }

  void recycle() {
    references = 1;
    published.setPlain(0);
    next = null;
  }
}
