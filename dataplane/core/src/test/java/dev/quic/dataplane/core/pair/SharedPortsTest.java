package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Clients that do not bind share UDP ports once there are many of them. */
class SharedPortsTest {
  private static final long SECOND = 1_000_000_000L;

  private final World w = new World(77);
  private final List<Sock> socks = new ArrayList<>();

  private void connect(int family, int count) {
    for (int i = 0; i < count; i++) {
      Sock s = w.client.net.socket(family);
      assertThat(s.connect(w.now, w.serverAddress())).isZero();
      socks.add(s);
    }
  }

  @Test
  void inTurnAndUntilTheLastOfThemIsClosed() {
    connect(QuicUapi.AF_INET, 3 * Limits.EPHEMERAL_PORTS);
    assertThat(w.client.ports).hasSize(Limits.EPHEMERAL_PORTS);
    Map<Integer, Integer> users = new HashMap<>();
    socks.forEach(s -> users.merge(s.sockname().port(), 1, Integer::sum));
    assertThat(users.values()).containsOnly(3);
    // The other family has none that it could share.
    connect(QuicUapi.AF_INET6, 1);
    assertThat(w.client.ports).hasSize(Limits.EPHEMERAL_PORTS + 1);
    socks.forEach(s -> s.close(w.now));
    w.run(600 * SECOND, w.client.ports::isEmpty);
    assertThat(w.client.ports).isEmpty();
    connect(QuicUapi.AF_INET, 2);
    assertThat(w.client.ports).hasSize(2);
  }
}
