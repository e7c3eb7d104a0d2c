package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.PacketNumber;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What receiving a packet costs tells nobody about its protected bits: RFC 9001 sections 6.3 and
 * 9.5. Time itself is not measured: every packet takes one look at the header and one at the
 * payload, whatever it claims.
 */
class KeyPhaseTimingTest {
  private static final int SIZE = 60;

  /** Counts what it is asked. */
  private static final class Counting implements Aead {
    private final Aead inner;
    private final List<Integer> opened;

    Counting(Aead inner, List<Integer> opened) {
      this.inner = inner;
      this.opened = opened;
    }

    @Override
    public void sealRun(
        byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
      inner.sealRun(buf, start, body, end, from, count, firstPn);
    }

    @Override
    public int open(byte[] buf, int start, int body, int end, long pn) {
      opened.add(end - body);
      return inner.open(buf, start, body, end, pn);
    }

    @Override
    public void destroy() {
      inner.destroy();
    }
  }

  private final List<Integer> opened = new ArrayList<>();
  private final KeyPhases keys = new KeyPhases();
  private final Random random = new Random(1);

  KeyPhaseTimingTest() {
    keys.installSend(key(2));
    keys.installReceive(key(1));
    watch();
  }

  private static PacketProtection key(int seed) {
    byte[] secret = new byte[32];
    new Random(seed).nextBytes(secret);
    return PacketProtection.of(QuicCipher.AES_128_GCM, QuicVersion.V1, secret);
  }

  private static Object get(Object of, String name) {
    try {
      Field f = of.getClass().getDeclaredField(name);
      f.setAccessible(true);
      return f.get(of);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Every key there is counts from now on. */
  private void watch() {
    for (String name : new String[] {"receive", "receiveNext", "receiveOld"}) {
      Object key = get(keys, name);
      if (key != null && !(get(key, "aead") instanceof Counting)) {
        try {
          Field f = PacketProtection.class.getDeclaredField("aead");
          f.setAccessible(true);
          f.set(key, new Counting((Aead) get(key, "aead"), opened));
        } catch (ReflectiveOperationException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private int receive(byte[] packet, long largest) {
    byte[] p = packet.clone();
    int pnLen = Objects.requireNonNull(keys.receive()).unprotect(p, 0, 9, SIZE);
    long pn = PacketProtection.decodePn(p, 9, pnLen, largest);
    return keys.open(p, 0, 9, pnLen, SIZE, pn, 0, 100);
  }

  private byte[] random() {
    byte[] p = new byte[SIZE];
    random.nextBytes(p);
    p[0] = (byte) (0x40 | p[0] & 0x3f);
    return p;
  }

  private static byte[] sealed(PacketProtection key, int first, long pn, int pnLen) {
    byte[] p = new byte[SIZE];
    p[0] = (byte) (first | pnLen - 1);
    PacketNumber.write(p, 9, pn, pnLen);
    key.seal(p, 0, 9, SIZE - 16, pn);
    return p;
  }

  private void oneLookEach(long largest) {
    for (int i = 0; i < 2_000; i++) {
      opened.clear();
      assertThat(receive(random(), largest)).isEqualTo(KeyPhases.NOT_AUTHENTIC);
      assertThat(opened).hasSize(1);
    }
  }

  /** Before, during and after an update, with the old key and without. */
  @Test
  void everyForgedPacketTakesOneLook() {
    oneLookEach(-1);
    PacketProtection sender = key(1);
    assertThat(receive(sealed(sender, 0x40, 0, 4), -1)).isPositive();
    oneLookEach(0);
    PacketProtection next = sender.update();
    opened.clear();
    assertThat(receive(sealed(next, 0x44, 1_000, 4), 0)).isPositive();
    assertThat(opened).as("the packet that updates").hasSize(1);
    watch();
    oneLookEach(1_000);
    keys.discardOld();
    oneLookEach(1_000);
  }

  /** Neither the length of its number nor reserved bits change what a packet takes. */
  @Test
  void protectedBitsAreLookedAtAfterThePayload() {
    for (int bits = 0; bits <= 0x18; bits += 8) {
      for (int pnLen = 1; pnLen <= 4; pnLen++) {
        opened.clear();
        assertThat(receive(sealed(key(1), 0x40 | bits, 5, pnLen), 4)).isPositive();
        assertThat(opened).containsExactly(SIZE - 9 - pnLen);
      }
    }
  }

  /** What is sent takes as much, whatever its number. */
  @Test
  void sealingTakesTheSameForEveryNumber() {
    for (int pnLen = 1; pnLen <= 4; pnLen++) {
      PacketProtection sender = key(1);
      byte[] p = sealed(sender, 0x40, 5, pnLen);
      assertThat(sender.sealed()).isEqualTo(1);
      // Nothing of number and length is readable before the header is unprotected.
      byte[] q = sealed(key(1), 0x40, 6, pnLen);
      assertThat(java.util.Arrays.copyOfRange(p, 9, SIZE))
          .isNotEqualTo(java.util.Arrays.copyOfRange(q, 9, SIZE));
      assertThat(p).hasSameSizeAs(q);
    }
  }
}
