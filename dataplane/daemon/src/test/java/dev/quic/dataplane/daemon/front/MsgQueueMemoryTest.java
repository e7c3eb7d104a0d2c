package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A queue holds as much memory as its messages need, and they arrive whole and in order. */
class MsgQueueMemoryTest {
  private static final int SMALL = 64;
  private static final int LARGE = 16_384;

  private final MsgQueue queue = new MsgQueue(new ChunkPool(), 8);
  private int sent;
  private int received;

  private boolean offer(int bytes) {
    byte[] b = new byte[bytes];
    Arrays.fill(b, (byte) sent);
    if (!queue.offer(new Msg().stream(sent, 0), 0, sent, b, 0, bytes)) {
      return false;
    }
    sent++;
    return true;
  }

  private void takeAll() {
    while (queue.hasNext()) {
      takeOne();
    }
  }

  private void takeOne() {
    assertThat(queue.seq()).isEqualTo(received);
    assertThat(queue.header(new Msg()).streamId).isEqualTo(received);
    byte[] buf = queue.buffer();
    int off = queue.offset();
    for (int i = 0; i < queue.length(); i++) {
      if (buf[off + i] != (byte) received) {
        throw new AssertionError("message " + received + " at " + i);
      }
    }
    queue.drop();
    received++;
  }

  @Test
  void messagesThatAreReadAtOnceStayInTheSmallestChunk() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(offer(SMALL)).isTrue();
      assertThat(queue.writeBuffer()).hasSize(ChunkPool.LEAST_CHUNK_BYTES);
      takeAll();
    }
    assertThat(received).isEqualTo(10_000);
  }

  @Test
  void roomForAReceiverStaysSmallToo() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(queue.reserve(4_096)).isTrue();
      assertThat(queue.writeBuffer()).hasSize(ChunkPool.SMALL_CHUNK_BYTES);
      queue.commit(new Msg().stream(i, 0), 0, i, SMALL);
      assertThat(queue.hasNext()).isTrue();
      assertThat(queue.seq()).isEqualTo(i);
      queue.drop();
    }
  }

  @Test
  void aBurstTakesLargeChunksAndQuietGivesThemBack() {
    for (int i = 0; i < 500; i++) {
      assertThat(offer(SMALL)).isTrue();
    }
    assertThat(queue.writeBuffer()).hasSize(ChunkPool.CHUNK_BYTES);
    takeAll();
    assertThat(offer(SMALL)).isTrue();
    takeAll();
    assertThat(queue.writeBuffer()).hasSize(ChunkPool.LEAST_CHUNK_BYTES);
    assertThat(received).isEqualTo(sent);
  }

  @Test
  void largeMessagesStayInLargeChunks() {
    for (int i = 0; i < 100; i++) {
      assertThat(offer(LARGE)).isTrue();
      assertThat(queue.writeBuffer()).hasSize(ChunkPool.CHUNK_BYTES);
      takeAll();
    }
  }

  /** Whoever takes what room there is is not held to the first chunk's. */
  @Test
  void aWriterOfMuchSoonHasRoomForMuch() {
    for (int i = 0; i < 2; i++) {
      assertThat(queue.reserve(MsgQueue.WHOLE_BYTES)).isTrue();
      int room = queue.writeRoom();
      assertThat(room).isEqualTo(i == 0 ? ChunkPool.SMALL_CHUNK_BYTES : ChunkPool.CHUNK_BYTES);
      queue.commit(new Msg().stream(0, 0), 0, i, room);
      assertThat(queue.hasNext()).isTrue();
      queue.drop();
    }
  }

  @Test
  void anEmptyMessageComesFirst() {
    assertThat(offer(0)).isTrue();
    takeAll();
    assertThat(received).isEqualTo(1);
  }

  @Test
  void messagesLeftUnreadAreNotWrittenOver() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      offer(random.nextInt(random.nextInt(10) == 0 ? 3_000 : 300));
      for (int n = random.nextInt(3); n > 0 && queue.hasNext(); n--) {
        takeOne();
      }
    }
    takeAll();
    assertThat(received).isEqualTo(sent);
  }

  @Test
  void whatOneThreadWritesAnotherReads() throws InterruptedException {
    int messages = 300_000;
    Random random = new Random(1);
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread producer =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((t, e) -> failed.set(e))
            .start(() -> {
              while (sent < messages) {
                if (!offer(1 + random.nextInt(random.nextInt(100) == 0 ? LARGE : 200))) {
                  Thread.onSpinWait();
                }
              }
            });
    while (received < messages && failed.get() == null) {
      takeAll();
    }
    producer.join();
    assertThat(failed.get()).isNull();
    assertThat(received).isEqualTo(messages);
  }
}
