package dev.quic.bench.rooms;

import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.io.aead.AeadMode;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Sealing and opening of a run of packets, header protection included; time of one packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProtectionRoom {
  static final int PACKETS = 45;
  private static final int HEADER = 9;
  private static final int PN_BYTES = 4;
  private static final int LARGEST = 1_452;

  /** What protects packets. */
  @Param({"jdk", "ipsec-mb"})
  public String aead = "jdk";

  /** A QuicCipher. */
  @Param({"AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305"})
  public String cipher = "AES_128_GCM";

  /** Bytes of a packet with its tag. */
  @Param({"1200", "1452"})
  public int size = LARGEST;

  private final byte[] slab = new byte[PACKETS * LARGEST];
  private final byte[] sealed = new byte[PACKETS * LARGEST];
  private final int[] start = new int[PACKETS];
  private final int[] pnOff = new int[PACKETS];
  private final int[] plainEnd = new int[PACKETS];
  private final int[] end = new int[PACKETS];
  private final int[] pnLen = new int[PACKETS];
  private PacketProtection keys = keys(AeadMode.JDK, QuicCipher.AES_128_GCM);

  private static PacketProtection keys(AeadMode mode, QuicCipher suite) {
    return PacketProtection.of(mode.open(), suite, QuicVersion.V1, new byte[48]);
  }

  /** Lays out the packets, and seals a set to be opened. */
  @Setup
  public void layOut() {
    keys.destroy();
    keys = keys(AeadMode.parse(aead), QuicCipher.valueOf(cipher));
    for (int i = 0; i < PACKETS; i++) {
      start[i] = i * size;
      pnOff[i] = start[i] + HEADER;
      end[i] = start[i] + size;
      plainEnd[i] = end[i] - PacketProtection.TAG;
    }
    seal();
    System.arraycopy(slab, 0, sealed, 0, slab.length);
  }

  @TearDown
  public void wipe() {
    keys.destroy();
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public byte[] seal() {
    for (int i = 0; i < PACKETS; i++) {
      slab[start[i]] = (byte) (0x40 | PN_BYTES - 1);
      slab[pnOff[i]] = 0;
      slab[pnOff[i] + 1] = 0;
      slab[pnOff[i] + 2] = 0;
      slab[pnOff[i] + 3] = (byte) i;
    }
    keys.sealRun(slab, start, pnOff, plainEnd, 0, PACKETS, 0);
    return slab;
  }

  /** A copy of the sealed packets comes first: some 20 ns each. */
  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public int open() {
    System.arraycopy(sealed, 0, slab, 0, slab.length);
    keys.unprotectRun(slab, start, pnOff, end, pnLen, 0, PACKETS);
    int bytes = 0;
    for (int i = 0; i < PACKETS; i++) {
      int n = keys.open(slab, start[i], pnOff[i], pnLen[i], end[i], i);
      if (n < 0) {
        throw new IllegalStateException("packet " + i + " does not open");
      }
      bytes += n;
    }
    return bytes;
  }
}
