package dev.quic.bench.rooms;

import dev.quic.dataplane.core.cong.Cubic;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.outqueue.FrameFate;
import dev.quic.dataplane.core.outqueue.LossRecovery;
import dev.quic.dataplane.core.outqueue.SentPackets;
import dev.quic.uapi.QuicUapi;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Noting packets as sent, and what an acknowledgement of them all costs; time of one packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecoveryRoom {
  private static final int PACKETS = 64;
  private static final int PACKET = 1_452;
  private static final long RTT_NANOS = 1_000_000;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;

  private long acked;
  private final FrameFate fate =
      new FrameFate() {
        @Override
        public void acked(int level, int kind, long id, long offset, int len, boolean fin) {
          acked += len;
        }

        @Override
        public void lost(int level, int kind, long id, long offset, int len, boolean fin) {
          throw new IllegalStateException("nothing is lost here");
        }
      };
  private final LossRecovery recovery =
      new LossRecovery(new Cubic(PACKET), new RttEstimator(), fate, EventSink.NONE, 0);
  private final Frame frame = new Frame();
  private long pn;
  private long now = RTT_NANOS;

  @Benchmark
  @OperationsPerInvocation(PACKETS)
  public long sentAndAcknowledged() {
    SentPackets sent = recovery.sent(APP);
    long first = pn;
    for (int i = 0; i < PACKETS; i++) {
      sent.begin();
      sent.note(SentPackets.STREAM, 0, pn * PACKET, PACKET - 40, false);
      recovery.onSent(APP, pn, now, PACKET, true, true);
      pn++;
    }
    now += RTT_NANOS;
    frame.id = pn - 1;
    frame.ackLow[0] = first;
    frame.ackHigh[0] = pn - 1;
    frame.ackCount = 1;
    int error = recovery.onAck(APP, frame, 0, now);
    if (error != 0) {
      throw new IllegalStateException("error " + error);
    }
    return acked;
  }
}
