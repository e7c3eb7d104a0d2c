package dev.quic.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.quic.dataplane.core.common.LongObjectMap;
import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.cong.NewReno;
import dev.quic.dataplane.core.cong.Pacer;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.pnspace.PnSpace;
import dev.quic.dataplane.core.timer.TimerTable;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What the packet path costs in garbage. */
class LeafAllocationTest {
  private static final int PACKETS = 20_000;

  private static double perPacket(Runnable once) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    once.run();
    long before = threads.getCurrentThreadAllocatedBytes();
    once.run();
    return (double) (threads.getCurrentThreadAllocatedBytes() - before) / PACKETS;
  }

  @Test
  void bookkeepingAllocatesNothing() {
    PnSpace space = new PnSpace();
    TimerTable timers = new TimerTable();
    RttEstimator rtt = new RttEstimator();
    NewReno cc = new NewReno(1_452);
    Pacer pacer = new Pacer(1_452);
    LongObjectMap<String> map = new LongObjectMap<>(1);
    byte[] buf = new byte[64];
    Writer w = new Writer();
    Reader r = new Reader();
    Runnable once =
        () -> {
          for (int i = 0; i < PACKETS; i++) {
            long pn = space.takeNext();
            space.receive(pn + (pn & 3), pn);
            space.onAckAcked(pn - 100);
            timers.set((int) (pn % TimerTable.KINDS), pn ^ 0x55);
            rtt.onSample(1_000_000 + pn % 1_000, 5, 25_000_000);
            pacer.update(cc, rtt, 1_452, Long.MAX_VALUE);
            pacer.onSent(pn, pacer.budget(pn), 1_452);
            cc.onPacketSent(pn, 1_452);
            cc.onAcked(pn, pn, 1_452, false, rtt);
            map.put(pn & 7, "x");
            map.remove(pn + 4 & 7);
            w.wrap(buf, 0, 64).varint(pn).u32(7);
            r.wrap(buf, 0, 64).varint();
          }
        };
    assertThat(perPacket(once)).isLessThan(0.5);
  }

  /** The JDK's AEAD allocates about a kilobyte a call; all else must stay small beside it. */
  @Test
  void cryptoStaysNearTheJdksFloor() {
    PacketProtection p = PacketProtection.of(QuicCipher.AES_128_GCM, QuicVersion.V1, new byte[32]);
    byte[] slab = new byte[65_536];
    long[] pn = {0};
    double bytes =
        perPacket(() -> {
          for (int i = 0; i < PACKETS; i++) {
            slab[0] = 0x43;
            PacketNumber.write(slab, 9, pn[0], 4);
            p.seal(slab, 0, 9, 1_400, pn[0]);
            p.unprotect(slab, 0, 9, 1_416);
            p.open(slab, 0, 9, 4, 1_416, pn[0]++);
          }
        });
    assertThat(bytes).isLessThan(2 * 1_600);
  }
}
