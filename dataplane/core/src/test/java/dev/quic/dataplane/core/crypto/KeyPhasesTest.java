package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyPhasesTest {
  private static final int SIZE = 50;

  /** One end: sends packets whose payload is all sevens. */
  private static final class End {
    final KeyPhases keys = new KeyPhases();
    long next;
    long largest = -1;

    End(int sendSeed, int receiveSeed) {
      keys.installSend(key(sendSeed));
      keys.installReceive(key(receiveSeed));
    }

    private static PacketProtection key(int seed) {
      byte[] secret = new byte[32];
      new Random(seed).nextBytes(secret);
      return PacketProtection.of(QuicCipher.AES_128_GCM, QuicVersion.V1, secret);
    }

    byte[] packet() {
      byte[] p = new byte[SIZE];
      java.util.Arrays.fill(p, (byte) 7);
      p[0] = (byte) (0x43 | keys.phaseBit());
      PacketNumber.write(p, 9, next, 4);
      Objects.requireNonNull(keys.send()).seal(p, 0, 9, SIZE - 16, next);
      keys.onSent(next++);
      return p;
    }

    int receive(byte[] packet, long now) {
      byte[] p = packet.clone();
      int pnLen = Objects.requireNonNull(keys.receive()).unprotect(p, 0, 9, SIZE);
      long pn = PacketProtection.decodePn(p, 9, pnLen, largest);
      int n = keys.open(p, 0, 9, pnLen, SIZE, pn, now, 100);
      if (n >= 0) {
        assertThat(n).isEqualTo(SIZE - 13 - 16);
        assertThat(p[13]).isEqualTo((byte) 7);
        largest = Math.max(largest, pn);
      }
      return n;
    }
  }

  @Test
  void updateByOneSideIsFollowedByTheOther() {
    End a = new End(1, 2);
    End b = new End(2, 1);
    assertThat(b.receive(a.packet(), 0)).isPositive();
    assertThat(a.keys.initiate()).isEqualTo(-Errno.EINVAL);
    a.keys.onAcked(0);
    byte[] late = a.packet();
    assertThat(a.keys.initiate()).isZero();
    assertThat(a.keys.phase()).isEqualTo(1);
    assertThat(a.keys.initiate()).isEqualTo(-Errno.EINVAL);
    assertThat(b.receive(a.packet(), 10)).isPositive();
    assertThat(b.keys.phase()).isEqualTo(1);
    assertThat(b.keys.pollPeerUpdated()).isTrue();
    assertThat(b.keys.pollPeerUpdated()).isFalse();
    assertThat(b.keys.discardAt()).isEqualTo(110);
    assertThat(b.receive(late, 20)).isPositive();
    assertThat(a.receive(b.packet(), 20)).isPositive();
    assertThat(a.keys.pollPeerUpdated()).isFalse();
    a.keys.onAcked(2);
    assertThat(a.keys.initiate()).isEqualTo(-Errno.EINVAL);
    a.keys.discardOld();
    assertThat(a.keys.initiate()).isZero();
    assertThat(a.keys.phase()).isZero();
    b.keys.discardOld();
    assertThat(b.receive(late, 130)).isEqualTo(KeyPhases.NOT_AUTHENTIC);
    assertThat(b.receive(a.packet(), 140)).isPositive();
    assertThat(b.keys.phase()).isZero();
  }

  @Test
  void secondUpdateBeforeTheFirstIsConfirmedIsAnError() {
    for (boolean confirmed : new boolean[] {true, false}) {
      End b = new End(2, 1);
      PacketProtection first = End.key(1);
      PacketProtection second = first.update();
      assertThat(b.receive(raw(second, 0x47, 0), 0)).isPositive();
      if (confirmed) {
        b.packet();
      }
      int n = b.receive(raw(second.update(), 0x43, 1), 1);
      assertThat(n).isEqualTo(confirmed ? SIZE - 29 : KeyPhases.KEY_UPDATE_ERROR);
    }
  }

  private static byte[] raw(PacketProtection key, int firstByte, long pn) {
    byte[] p = new byte[SIZE];
    java.util.Arrays.fill(p, (byte) 7);
    p[0] = (byte) firstByte;
    PacketNumber.write(p, 9, pn, 4);
    key.seal(p, 0, 9, SIZE - 16, pn);
    return p;
  }

  @Test
  void oldKeyOnANewNumberIsAnError() {
    End a = new End(1, 2);
    End b = new End(2, 1);
    b.receive(a.packet(), 0);
    a.keys.onAcked(0);
    End forked = new End(1, 2);
    forked.next = 5;
    byte[] oldKeyHighNumber = forked.packet();
    a.keys.initiate();
    a.next = 10;
    byte[] high = a.packet();
    a.next = 3;
    byte[] low = a.packet();
    assertThat(b.receive(high, 0)).isPositive();
    assertThat(b.receive(oldKeyHighNumber, 0)).isPositive();
    assertThat(b.receive(low, 0)).isEqualTo(KeyPhases.KEY_UPDATE_ERROR);
  }

  /** Honest ends with reordering and loss always understand each other. */
  @Test
  void honestEndsNeverFail() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      End a = new End(1, 2);
      End b = new End(2, 1);
      List<byte[]> toB = new ArrayList<>();
      List<byte[]> toA = new ArrayList<>();
      int updates = 0;
      for (int step = 0; step < 400; step++) {
        boolean fromA = random.nextBoolean();
        (fromA ? toB : toA).add((fromA ? a : b).packet());
        List<byte[]> queue = random.nextBoolean() ? toB : toA;
        if (!queue.isEmpty() && random.nextInt(10) < 8) {
          byte[] p = queue.remove(random.nextInt(Math.min(3, queue.size())));
          End receiver = queue == toB ? b : a;
          assertThat(receiver.receive(p, step)).isPositive();
          // Acknowledgements travel at once here.
          (queue == toB ? a : b).keys.onAcked(receiver.largest);
        }
        if (toA.size() + toB.size() == 0 || random.nextInt(40) == 0) {
          while (!toB.isEmpty()) {
            assertThat(b.receive(toB.remove(0), step)).isPositive();
          }
          while (!toA.isEmpty()) {
            assertThat(a.receive(toA.remove(0), step)).isPositive();
          }
          a.keys.onAcked(b.largest);
          b.keys.onAcked(a.largest);
          a.keys.discardOld();
          b.keys.discardOld();
          updates += (random.nextBoolean() ? a : b).keys.initiate() == 0 ? 1 : 0;
        }
      }
      assertThat(updates).isPositive();
      assertThat(Objects.requireNonNull(a.keys.receive()).failed()).isZero();
    }
  }

  @Test
  void failuresOfEveryGenerationCount() {
    End a = new End(1, 2);
    End b = new End(2, 1);
    b.receive(a.packet(), 0);
    for (int i = 0; i < 64; i++) {
      byte[] p = a.packet();
      p[0] ^= (byte) (i & 0x1c);
      p[30] ^= 1;
      assertThat(b.receive(p, 0)).isEqualTo(KeyPhases.NOT_AUTHENTIC);
    }
    assertThat(Objects.requireNonNull(b.keys.receive()).failed()).isEqualTo(64);
    assertThat(b.keys.limitReached()).isFalse();
    b.keys.destroy();
    assertThat(b.keys.isDestroyed()).isTrue();
    assertThat(b.keys.send()).isNull();
  }

  /** RFC 9001 section 6.6: packets that fail to open count over all keys of a connection. */
  @Test
  void failuresCountOverAllKeys() {
    End a = new End(1, 2);
    End b = new End(2, 1);
    assertThat(b.receive(a.packet(), 0)).isPositive();
    PacketProtection stranger = End.key(3);
    for (int i = 0; i < 10; i++) {
      assertThat(b.receive(raw(stranger, 0x43, 100 + i), 0)).isNegative();
    }
    assertThat(failed(b)).isEqualTo(10);
    a.keys.onAcked(0);
    assertThat(a.keys.initiate()).isZero();
    assertThat(b.receive(a.packet(), 10)).isPositive();
    assertThat(failed(b)).isEqualTo(10);
    for (int i = 0; i < 10; i++) {
      assertThat(b.receive(raw(stranger, 0x43, 200 + i), 10)).isNegative();
    }
    assertThat(failed(b)).isEqualTo(20);
    b.packet();
    b.keys.onAcked(0);
    assertThat(a.receive(b.packet(), 10)).isPositive();
    a.keys.onAcked(1);
    a.keys.discardOld();
    assertThat(a.keys.initiate()).isZero();
    assertThat(b.receive(a.packet(), 20)).isPositive();
    assertThat(failed(b)).isEqualTo(20);
  }

  private static long failed(End end) {
    return Objects.requireNonNull(end.keys.receive()).failed();
  }
}
