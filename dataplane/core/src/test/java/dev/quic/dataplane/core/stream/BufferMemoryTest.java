package dev.quic.dataplane.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What received data costs, and that all of it is given back. */
class BufferMemoryTest {
  private final ChunkPool net = new ChunkPool();
  private final ChunkPool account = net.account();
  private final byte[] one = {1};

  @Test
  void aByteInEachOfManyStreamsCostsLittle() {
    List<RecvBuffer> all = new ArrayList<>();
    for (int i = 0; i < 4_096; i++) {
      RecvBuffer b = new RecvBuffer(account);
      b.insert(0, one, 0, 1);
      all.add(b);
    }
    assertThat(account.held()).isEqualTo(4_096L * Limits.SMALL_CHUNK);
    all.forEach(RecvBuffer::clear);
    assertThat(account.held()).isZero();
    assertThat(net.held()).isZero();
  }

  @Test
  void piecesFarApartCostNoMoreThanTheWindowTheySpan() {
    for (int gap : new int[] {2, 3, 100, 255, 1_000, 5_000, 8_191, 8_192, 20_000}) {
      RecvBuffer b = new RecvBuffer(account);
      long offset = 1;
      while (offset < 2_000_000 && b.pieces() < Limits.REASSEMBLY_PIECES) {
        b.insert(offset, one, 0, 1);
        assertThat(account.held())
            .isLessThanOrEqualTo(Limits.RECV_MEMORY_FACTOR * b.highest() + Limits.SMALL_CHUNK);
        offset += gap;
      }
      b.clear();
      assertThat(account.held()).isZero();
    }
  }

  @Test
  void lastByteFirstCostsNoMoreThanTheWindow() {
    for (int size = 1; size < 100_000; size = size * 3 / 2 + 1) {
      RecvBuffer b = new RecvBuffer(account);
      b.insert(size - 1, one, 0, 1);
      assertThat(account.held())
          .isLessThanOrEqualTo((long) Limits.RECV_MEMORY_FACTOR * size + Limits.SMALL_CHUNK);
      b.clear();
    }
  }

  @Test
  void smallBuffersGrowWithoutLosingBytes() {
    Random r = new Random(5);
    for (int i = 0; i < 500; i++) {
      byte[] data = new byte[1 + r.nextInt(20_000)];
      r.nextBytes(data);
      SendBuffer out = new SendBuffer(account);
      byte[] packets = new byte[data.length];
      int at = 0;
      while (at < data.length) {
        int n = Math.min(1 + r.nextInt(700), data.length - at);
        out.append(data, at, n);
        out.send(packets, at, n);
        at += n;
      }
      assertThat(packets).isEqualTo(data);
      out.onAcked(0, data.length);
      out.clear();
      RecvBuffer in = new RecvBuffer(account);
      for (int end = data.length; end > 0; end -= 400) {
        int from = Math.max(0, end - 400);
        in.insert(from, data, from, end - from);
      }
      byte[] read = new byte[data.length];
      assertThat(in.read(read, 0, read.length)).isEqualTo(data.length);
      assertThat(read).isEqualTo(data);
      in.clear();
    }
    assertThat(account.held()).isZero();
    assertThat(net.held()).isZero();
  }
}
