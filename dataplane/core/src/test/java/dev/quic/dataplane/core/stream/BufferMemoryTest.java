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

  /** A message now and then on a stream that lives long costs no more than on a new one. */
  @Test
  void aLittleAtAnyPlaceOfALongStreamTakesLittle() {
    RecvBuffer in = new RecvBuffer(account);
    SendBuffer out = new SendBuffer(account);
    byte[] message = new byte[64];
    for (int i = 0; i < 1_000; i++) {
      long offset = (long) i * message.length;
      out.append(message, 0, message.length);
      assertThat(account.held()).isEqualTo(Limits.SMALL_CHUNK);
      out.send(message, 0, message.length);
      out.onAcked(offset, message.length);
      assertThat(account.held()).isZero();
      in.insert(offset, message, 0, message.length);
      assertThat(account.held()).isEqualTo(Limits.SMALL_CHUNK);
      assertThat(in.read(message, 0, message.length)).isEqualTo(message.length);
      assertThat(account.held()).isZero();
    }
  }

  @Test
  void bytesComeWholeInWhateverOrderAndSizeTheyArrive() {
    Random r = new Random(7);
    for (int round = 0; round < 200; round++) {
      RecvBuffer in = new RecvBuffer(account);
      byte[] data = new byte[40_000];
      r.nextBytes(data);
      byte[] read = new byte[data.length];
      int done = 0;
      while (done < data.length) {
        int window = Math.min(1 + r.nextInt(r.nextBoolean() ? 100 : 3_000), data.length - done);
        int[] cut = r.ints(4, 0, window + 1).sorted().toArray();
        int[] from = {cut[2], cut[0], cut[3], 0, cut[1]};
        int[] to = {cut[3], cut[1], window, cut[0], cut[2]};
        for (int i = 0; i < from.length; i++) {
          in.insert(done + from[i], data, done + from[i], to[i] - from[i]);
        }
        while (in.readable() > 0) {
          done += in.read(read, done, 1 + r.nextInt(1_000));
        }
      }
      assertThat(read).isEqualTo(data);
      in.clear();
    }
    assertThat(account.held()).isZero();
  }
}
