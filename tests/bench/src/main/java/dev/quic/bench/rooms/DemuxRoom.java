package dev.quic.bench.rooms;

import dev.quic.dataplane.core.common.LongObjectMap;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import java.util.SplittableRandom;
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

/** Whose packet it is: header and connection id, among few and many; time of one packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DemuxRoom {
  private static final int PACKETS = 64;
  private static final int PACKET = 64;
  private static final long SEED = 1;

  /** Connections there are. */
  @Param({"1", "10000", "100000"})
  public int connections = 1;

  private final byte[] slab = new byte[PACKETS * PACKET];
  private final PacketHeader header = new PacketHeader();
  private LongObjectMap<Object> table = new LongObjectMap<>(SEED);

  /** Fills the table, and writes packets of connections in it. */
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(SEED);
    table = new LongObjectMap<>(SEED);
    long[] keys = new long[connections];
    for (int i = 0; i < connections; i++) {
      keys[i] = random.nextLong();
      table.put(keys[i], new Object());
    }
    for (int i = 0; i < PACKETS; i++) {
      ConnId id = ConnId.ofKey(keys[random.nextInt(connections)]);
      var unused = HeaderWriter.writeShort(slab, i * PACKET, id, false, i, 2);
    }
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public int demux() {
    int found = 0;
    for (int i = 0; i < PACKETS; i++) {
      var unused = header.parse(slab, i * PACKET, (i + 1) * PACKET);
      found += table.get(ConnId.key(slab, header.dcidOff)) == null ? 0 : 1;
    }
    if (found != PACKETS) {
      throw new IllegalStateException("only " + found + " found");
    }
    return found;
  }
}
