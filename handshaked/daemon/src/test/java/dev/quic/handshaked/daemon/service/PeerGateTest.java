package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.daemon.service.PeerGate.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

final class PeerGateTest {
  private static PeerKey key(String address) {
    return PeerKey.of(new InetSocketAddress(InetAddress.ofLiteral(address), 1));
  }

  private static final PeerKey A = key("192.0.2.1");
  private static final PeerKey B = key("192.0.2.2");

  @Test
  void oneHostIsOnePeerWhateverItsPort() {
    assertThat(A).isNotEqualTo(B).isEqualTo(key("192.0.2.1"));
    assertThat(key("2001:db8:1:2::1")).isEqualTo(key("2001:db8:1:2:3:4:5:6"));
    assertThat(key("2001:db8:1:2::1")).isNotEqualTo(key("2001:db8:1:3::1"));
    assertThat(key("::ffff:192.0.2.1")).isEqualTo(A);
    assertThat(PeerKey.of(InetSocketAddress.createUnresolved("nowhere.test", 1))).isNotNull();
  }

  @Test
  void furtherOnesWaitInOrderAndTakeTheFreePlace() {
    PeerGate<String> gate = new PeerGate<>(2, 3);
    assertThat(gate.enter(A, "a1")).isEqualTo(Verdict.RUN);
    assertThat(gate.enter(A, "a2")).isEqualTo(Verdict.RUN);
    assertThat(gate.enter(A, "a3")).isEqualTo(Verdict.WAIT);
    assertThat(gate.enter(A, "a4")).isEqualTo(Verdict.WAIT);
    assertThat(gate.enter(B, "b1")).isEqualTo(Verdict.RUN);
    assertThat(gate.waiting()).isEqualTo(2);
    assertThat(gate.leave(B)).isNull();
    assertThat(gate.leave(A)).isEqualTo("a3");
    assertThat(gate.leave(A)).isEqualTo("a4");
    assertThat(gate.leave(A)).isNull();
    assertThat(gate.leave(A)).isNull();
    assertThat(gate.waiting()).isZero();
    assertThat(gate.enter(A, "a5")).isEqualTo(Verdict.RUN);
  }

  @Test
  void aFullQueueRefuses() {
    PeerGate<String> gate = new PeerGate<>(1, 1);
    assertThat(gate.enter(A, "a1")).isEqualTo(Verdict.RUN);
    assertThat(gate.enter(A, "a2")).isEqualTo(Verdict.WAIT);
    assertThat(gate.enter(A, "a3")).isEqualTo(Verdict.REFUSE);
    assertThat(gate.enter(B, "b1")).isEqualTo(Verdict.RUN);
    assertThat(gate.enter(B, "b2")).isEqualTo(Verdict.REFUSE);
  }

  @Test
  void limitsCanChangeMeanwhile() {
    PeerGate<String> gate = new PeerGate<>(0, 0);
    for (int i = 0; i < 3; i++) {
      assertThat(gate.enter(A, "a" + i)).isEqualTo(Verdict.RUN);
    }
    gate.limits(1, 5);
    assertThat(gate.enter(A, "late")).isEqualTo(Verdict.WAIT);
    // Two too many: their places are given up first.
    assertThat(gate.leave(A)).isNull();
    assertThat(gate.leave(A)).isNull();
    assertThat(gate.leave(A)).isEqualTo("late");
    assertThat(gate.leave(A)).isNull();
  }
}
