package dev.quic.bench.rooms;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Varint;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.pnspace.PnSpace;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Variable-length integers, headers, frames; time of one of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecRoom {
  private static final int NUMBERS = 64;
  private static final int PACKETS = 45;
  private static final int PACKET = 1_452;
  private static final int RANGES = 16;

  private final byte[] varints = new byte[NUMBERS * Long.BYTES];
  private final long[] numbers = new long[NUMBERS];
  private final byte[] slab = new byte[PACKETS * PACKET];
  private final byte[] data = new byte[PACKET];
  private final byte[] streamFrame = new byte[PACKET];
  private final byte[] ackFrame = new byte[PACKET];
  private final ConnId dcid = ConnId.ofKey(0x0123_4567_89ab_cdefL);
  private final PnSpace space = new PnSpace();
  private final Reader reader = new Reader();
  private final Writer writer = new Writer();
  private final PacketHeader header = new PacketHeader();
  private final Frame frame = new Frame();
  private final int ackLength;

  /** Fills what is read. */
  public CodecRoom() {
    int at = 0;
    for (int i = 0; i < NUMBERS; i++) {
      // All four lengths in turn.
      numbers[i] = 1L << new int[] {3, 10, 25, 50}[i & 3];
      at = Varint.write(varints, at, numbers[i]);
    }
    FrameWriter.streamHeader(
        writer.wrap(streamFrame, 0, PACKET), 0, 1L << 25, PACKET - 20, true, false);
    for (int i = 0; i < RANGES; i++) {
      space.receive(3L * i, i);
    }
    ackLength = acknowledge(ackFrame);
    build();
  }

  private int acknowledge(byte[] to) {
    writer.wrap(to, 0, PACKET);
    FrameWriter.ack(writer, space, 0, RANGES);
    return writer.position();
  }

  @Benchmark
  @OperationsPerInvocation(NUMBERS)
  public long varintRead() {
    reader.wrap(varints, 0, varints.length);
    long sum = 0;
    for (int i = 0; i < NUMBERS; i++) {
      sum += reader.varint();
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(NUMBERS)
  public int varintWrite() {
    int at = 0;
    for (int i = 0; i < NUMBERS; i++) {
      at = Varint.write(varints, at, numbers[i]);
    }
    return at;
  }

  @Benchmark
  public int streamFrameRead() {
    return frame.parse(reader.wrap(streamFrame, 0, PACKET));
  }

  /** Of sixteen ranges. */
  @Benchmark
  public int ackFrameRead() {
    return frame.parse(reader.wrap(ackFrame, 0, ackLength));
  }

  /** Of sixteen ranges. */
  @Benchmark
  public int ackFrameWrite() {
    return acknowledge(ackFrame);
  }

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public long headerRead() {
    long sum = 0;
    for (int i = 0; i < PACKETS; i++) {
      sum += header.parse(slab, i * PACKET, (i + 1) * PACKET).ordinal() + header.pnOff;
    }
    return sum;
  }

  /** Short header, frame header and the copy of the data of full packets, not yet sealed. */
  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public byte[] packetBuild() {
    build();
    return slab;
  }

  private void build() {
    for (int i = 0; i < PACKETS; i++) {
      int start = i * PACKET;
      int payload = HeaderWriter.writeShort(slab, start, dcid, false, i, 2) + 2;
      int room = start + PACKET - 16 - payload;
      writer.wrap(slab, payload, room);
      int len = room - FrameWriter.streamHeaderSize(0, 1L << 25);
      FrameWriter.streamHeader(writer, 0, 1L << 25, len, false, false);
      writer.bytes(data, 0, Math.min(len, writer.remaining()));
    }
  }
}
