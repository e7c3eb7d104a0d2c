package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.stream.Lease;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A link of a queue's chain: a block of message bytes and the headers of the messages in it.
 * Written by one thread, read by another; a message is visible once {@link #published} counts it.
 * The consumer gives a block of full size back as soon as nothing in it is wanted, also while the
 * chunk is the last of its queue: a socket at rest keeps none.
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

  /** Where the messages are. */
  record Block(byte[] buf, int[] header, long[] streamId) {
    private static final Block NONE = of(0, 0);

    /**
     * @param bytes of all messages together
     * @param messages a power of two, or 0
     */
    static Block of(int bytes, int messages) {
      return new Block(new byte[bytes], new int[messages * STRIDE], new long[messages]);
    }
  }

  // States of a chunk of full size: whether its block may be taken from it.
  private static final int IDLE = 0;
  private static final int WRITING = 1;
  private static final int RETIRED = 2;

  private final ChunkPool pool;

  /** Both sides'; the consumer takes it away when the state says that no one writes any more. */
  private Block block;

  /** Messages put in; the number wraps. The producer's. */
  final AtomicInteger published = new AtomicInteger();

  /** Messages that were read and are not looked at any more. The consumer's. */
  final AtomicInteger consumed = new AtomicInteger();

  private final AtomicInteger state = new AtomicInteger();

  /** The chunk that follows; set after the last message of this one was published. */
  volatile @Nullable Chunk next;

  /** The queue's reference, and one for each send buffer's. The consumer's. */
  private int references = 1;

  /** Whether the queue's is among them. */
  private boolean queued = true;

  Chunk(ChunkPool pool, Block block) {
    this.pool = pool;
    this.block = block;
  }

  /** Begins anew with another block: nobody looks at this chunk any more. */
  Chunk refill(Block fresh) {
    block = fresh;
    published.setPlain(0);
    consumed.setPlain(0);
    state.setPlain(IDLE);
    next = null;
    references = 1;
    queued = true;
    return this;
  }

  /** Consumer: whether neither the queue nor a send buffer looks at it any more. */
  boolean isFree() {
    return references == 0;
  }

  /** A chunk without room, which a queue begins with. */
  static Chunk empty(ChunkPool pool) {
    return new Chunk(pool, Block.NONE);
  }

  byte[] buf() {
    return block.buf;
  }

  int messages() {
    return block.streamId.length;
  }

  private int slot(int number) {
    return number & block.streamId.length - 1;
  }

  int get(int number, int field) {
    return block.header[slot(number) * STRIDE + field];
  }

  void set(int number, int field, int value) {
    block.header[slot(number) * STRIDE + field] = value;
  }

  long streamId(int number) {
    return block.streamId[slot(number)];
  }

  void streamId(int number, long id) {
    block.streamId[slot(number)] = id;
  }

  /**
   * Producer: keeps the block here until {@link #written}.
   *
   * @return false when it was taken away; nothing goes in any more
   */
  boolean write() {
    int s = state.getPlain();
    return s == WRITING || s == IDLE && state.compareAndSet(IDLE, WRITING);
  }

  /** Producer: what was written is published, or nothing is written after all. */
  void written() {
    if (state.getPlain() == WRITING) {
      state.setRelease(IDLE);
    }
  }

  /** Consumer: gives a block of full size back unless something in it is wanted or written. */
  void rest() {
    boolean full = block.buf.length == ChunkPool.CHUNK_BYTES;
    if (full && queued && references == 1 && isRead() && retire()) {
      leave();
    }
  }

  private boolean isRead() {
    return consumed.getPlain() == published.getAcquire();
  }

  /** Whether nothing is put in any more, and all of it was read. */
  private boolean retire() {
    boolean retired = state.getPlain() == RETIRED || state.compareAndSet(IDLE, RETIRED);
    // A message may have come before; who has read it comes here again.
    return retired && isRead();
  }

  /** Consumer: the queue has read all of it. */
  void leave() {
    if (queued) {
      queued = false;
      release();
    }
  }

  @Override
  public void retain() {
    references++;
  }

  @Override
  public void release() {
    if (--references == 0) {
      pool.give(block);
      block = Block.NONE;
    } else {
      rest();
    }
  }
}
