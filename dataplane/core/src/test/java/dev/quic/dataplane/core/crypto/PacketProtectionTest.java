package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.PacketNumber;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PacketProtectionTest {
  private static PacketProtection key(QuicCipher cipher, int seed) {
    byte[] secret = new byte[48];
    new Random(seed).nextBytes(secret);
    return PacketProtection.of(cipher, QuicVersion.V1, secret);
  }

  /** RFC 9000 section 12.3: a peer may seal with a number that is none, but not have it taken. */
  @Test
  void numbersEnd() {
    byte[] secret = new byte[48];
    PacketProtection none =
        PacketProtection.none(AeadProvider.JDK, QuicCipher.AES_128_GCM, QuicVersion.V1, secret);
    for (long pn : new long[] {PacketNumber.MAX, PacketNumber.MAX + 1}) {
      byte[] p = new byte[60];
      p[0] = 0x43;
      PacketNumber.write(p, 9, pn, 4);
      int plain = none.open(p.clone(), 0, 9, 4, 44, pn);
      key(QuicCipher.AES_128_GCM, 1).seal(p, 0, 9, 44, pn);
      PacketProtection receive = key(QuicCipher.AES_128_GCM, 1);
      assertThat(receive.unprotect(p, 0, 9, 60)).isEqualTo(4);
      int n = receive.open(p, 0, 9, 4, 60, pn);
      assertThat(n).isEqualTo(pn > PacketNumber.MAX ? -1 : 31);
      assertThat(plain).isEqualTo(n);
    }
  }

  /** Builds a run of short-header packets, seals it at once, opens it packet by packet. */
  @ParameterizedTest
  @EnumSource(QuicCipher.class)
  void runsComeBack(QuicCipher cipher) {
    Random random = new Random(1);
    PacketProtection send = key(cipher, 2);
    PacketProtection receive = key(cipher, 2);
    long pn = 0;
    for (int round = 0; round < 30; round++) {
      int count = 1 + random.nextInt(130);
      byte[] slab = new byte[count * 1_500];
      int[] start = new int[count + 2];
      int[] pnOff = new int[count + 2];
      int[] end = new int[count + 2];
      int[] pnLen = new int[count + 2];
      random.nextBytes(slab);
      for (int i = 2; i < count + 2; i++) {
        start[i] = (i - 2) * 1_500 + random.nextInt(20);
        pnOff[i] = start[i] + 9;
        int length = 1 + random.nextInt(4);
        slab[start[i]] = (byte) (0x40 | length - 1);
        PacketNumber.write(slab, pnOff[i], pn + i - 2, length);
        end[i] = pnOff[i] + length + 4 - length + random.nextInt(1_400);
      }
      byte[] before = slab.clone();
      send.sealRun(slab, start, pnOff, end, 2, count, pn);
      for (int i = 2; i < count + 2; i++) {
        end[i] += 16;
      }
      receive.unprotectRun(slab, start, pnOff, end, pnLen, 2, count);
      for (int i = 2; i < count + 2; i++) {
        assertThat(pnLen[i]).isEqualTo((before[start[i]] & 3) + 1);
        int n = receive.open(slab, start[i], pnOff[i], pnLen[i], end[i], pn + i - 2);
        assertThat(n).isEqualTo(end[i] - 16 - pnOff[i] - pnLen[i]);
        assertThat(Arrays.copyOfRange(slab, start[i], end[i] - 16))
            .isEqualTo(Arrays.copyOfRange(before, start[i], end[i] - 16));
      }
      pn += count;
    }
    assertThat(send.sealed()).isEqualTo(pn);
    assertThat(receive.failed()).isZero();
  }

  /** What a stranger sends is refused without an exception, and the key still works after it. */
  @ParameterizedTest
  @EnumSource(QuicCipher.class)
  void forgeriesAreCountedAndHarmless(QuicCipher cipher) {
    Random random = new Random(3);
    PacketProtection send = key(cipher, 4);
    PacketProtection receive = key(cipher, 4);
    byte[] good = new byte[100];
    good[0] = 0x43;
    PacketNumber.write(good, 9, 7, 4);
    send.seal(good, 0, 9, 84, 7);
    int failures = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] p = Arrays.copyOf(good, 9 + random.nextInt(92));
      int bit = random.nextInt(8 * p.length);
      p[bit / 8] ^= (byte) (1 << bit % 8);
      int pnLen = receive.unprotect(p, 0, 9, p.length);
      assertThat(pnLen).isBetween(p.length < 29 ? 0 : 1, p.length < 29 ? 0 : 4);
      if (pnLen > 0) {
        assertThat(receive.open(p, 0, 9, pnLen, p.length, 7)).isEqualTo(-1);
        failures++;
      }
    }
    assertThat(receive.failed()).isEqualTo(failures);
    // Replays open every time: telling them is the packet number space's duty.
    for (int i = 0; i < 3; i++) {
      byte[] p = good.clone();
      assertThat(receive.unprotect(p, 0, 9, 100)).isEqualTo(4);
      assertThat(receive.open(p, 0, 9, 4, 100, 7)).isEqualTo(71);
    }
  }

  @ParameterizedTest
  @EnumSource(QuicCipher.class)
  void keyUpdateKeepsHeaderProtection(QuicCipher cipher) {
    PacketProtection send = key(cipher, 5);
    PacketProtection receive = key(cipher, 5);
    PacketProtection send2 = send.update();
    PacketProtection receive2 = receive.update();
    send.destroy();
    byte[] p = new byte[60];
    p[0] = 0x47;
    PacketNumber.write(p, 1, 3, 4);
    send2.seal(p, 0, 1, 44, 3);
    assertThat(receive.unprotect(p, 0, 1, 60)).isEqualTo(4);
    assertThat(p[0]).isEqualTo((byte) 0x47);
    byte[] copy = p.clone();
    assertThat(receive.open(copy, 0, 1, 4, 60, 3)).isEqualTo(-1);
    assertThat(receive2.open(p, 0, 1, 4, 60, 3)).isEqualTo(39);
  }

  @Test
  void destroyWipes() {
    PacketProtection p = key(QuicCipher.AES_128_GCM, 6);
    p.destroy();
    p.destroy();
    assertThat(p.isDestroyed()).isTrue();
    WipeableKey k = new WipeableKey("AES", new byte[] {1, 2, 3});
    assertThat(k.getEncoded()).containsExactly(1, 2, 3);
    k.destroy();
    assertThat(k.getEncoded()).containsExactly(0, 0, 0);
    assertThat(k.toString()).doesNotContain("010203");
  }

  @Test
  void limits() {
    PacketProtection p = key(QuicCipher.AES_128_GCM, 7);
    assertThat(p.wantsUpdate()).isFalse();
    assertThat(p.exhausted()).isFalse();
    assertThat(p.forged()).isFalse();
    p.addFailed(1L << 52);
    assertThat(p.forged()).isTrue();
    assertThat(p.update().forged()).isTrue();
  }

  @Test
  void ciphersByNumber() {
    assertThat(QuicCipher.of(51)).isEqualTo(QuicCipher.AES_128_GCM);
    assertThat(QuicCipher.of(54)).isEqualTo(QuicCipher.CHACHA20_POLY1305);
    assertThat(QuicCipher.of(0)).isNull();
    assertThat(QuicCipher.of(100)).isNull();
    assertThat(Arrays.stream(QuicCipher.values()).mapToInt(QuicCipher::secretLength))
        .containsExactly(32, 48, 32, 32);
  }

  @Test
  void listenerSecretDerives() {
    byte[] random = new byte[32];
    random[5] = 9;
    ListenerSecret s = new ListenerSecret(random);
    byte[] a = s.resetToken(new byte[] {1, 2, 3});
    assertThat(a)
        .hasSize(16)
        .isEqualTo(new ListenerSecret(random).resetToken(new byte[] {1, 2, 3}));
    assertThat(s.resetToken(new byte[] {1, 2, 4})).isNotEqualTo(a);
    assertThat(s.ticketKey(new byte[28])).hasSize(64);
    s.destroy();
    assertThat(s.isDestroyed()).isTrue();
    assertThat(s.resetToken(new byte[] {1, 2, 3})).isNotEqualTo(a);
  }
}
