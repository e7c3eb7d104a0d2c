package dev.quic.dataplane.io.aead;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.quic.dataplane.core.crypto.Aead;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.HeaderMask;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Needs Debian's {@code libipsec-mb1} where the processor is an x86. */
final class IpsecMbTest {
  private static final int SEEDS = 500;
  private static final int RUN = 45;
  private static final int DATAGRAM = 1_452;

  private static boolean x86() {
    return System.getProperty("os.arch").equals("amd64");
  }

  /** The provider under test; elsewhere the JDK's stands in, and what must hold holds too. */
  private final AeadProvider provider = x86() ? AeadMode.IPSEC_MB.open() : AeadMode.AUTO.open();

  @Test
  void isThereOrSaysWhatToDo() {
    if (x86()) {
      assertThat(AeadMode.AUTO.open().name()).isEqualTo("ipsec-mb");
    } else {
      assertThatThrownBy(AeadMode.IPSEC_MB::open)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("x86");
      assertThat(AeadMode.AUTO.open()).isSameAs(AeadProvider.JDK);
    }
    assertThat(AeadMode.JDK.open()).isSameAs(AeadProvider.JDK);
  }

  @ParameterizedTest
  @EnumSource(QuicCipher.class)
  void sealsAndOpensLikeTheJdk(QuicCipher cipher) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] key = new byte[cipher.keyLength()];
      byte[] iv = new byte[QuicCipher.IV];
      random.nextBytes(key);
      random.nextBytes(iv);
      Aead theirs = provider.create(cipher, key, iv);
      Aead jdk = AeadProvider.JDK.create(cipher, key, iv);
      new Case(random).check(theirs, jdk);
      theirs.destroy();
      jdk.destroy();
    }
  }

  /** A run of packets of random sizes at random places. */
  private static final class Case {
    private final int count;
    private final int[] start;
    private final int[] body;
    private final int[] end;
    private final byte[] plain;
    private final long pn;
    private final Random random;

    Case(Random random) {
      this.random = random;
      count = 1 + random.nextInt(4);
      start = new int[count + 1];
      body = new int[count + 1];
      end = new int[count + 1];
      int at = random.nextInt(70);
      for (int i = 1; i <= count; i++) {
        start[i] = at;
        body[i] = at + random.nextInt(60);
        end[i] = body[i] + random.nextInt(random.nextBoolean() ? 40 : 9_000);
        at = end[i] + QuicCipher.TAG + random.nextInt(5);
      }
      plain = new byte[at + random.nextInt(9)];
      random.nextBytes(plain);
      pn = random.nextLong() >>> 2;
    }

    void check(Aead theirs, Aead jdk) {
      byte[] sealed = plain.clone();
      byte[] expected = plain.clone();
      theirs.sealRun(sealed, start, body, end, 1, count, pn);
      jdk.sealRun(expected, start, body, end, 1, count, pn);
      assertThat(sealed).isEqualTo(expected);
      for (int i = 1; i <= count; i++) {
        int tail = end[i] + QuicCipher.TAG;
        byte[] forged = sealed.clone();
        forged[start[i] + random.nextInt(tail - start[i])] ^= (byte) (1 << random.nextInt(8));
        assertThat(theirs.open(forged, start[i], body[i], tail, pn + i - 1)).isEqualTo(-1);
        assertThat(theirs.open(sealed.clone(), start[i], body[i], tail, pn + i)).isEqualTo(-1);
        assertThat(theirs.open(sealed, start[i], body[i], tail, pn + i - 1))
            .isEqualTo(end[i] - body[i]);
        assertThat(Arrays.equals(sealed, body[i], end[i], plain, body[i], end[i])).isTrue();
      }
    }
  }

  /** Also after a long run, which another cipher masks. */
  @ParameterizedTest
  @EnumSource(QuicCipher.class)
  void masksHeadersLikeTheJdk(QuicCipher cipher) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] key = new byte[cipher.keyLength()];
      random.nextBytes(key);
      HeaderMask theirs = provider.mask(cipher, key);
      HeaderMask jdk = AeadProvider.JDK.mask(cipher, key);
      for (int n : new int[] {1, 2, 8, 9, 64, 1}) {
        byte[] samples = new byte[n * QuicCipher.SAMPLE];
        random.nextBytes(samples);
        byte[] masks = new byte[samples.length];
        byte[] expected = new byte[samples.length];
        theirs.masks(samples, masks, n);
        jdk.masks(samples, expected, n);
        assertThat(masks).isEqualTo(expected);
      }
      theirs.destroy();
      jdk.destroy();
    }
  }

  @Test
  void aWipedMaskIsNotUsed() {
    HeaderMask mask = provider.mask(QuicCipher.AES_128_GCM, new byte[16]);
    mask.destroy();
    assertThat(mask.isDestroyed()).isTrue();
    assertThatCode(mask::destroy).doesNotThrowAnyException();
    assertThatThrownBy(() -> mask.masks(new byte[16], new byte[16], 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aWipedKeyIsNotUsed() {
    Aead aead = provider.create(QuicCipher.AES_128_GCM, new byte[16], new byte[QuicCipher.IV]);
    aead.destroy();
    assertThat(aead.isDestroyed()).isTrue();
    assertThatCode(aead::destroy).doesNotThrowAnyException();
    assertThatThrownBy(() -> aead.open(new byte[40], 0, 8, 40, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () -> aead.sealRun(new byte[40], new int[] {0}, new int[] {8}, new int[] {20}, 0, 1, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aPacketAllocatesNothing() {
    PacketProtection p =
        PacketProtection.of(provider, QuicCipher.AES_128_GCM, QuicVersion.V1, new byte[32]);
    byte[] slab = new byte[RUN * DATAGRAM];
    int[] start = new int[RUN];
    int[] pnOff = new int[RUN];
    int[] end = new int[RUN];
    int[] sealedEnd = new int[RUN];
    int[] pnLen = new int[RUN];
    for (int i = 0; i < RUN; i++) {
      start[i] = i * DATAGRAM;
      pnOff[i] = start[i] + 9;
      sealedEnd[i] = start[i] + DATAGRAM;
      end[i] = sealedEnd[i] - PacketProtection.TAG;
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    int rounds = 0;
    // The compiler decides when it is done; most of the rounds are for it.
    while (least >= RUN * 200 && rounds++ < 400) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int r = 0; r < 200; r++) {
        for (int i = 0; i < RUN; i++) {
          slab[start[i]] = 0x43;
        }
        p.sealRun(slab, start, pnOff, end, 0, RUN, 45L * r);
        p.unprotectRun(slab, start, pnOff, sealedEnd, pnLen, 0, RUN);
        for (int i = 0; i < RUN; i++) {
          assertOpens(p, slab, start[i], pnOff[i], sealedEnd[i], 45L * r + i);
        }
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least)
        .as("bytes for %s packets", RUN * 200)
        .isLessThan(x86() ? RUN * 200 : 20_000_000);
    p.destroy();
  }

  /**
   * Runs of short header packets, sealed where they are and to where the system takes them from.
   */
  @ParameterizedTest
  @EnumSource(QuicCipher.class)
  void sealsTheSameOutsideTheHeap(QuicCipher cipher) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] secret = new byte[cipher.secretLength()];
      random.nextBytes(secret);
      PacketProtection p = PacketProtection.of(provider, cipher, QuicVersion.V1, secret);
      int count = 1 + random.nextInt(RUN);
      int[] start = new int[count];
      int[] pnOff = new int[count];
      int[] end = new int[count];
      byte[] plain = new byte[count * DATAGRAM];
      random.nextBytes(plain);
      int at = 0;
      for (int i = 0; i < count; i++) {
        start[i] = at;
        pnOff[i] = at + 9;
        end[i] = pnOff[i] + 20 + random.nextInt(DATAGRAM - 60);
        plain[at] = (byte) (0x40 | random.nextInt(4));
        at = end[i] + PacketProtection.TAG;
      }
      long pn = random.nextLong() >>> 2;
      byte[] kept = plain.clone();
      long wire = p.sealToWire(plain, start, pnOff, end, 0, count, pn);
      assertThat(plain).isEqualTo(kept);
      assertThat(wire != 0).isEqualTo(x86() && cipher.name().endsWith("GCM"));
      if (wire != 0) {
        byte[] sent = MemorySegment.ofAddress(wire).reinterpret(at).toArray(JAVA_BYTE);
        p.sealRun(plain, start, pnOff, end, 0, count, pn);
        assertThat(sent).isEqualTo(Arrays.copyOf(plain, at));
        assertThat(p.sealed()).isEqualTo(2L * count);
      }
      p.destroy();
    }
  }

  private static void assertOpens(
      PacketProtection p, byte[] slab, int start, int pnOff, int end, long pn) {
    if (p.open(slab, start, pnOff, 4, end, pn) != end - pnOff - 4 - PacketProtection.TAG) {
      throw new AssertionError("packet " + pn + " does not open");
    }
  }
}
