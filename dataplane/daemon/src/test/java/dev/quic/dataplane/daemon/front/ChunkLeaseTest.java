package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.stream.Lease;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes lent to a send buffer stay what they are until it gives them back. */
class ChunkLeaseTest {
  private static final int MESSAGE = 40_000;
  private static final int SMALL = 100;

  private final ChunkPool pool = new ChunkPool();
  private final MsgQueue queue = new MsgQueue(pool, 4);

  private void send(int first) {
    byte[] b = new byte[MESSAGE];
    java.util.Arrays.fill(b, (byte) first);
    assertThat(queue.offer(new Msg().stream(0, 0), 0, 0, b, 0, b.length)).isTrue();
  }

  /** Takes the current message, as a socket that keeps its bytes does. */
  private Lease borrow() {
    assertThat(queue.hasNext()).isTrue();
    Lease lease = queue.lease();
    lease.retain();
    queue.take(queue.length());
    queue.drop();
    return lease;
  }

  /** Every chunk the pool has. */
  private List<byte[]> free() {
    List<Chunk> taken = new ArrayList<>();
    List<byte[]> buffers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Chunk c = new Chunk(pool, pool.take(ChunkPool.CHUNK_BYTES));
      taken.add(c);
      buffers.add(c.buf());
    }
    taken.forEach(Chunk::release);
    return buffers;
  }

  private static boolean has(List<byte[]> buffers, byte[] one) {
    return buffers.stream().anyMatch(b -> b == one);
  }

  @Test
  void aLentChunkIsNotUsedAgainBeforeItCameBack() {
    send(1);
    send(2);
    assertThat(queue.hasNext()).isTrue();
    byte[] lent = queue.buffer();
    int at = queue.offset();
    Lease lease = borrow();
    // The queue itself is done with the first chunk.
    borrow().release();
    assertThat(queue.hasNext()).isFalse();
    for (int i = 3; i < 20; i++) {
      send(i);
      assertThat(queue.hasNext()).isTrue();
      assertThat(queue.buffer()).isNotSameAs(lent);
      queue.drop();
    }
    assertThat(has(free(), lent)).isFalse();
    assertThat(lent[at]).isEqualTo((byte) 1);
    assertThat(lent[at + MESSAGE - 1]).isEqualTo((byte) 1);

    lease.release();
    assertThat(has(free(), lent)).isTrue();
  }

  @Test
  void theLastOfSeveralLeasesCounts() {
    send(1);
    assertThat(queue.hasNext()).isTrue();
    byte[] lent = queue.buffer();
    Lease first = queue.lease();
    first.retain();
    Lease second = borrow();
    assertThat(second).isSameAs(first);
    send(2);
    borrow().release();
    first.release();
    assertThat(has(free(), lent)).isFalse();
    second.release();
    assertThat(has(free(), lent)).isTrue();
  }

  @Test
  void whatIsLentDoesNotCountAgainstTheQueue() {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      send(i);
      leases.add(borrow());
    }
    leases.forEach(Lease::release);
    send(50);
    assertThat(queue.hasNext()).isTrue();
    assertThat(queue.buffer()[queue.offset()]).isEqualTo((byte) 50);
  }

  /** A chunk the queue still reads from, or writes to, is not given away when its leases end. */
  @Test
  void theQueuesOwnReferenceHoldsToo() {
    send(1);
    byte[] small = new byte[SMALL];
    assertThat(queue.offer(new Msg().stream(0, 0), 0, 0, small, 0, SMALL)).isTrue();
    assertThat(queue.hasNext()).isTrue();
    byte[] current = queue.buffer();
    borrow().release();
    assertThat(has(free(), current)).isFalse();
    assertThat(queue.reserve(SMALL)).isTrue();
    borrow().release();
    assertThat(has(free(), current)).isFalse();
    queue.cancel();
    assertThat(queue.hasNext()).isFalse();
    assertThat(has(free(), current)).isTrue();
  }

  /** The last chunk of a queue that was read to its end goes back with its last lease. */
  @Test
  void aQueueAtRestKeepsNothing() {
    send(1);
    assertThat(queue.hasNext()).isTrue();
    byte[] lent = queue.buffer();
    Lease lease = borrow();
    assertThat(queue.hasNext()).isFalse();
    assertThat(has(free(), lent)).isFalse();
    lease.release();
    assertThat(has(free(), lent)).isTrue();
    send(2);
    assertThat(queue.hasNext()).isTrue();
    assertThat(queue.buffer()[queue.offset()]).isEqualTo((byte) 2);
  }
}
