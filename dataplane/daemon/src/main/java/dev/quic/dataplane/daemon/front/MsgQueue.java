package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.stream.Lease;
import dev.quic.uapi.QuicUapi;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Messages from exactly one thread (the producer) to exactly one other (the consumer), in chunks of
 * up to 64 KiB. A queue whose few messages are read before more come goes on in one small chunk;
 * one that fills up takes larger ones, which go back to the pool once they were read. Bounded: the
 * producer is refused once {@code maxChunks} chunks wait. Nothing here blocks; who was refused
 * finds {@link #stalled} set by itself and is told by the consumer once half of the queue is free.
 */
public final class MsgQueue {
  /** A message of no more bytes is not worth dividing between two chunks. */
  public static final int WHOLE_BYTES = 4_096;

  /** Messages of no more bytes each are no reason for chunks of full size. */
  private static final int SMALL_BYTES = 1_024;

  private final ChunkPool pool;
  private final int maxChunks;
  private final AtomicInteger chunks = new AtomicInteger();

  /** Set by a refused producer, cleared by the consumer that tells it. */
  private volatile boolean stalled;

  /** Bytes ever put in, and bytes ever taken out; each written by one side. */
  private final AtomicLong bytesIn = new AtomicLong();

  private final AtomicLong bytesOut = new AtomicLong();

  /** Chunks the consumer is done with, for the producer to use again, by {@link Chunk#next}. */
  private final AtomicReference<@Nullable Chunk> spare = new AtomicReference<>();

  // The producer's.
  private @Nullable Chunk again;
  private Chunk tail;
  private int tailBytes;
  private int tailMessages;
  private int writeOff;
  private int writeCount;

  /** Messages in the last chunk when it was begun anew. */
  private int restarted;

  // The consumer's.
  private Chunk head;

  /** Whether the first chunk is that of a message. */
  private boolean begun;

  private int readIndex;
  private int readDone;

  /**
   * @param maxChunks 2 or more
   */
  public MsgQueue(ChunkPool pool, int maxChunks) {
    this.pool = pool;
    this.maxChunks = maxChunks;
    // Without room: a socket that nothing is said on costs no block.
    tail = Chunk.empty(pool);
    head = tail;
  }

  // Producer.

  /**
   * Makes room for a message of {@code min} bytes (at most {@link ChunkPool#CHUNK_BYTES}). On
   * success {@link #writeBuffer}, {@link #writeOffset} and {@link #writeRoom} tell where its bytes
   * go; then comes {@link #commit}, or {@link #cancel}.
   *
   * @return false when the queue is full; the producer will be told when to try again
   */
  public boolean reserve(int min) {
    boolean small = tailBytes < ChunkPool.CHUNK_BYTES;
    if ((small || tail.write()) && fits(min) || small && restart(min)) {
      return true;
    }
    if (!hasRoom()) {
      return false;
    }
    chunks.incrementAndGet();
    tailBytes = ChunkPool.after(tailBytes == ChunkPool.CHUNK_BYTES && quiet() ? 0 : tailBytes, min);
    Chunk.Block block = pool.take(tailBytes);
    Chunk fresh = link(block);
    tailMessages = fresh.messages();
    if (tailBytes == ChunkPool.CHUNK_BYTES) {
      var unused = fresh.write();
    }
    tail.next = fresh;
    tail = fresh;
    writeOff = 0;
    writeCount = 0;
    restarted = 0;
    return true;
  }

  /**
   * Whether there is room for any one message. The producer, who will be told when to ask again if
   * not.
   */
  public boolean hasRoom() {
    if (chunks.get() < maxChunks) {
      return true;
    }
    stalled = true;
    // The consumer may have freed everything between the two lines above.
    if (chunks.get() >= maxChunks) {
      return false;
    }
    stalled = false;
    return true;
  }

  private Chunk link(Chunk.Block block) {
    Chunk old = again == null ? spare.getAndSet(null) : again;
    if (old == null) {
      return new Chunk(pool, block);
    }
    again = old.next;
    return old.refill(block);
  }

  /** Nothing is written where {@link #reserve} made room. */
  public void cancel() {
    tail.written();
  }

  private boolean fits(int min) {
    return tailBytes - writeOff >= min && writeCount - restarted < tailMessages;
  }

  /**
   * Begins a small chunk anew, whose bytes are never lent, when all of it was read. Larger messages
   * go on in a larger one: they must not be cut.
   *
   * @return false when it will not do
   */
  private boolean restart(int min) {
    if (tailMessages == 0 || tailBytes < min || !quiet()) {
      return false;
    }
    writeOff = 0;
    restarted = writeCount;
    return true;
  }

  /** Whether the chunk carried small messages and the reader keeps up with them. */
  private boolean quiet() {
    return writeOff <= (writeCount - restarted) * SMALL_BYTES
        && tail.consumed.getAcquire() == writeCount;
  }

  public byte[] writeBuffer() {
    return tail.buf();
  }

  public int writeOffset() {
    return writeOff;
  }

  /** Bytes left where {@link #reserve} made room; at least what was asked for. */
  public int writeRoom() {
    return tailBytes - writeOff;
  }

  /** Publishes the message whose {@code len} bytes were written at {@link #writeOffset}. */
  public void commit(Msg msg, int kind, int seq, int len) {
    Chunk c = tail;
    int i = writeCount;
    c.set(i, Chunk.OFF, writeOff);
    c.set(i, Chunk.LEN, len);
    c.set(i, Chunk.FLAGS, msg.flags);
    c.set(i, Chunk.CMSG, msg.cmsg);
    c.set(i, Chunk.STREAM_FLAGS, msg.streamFlags);
    c.set(i, Chunk.LEVEL, msg.cryptoLevel);
    c.set(i, Chunk.KIND, kind);
    c.set(i, Chunk.SEQ, seq);
    c.streamId(i, msg.streamId);
    writeOff += len;
    writeCount++;
    bytesIn.setOpaque(bytesIn.getPlain() + len);
    c.published.setRelease(writeCount);
    c.written();
  }

  /** Copies a message in. @return false when the queue is full */
  public boolean offer(Msg msg, int kind, int seq, byte[] buf, int off, int len) {
    if (!reserve(len)) {
      return false;
    }
    System.arraycopy(buf, off, tail.buf(), writeOff, len);
    commit(msg, kind, seq, len);
    return true;
  }

  // Consumer.

  /** Moves to the next message; its fields can be read until {@link #drop}. */
  public boolean hasNext() {
    while (readIndex == head.published.getAcquire()) {
      Chunk next = head.next;
      if (next == null) {
        head.rest();
        return false;
      }
      // Published before it was linked, so this second look is final.
      if (readIndex != head.published.getAcquire()) {
        return true;
      }
      Chunk done = head;
      head = next;
      readIndex = 0;
      done.leave();
      if (done.isFree()) {
        keep(done);
      }
      if (begun) {
        chunks.decrementAndGet();
      }
      begun = true;
    }
    return true;
  }

  private void keep(Chunk done) {
    Chunk others = spare.get();
    done.next = others;
    while (!spare.compareAndSet(others, done)) {
      others = spare.get();
      done.next = others;
    }
  }

  /** Bytes that wait; about right, from any thread. */
  public long waitingBytes() {
    return Math.max(0, bytesIn.getOpaque() - bytesOut.getOpaque());
  }

  /** Whether a producer waits that can now go on; clears the wish. Call after consuming. */
  public boolean takeStalled() {
    if (stalled && chunks.get() <= Math.max(1, maxChunks / 2)) {
      stalled = false;
      return true;
    }
    return false;
  }

  /** Who lends {@link #buffer}. */
  Lease lease() {
    return head;
  }

  public byte[] buffer() {
    return head.buf();
  }

  public int offset() {
    return head.get(readIndex, Chunk.OFF) + readDone;
  }

  /** Bytes of the current message not yet taken. */
  public int length() {
    return head.get(readIndex, Chunk.LEN) - readDone;
  }

  /** Bytes of the current message already taken. */
  public int taken() {
    return readDone;
  }

  public int kind() {
    return head.get(readIndex, Chunk.KIND);
  }

  public int seq() {
    return head.get(readIndex, Chunk.SEQ);
  }

  public Msg header(Msg into) {
    int i = readIndex;
    into.flags = head.get(i, Chunk.FLAGS);
    into.cmsg = head.get(i, Chunk.CMSG);
    into.streamFlags = head.get(i, Chunk.STREAM_FLAGS);
    into.cryptoLevel = head.get(i, Chunk.LEVEL);
    into.streamId = head.streamId(i);
    return into;
  }

  public void take(int bytes) {
    readDone += bytes;
    bytesOut.setOpaque(bytesOut.getPlain() + bytes);
  }

  public void drop() {
    bytesOut.setOpaque(bytesOut.getPlain() + length());
    readIndex++;
    readDone = 0;
    head.consumed.setRelease(readIndex);
  }

  /**
   * What recvmsg does with the queue: one message, or, of one stream, as many as fit; a message
   * that does not fit keeps its rest for the next call.
   *
   * @param out flags and control message of what was read
   * @return bytes, or -1 when nothing waits
   */
  public int read(Msg out, byte[] buf, int off, int len, boolean peek) {
    if (!hasNext()) {
      return -1;
    }
    header(out);
    if (peek) {
      int n = Math.min(len, length());
      System.arraycopy(buffer(), offset(), buf, off, n);
      if (n < length()) {
        hideEnd(out);
      }
      return n;
    }
    int n = 0;
    while (true) {
      int part = Math.min(len - n, length());
      System.arraycopy(buffer(), offset(), buf, off + n, part);
      n += part;
      if (part < length()) {
        take(part);
        hideEnd(out);
        return n;
      }
      drop();
      if (!continues(out, len - n)) {
        return n;
      }
      header(out);
    }
  }

  /** Whether the next message is more of the one just read. */
  private boolean continues(Msg last, int room) {
    boolean stream = last.cmsg == QuicUapi.QUIC_STREAM_INFO;
    if (stream
        ? (last.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0
        : (last.flags & QuicUapi.MSG_EOR) != 0) {
      return false;
    }
    if (!hasNext() || head.get(readIndex, Chunk.CMSG) != last.cmsg) {
      return false;
    }
    if (room == 0 && length() > 0) {
      return false;
    }
    if (stream) {
      return head.streamId(readIndex) == last.streamId;
    }
    return ((head.get(readIndex, Chunk.FLAGS) ^ last.flags) & ~QuicUapi.MSG_EOR) == 0
        && head.get(readIndex, Chunk.LEVEL) == last.cryptoLevel;
  }

  /** A message whose rest stays behind shows neither its end nor the end of its stream. */
  private static void hideEnd(Msg m) {
    m.flags &= ~QuicUapi.MSG_EOR;
    if (m.cmsg == QuicUapi.QUIC_STREAM_INFO) {
      m.streamFlags &= ~QuicUapi.MSG_QUIC_STREAM_FIN;
    } else {
      m.flags &= ~QuicUapi.MSG_QUIC_STREAM_FIN;
    }
  }
}
