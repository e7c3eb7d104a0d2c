package dev.quic.dataplane.core.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrimitivesTest {
  @ParameterizedTest
  @CsvSource({
    // RFC 9000 appendix A.1.
    "c2197c5eff14e88c, 151288809941952652",
    "9d7f3e7d, 494878333",
    "7bbd, 15293",
    "25, 37",
    "4025, 37",
  })
  void varintSamplesOfTheRfc(String hex, long value) {
    byte[] b = HexFormat.of().parseHex(hex);
    assertThat(Varint.read(b, 0, b.length)).isEqualTo(value);
    assertThat(new Reader(b, 0, b.length).varint()).isEqualTo(value);
    byte[] out = new byte[b.length];
    Varint.write(out, 0, value, b.length);
    assertThat(out).isEqualTo(b);
    for (int cut = 0; cut < b.length; cut++) {
      assertThat(Varint.read(b, 0, cut)).isEqualTo(-1);
    }
  }

  @Test
  void varintsComeBack() {
    Random random = new Random(1);
    byte[] buf = new byte[12];
    for (int i = 0; i < 100_000; i++) {
      long v = random.nextLong() >>> 2 + random.nextInt(62);
      int end = Varint.write(buf, 1, v);
      assertThat(end - 1).isEqualTo(Varint.size(v)).isEqualTo(Varint.length(buf[1]));
      assertThat(Varint.read(buf, 1, end)).isEqualTo(v);
    }
    assertThat(Varint.size(-1)).isZero();
    assertThat(Varint.size(Varint.MAX)).isEqualTo(8);
    assertThat(Varint.size(Varint.MAX + 1)).isZero();
  }

  @Test
  void readerNeverThrowsAndItsErrorSticks() {
    Random random = new Random(2);
    for (int round = 0; round < 20_000; round++) {
      byte[] b = new byte[random.nextInt(20)];
      random.nextBytes(b);
      int off = random.nextInt(25) - 2;
      Reader r = new Reader(b, off, random.nextInt(25) - 2);
      boolean failed = !r.ok();
      for (int i = 0; i < 10; i++) {
        switch (random.nextInt(9)) {
          case 0 -> r.u8();
          case 1 -> r.u16();
          case 2 -> r.u32();
          case 3 -> r.u64();
          case 4 -> r.varint();
          case 5 -> r.length();
          case 6 -> r.skip(random.nextInt(8) - 2);
          case 7 -> r.read(new byte[8], 0, random.nextInt(8));
          default -> r.bytes(random.nextInt(8) - 1);
        }
        assertThat(r.position()).isBetween(0, b.length);
        assertThat(r.remaining()).isNotNegative();
        if (failed) {
          assertThat(r.ok()).isFalse();
          assertThat(r.u8()).isZero();
        }
        failed = !r.ok();
      }
    }
  }

  @Test
  void writerRefusesWhatDoesNotFit() {
    byte[] b = new byte[10];
    Writer w = new Writer(b, 2, 5);
    assertThat(w.u32(0x01020304).u8(5).ok()).isTrue();
    assertThat(w.u8(6).ok()).isFalse();
    assertThat(b).containsExactly(0, 0, 1, 2, 3, 4, 5, 0, 0, 0);
    assertThat(new Writer(b, 0, 10).varint(-1).ok()).isFalse();
    assertThat(new Writer(b, 0, 10).varint(70, 1).ok()).isFalse();
    assertThat(new Writer(b, 8, 5).u8(1).ok()).isFalse();
  }

  @Test
  void packetNumberSamplesOfTheRfc() {
    // RFC 9000 appendix A.2 and A.3.
    assertThat(PacketNumber.length(0xac5c02L, 0xabe8b3L)).isEqualTo(2);
    assertThat(PacketNumber.length(0xace8feL, 0xabe8b3L)).isEqualTo(3);
    assertThat(PacketNumber.decode(0x9b32, 2, 0xa82f30eaL)).isEqualTo(0xa82f9b32L);
  }

  @Test
  void packetNumbersComeBackWhenCodedForTheReceiver() {
    Random random = new Random(3);
    byte[] b = new byte[4];
    for (int i = 0; i < 100_000; i++) {
      long acked = random.nextInt(10) == 0 ? -1 : random.nextLong() >>> 3 + random.nextInt(50);
      long pn = acked + 1 + random.nextInt(1 << random.nextInt(22));
      int n = PacketNumber.length(pn, acked);
      PacketNumber.write(b, 0, pn, n);
      // The receiver saw at least what it acknowledged, at most everything before pn.
      long seen = acked + (long) (random.nextDouble() * (pn - acked));
      assertThat(PacketNumber.decode(PacketNumber.read(b, 0, n), n, seen)).isEqualTo(pn);
    }
    assertThat(PacketNumber.decode(0, 1, -1)).isZero();
    assertThat(PacketNumber.decode(255, 1, PacketNumber.MAX)).isLessThanOrEqualTo(PacketNumber.MAX);
  }

  @Test
  void mapBehavesLikeHashMap() {
    Random random = new Random(4);
    LongObjectMap<Integer> map = new LongObjectMap<>(random.nextLong());
    Map<Long, Integer> model = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      long key = random.nextInt(700) * (random.nextBoolean() ? 1L : 1L << 40);
      switch (random.nextInt(3)) {
        case 0 -> assertThat(map.put(key, i)).isEqualTo(model.put(key, i));
        case 1 -> assertThat(map.remove(key)).isEqualTo(model.remove(key));
        default -> assertThat(map.get(key)).isEqualTo(model.get(key));
      }
      assertThat(map.size()).isEqualTo(model.size());
    }
    assertThat(map.values()).containsExactlyInAnyOrderElementsOf(model.values());
    map.clear();
    assertThat(map.isEmpty()).isTrue();
    assertThat(map.get(0)).isNull();
  }

  @Test
  void ringBehavesLikeDeque() {
    Random random = new Random(5);
    LongRing ring = new LongRing(37);
    ArrayDeque<Long> model = new ArrayDeque<>();
    for (int i = 0; i < 50_000; i++) {
      if (random.nextInt(100) < 52) {
        assertThat(ring.add(i)).isEqualTo(model.size() < 37);
        if (model.size() < 37) {
          model.add((long) i);
        }
      } else {
        Long expected = model.poll();
        assertThat(ring.poll(-1)).isEqualTo(expected == null ? -1 : expected);
      }
      assertThat(ring.size()).isEqualTo(model.size());
      assertThat(ring.contains(i)).isEqualTo(model.contains((long) i));
    }
  }

  /** Copies of what is there take no room from others. */
  @Test
  void whatIsAddedOnceIsHeldOnce() {
    LongRing ring = new LongRing(3);
    for (int copy = 0; copy < 10; copy++) {
      assertThat(ring.addOnce(7)).isTrue();
      assertThat(ring.addOnce(8)).isTrue();
    }
    assertThat(ring.size()).isEqualTo(2);
    assertThat(ring.addOnce(9)).isTrue();
    assertThat(ring.addOnce(10)).isFalse();
    assertThat(ring.poll(-1)).isEqualTo(7);
    assertThat(ring.addOnce(7)).isTrue();
    assertThat(ring.get(2)).isEqualTo(7);
  }
}
