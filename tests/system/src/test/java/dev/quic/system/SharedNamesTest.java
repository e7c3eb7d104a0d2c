package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share one UDP port and one ALPN: by server name, and by SO_REUSEPORT. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class SharedNamesTest {
  private static final String ALPN = "h3";
  private static final int TRIES = 64;

  @TempDir Path dir;
  private AlpnServers servers;
  private DataPlane plane;
  private RemoteQuicSockets sockets;

  @BeforeEach
  void prepare() throws Exception {
    servers = new AlpnServers(dir, "a.test", "b.test");
    plane = DataPlane.builder().runDir(dir.resolve("run")).shards(1).start();
    sockets = RemoteQuicSockets.open(dir.resolve("run"));
  }

  @AfterEach
  void stop() {
    servers.close();
    sockets.close();
    plane.close();
  }

  private AlpnServers.Server server(String says, String name, String... more) throws IOException {
    return servers.start(says, ALPN, name, more);
  }

  /** A verified connection to whoever serves this name, and a message there and back. */
  private void visit(String name) throws Exception {
    try (QuicSocket s = sockets.socket(QuicUapi.AF_INET)) {
      s.connect(servers.address);
      QuicHandshake.client(
          s, QuicClientTls.of(name, ALPN).withTrustAnchors(List.of(servers.ca.certificate())));
      byte[] b = {1, 2, 3};
      s.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_NEW), b, 0, 3);
      assertThat(s.recvmsg(QuicMsg.plain(), new byte[10], 0, 10)).isEqualTo(3);
    }
  }

  @Test
  void namesTellProcessesApart() throws Exception {
    AlpnServers.Server a = server("ready", "a.test", "a.test");
    AlpnServers.Server b = server("ready", "b.test", "b.test,*.b.test");
    server("EADDRINUSE", "b.test", "other.test,B.test");
    // The certificate says who answered.
    for (int i = 0; i < 3; i++) {
      visit("a.test");
      visit("b.test");
    }
    assertThat(a.accepted.get() + b.accepted.get()).isBetween(1, 6);
    a.kill();
    visit("b.test");
    assertThatThrownBy(() -> visit("a.test")).isInstanceOf(QuicException.class);
    server("ready", "a.test", "a.test");
    visit("a.test");
  }

  @Test
  void reusePortSharesAmongProcesses() throws Exception {
    AlpnServers.Server alone = server("ready", "a.test", "a.test");
    server("EADDRINUSE", "a.test", "a.test", "reuse");
    alone.kill();
    AlpnServers.Server one = server("ready", "a.test", "a.test", "reuse");
    AlpnServers.Server two = server("ready", "a.test", "a.test", "reuse");
    server("EADDRINUSE", "a.test", "a.test");
    for (int i = 0; i < TRIES && (one.accepted.get() == 0 || two.accepted.get() == 0); i++) {
      visit("a.test");
    }
    assertThat(one.accepted.get()).isPositive();
    assertThat(two.accepted.get()).isPositive();
    one.kill();
    int before = two.accepted.get();
    for (int i = 0; i < 8; i++) {
      visit("a.test");
    }
    assertThat(two.accepted.get()).isGreaterThan(before);
  }
}
