package dev.quic.dataplane.core.crypto;

import com.sun.management.ThreadMXBean;
import dev.quic.dataplane.core.common.PacketNumber;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * Prints nanoseconds and allocated bytes per packet of sealing and opening runs. Not a test: run
 * its main method.
 */
public final class CryptoBench {
  private static final int RUN = 45;
  private static final int ROUNDS = 9;

  private final byte[] slab = new byte[RUN * 9_100];
  private final byte[] sealed = new byte[slab.length];
  private final int[] start = new int[RUN];
  private final int[] pnOff = new int[RUN];
  private final int[] end = new int[RUN];
  private final int[] sealedEnd = new int[RUN];
  private final int[] pnLen = new int[RUN];
  private final PacketProtection send;
  private final PacketProtection receive;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final int datagram;
  private long pn;
  private long openNs;
  private long openBytes;

  private CryptoBench(QuicCipher cipher, int datagram) {
    byte[] secret = new byte[48];
    new Random(1).nextBytes(secret);
    send = PacketProtection.of(cipher, QuicVersion.V1, secret);
    receive = PacketProtection.of(cipher, QuicVersion.V1, secret);
    this.datagram = datagram;
    for (int i = 0; i < RUN; i++) {
      start[i] = i * datagram;
      pnOff[i] = start[i] + 9;
      sealedEnd[i] = start[i] + datagram;
      end[i] = sealedEnd[i] - PacketProtection.TAG;
    }
  }

  private void fill() {
    for (int i = 0; i < RUN; i++) {
      slab[start[i]] = 0x43;
      PacketNumber.write(slab, pnOff[i], pn + i, 4);
    }
  }

  /** Seals and opens runs; returns the time spent sealing, ns. */
  private long round(int runs) {
    long sealNs = 0;
    openNs = 0;
    openBytes = 0;
    for (int r = 0; r < runs; r++) {
      fill();
      long t0 = System.nanoTime();
      send.sealRun(slab, start, pnOff, end, 0, RUN, pn);
      sealNs += System.nanoTime() - t0;
      System.arraycopy(slab, 0, sealed, 0, RUN * datagram);
      long before = threads.getCurrentThreadAllocatedBytes();
      t0 = System.nanoTime();
      receive.unprotectRun(sealed, start, pnOff, sealedEnd, pnLen, 0, RUN);
      for (int i = 0; i < RUN; i++) {
        if (receive.open(sealed, start[i], pnOff[i], pnLen[i], sealedEnd[i], pn + i) < 0) {
          throw new IllegalStateException("did not open");
        }
      }
      openNs += System.nanoTime() - t0;
      openBytes += threads.getCurrentThreadAllocatedBytes() - before;
      pn += RUN;
    }
    return sealNs;
  }

  public static void main(String[] args) {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 2_000;
    System.out.println("cipher              bytes   seal ns   open ns   open B alloc");
    for (QuicCipher cipher : QuicCipher.values()) {
      for (int size : new int[] {64, 1_200, 1_452, 8_900}) {
        CryptoBench b = new CryptoBench(cipher, size);
        double[] seal = new double[ROUNDS];
        double[] open = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
          seal[i] = (double) b.round(runs) / runs / RUN;
          open[i] = (double) b.openNs / runs / RUN;
        }
        Arrays.sort(seal);
        Arrays.sort(open);
        System.out.printf(
            Locale.ROOT,
            "%-18s %6d %9.0f %9.0f %10d%n",
            cipher,
            size,
            seal[ROUNDS / 2],
            open[ROUNDS / 2],
            b.openBytes / runs / RUN);
      }
    }
  }
}
