package dev.quic.dataplane.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.RangeSet;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamBuffersTest {
  @Test
  void rangeSetAgreesWithABitSet() {
    for (int seed = 0; seed < 300; seed++) {
      Random r = new Random(seed);
      RangeSet set = new RangeSet();
      BitSet model = new BitSet();
      for (int i = 0; i < 200; i++) {
        int from = r.nextInt(300);
        int to = from + r.nextInt(30);
        if (r.nextInt(3) == 0) {
          set.remove(from, to);
          model.clear(from, to);
        } else {
          set.add(from, to);
          model.set(from, to);
        }
        BitSet is = new BitSet();
        long before = -1;
        for (int k = 0; k < set.count(); k++) {
          assertThat(set.low(k)).isGreaterThan(before);
          assertThat(set.high(k)).isGreaterThan(set.low(k));
          before = set.high(k);
          is.set((int) set.low(k), (int) set.high(k));
        }
        assertThat(is).isEqualTo(model);
        boolean in = to > from && model.nextClearBit(from) >= to;
        assertThat(to > from && set.contains(from, to)).isEqualTo(in);
        int at = set.from(from);
        assertThat(at == set.count() || set.high(at) > from).isTrue();
        assertThat(at == 0 || set.high(at - 1) <= from).isTrue();
      }
    }
  }

  @Test
  void receivedPiecesComeOutInOrderWhateverTheirOrder() {
    ChunkPool pool = new ChunkPool();
    for (int seed = 0; seed < 200; seed++) {
      Random r = new Random(seed);
      byte[] data = new byte[1 + r.nextInt(60_000)];
      r.nextBytes(data);
      RecvBuffer b = new RecvBuffer(pool);
      byte[] out = new byte[data.length];
      int got = 0;
      while (got < data.length) {
        int from = r.nextInt(data.length);
        if (r.nextInt(4) == 0) {
          from = (int) b.ready();
        }
        int len = Math.min(r.nextInt(5_000) + 1, data.length - from);
        b.insert(from, data, from, len);
        if (r.nextBoolean()) {
          got += b.read(out, got, r.nextInt(10_000));
        }
        if (b.ready() == data.length) {
          got += b.read(out, got, data.length);
        }
      }
      assertThat(out).isEqualTo(data);
      assertThat(b.readable()).isZero();
      assertThat(b.pieces()).isZero();
    }
  }

  @Test
  void whatWasReceivedFirstStays() {
    RecvBuffer b = new RecvBuffer(new ChunkPool());
    byte[] ones = new byte[10];
    Arrays.fill(ones, (byte) 1);
    byte[] twos = new byte[30];
    Arrays.fill(twos, (byte) 2);
    b.insert(10, ones, 0, 10);
    b.insert(0, twos, 0, 30);
    byte[] out = new byte[30];
    assertThat(b.read(out, 0, 30)).isEqualTo(30);
    assertThat(out[9]).isEqualTo((byte) 2);
    assertThat(out[10]).isEqualTo((byte) 1);
    assertThat(out[19]).isEqualTo((byte) 1);
    assertThat(out[20]).isEqualTo((byte) 2);
  }

  @Test
  void sendBufferRepeatsExactlyWhatWasLostAndNotAcknowledged() {
    for (int seed = 0; seed < 200; seed++) {
      Random r = new Random(seed);
      byte[] data = new byte[1 + r.nextInt(40_000)];
      r.nextBytes(data);
      SendBuffer b = new SendBuffer(new ChunkPool());
      byte[] arrived = new byte[data.length];
      int written = 0;
      while (!(written == data.length && b.allAcked())) {
        int n = Math.min(r.nextInt(5_000), data.length - written);
        b.append(data, written, n);
        written += n;
        while (b.pending()) {
          long off = b.nextOffset();
          int len = (int) Math.min(b.nextLength(), 1 + r.nextInt(1_400));
          byte[] packet = new byte[len];
          b.send(packet, 0, len);
          int fate = r.nextInt(4);
          if (fate == 0) {
            b.onLost(off, len);
          } else {
            System.arraycopy(packet, 0, arrived, (int) off, len);
            b.onAcked(off, len);
            if (fate == 1) {
              b.onLost(off, len);
            }
          }
        }
      }
      assertThat(arrived).isEqualTo(data);
      assertThat(b.held()).isZero();
    }
  }
}
