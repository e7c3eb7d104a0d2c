package dev.quic.dataplane.io;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import org.junit.jupiter.api.Test;

class TxBacklogTest {
  private static final SockAddr TO = SockAddr.v4(0x7f000001, 9);
  private final TxBacklog backlog = new TxBacklog();

  @Test
  void isBounded() {
    byte[] slab = new byte[65_536];
    int taken = 0;
    while (backlog.add(slab, 0, slab.length, 1200, null, TO, (byte) 0)) {
      taken++;
    }
    assertThat(taken).isEqualTo(IoLimits.TX_BACKLOG_BYTES / slab.length);
    backlog.remove();
    assertThat(backlog.add(slab, 0, slab.length, 1200, null, TO, (byte) 0)).isTrue();
    backlog.clear();
    assertThat(backlog.isEmpty()).isTrue();
    assertThat(backlog.add(slab, 0, slab.length, 1200, null, TO, (byte) 0)).isTrue();
  }

  @Test
  void keepsWhatWasNotSentYet() {
    byte[] slab = {1, 2, 3, 4, 5, 6, 7};
    backlog.add(slab, 1, 6, 2, TO, TO, (byte) 2);
    slab[3] = 99; // taken by value
    TxBacklog.Entry e = requireNonNull(backlog.peek());
    assertThat(e.segments()).isEqualTo(3);
    backlog.replaceHead(2);
    e = requireNonNull(backlog.peek());
    assertThat(e.bytes()).containsExactly(4, 5, 6, 7);
    assertThat(e.segmentSize()).isEqualTo(2);
    backlog.remove();
    assertThat(backlog.peek()).isNull();
  }
}
