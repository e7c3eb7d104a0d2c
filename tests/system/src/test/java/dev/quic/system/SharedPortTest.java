package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.QuicUapi;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that share one UDP port by ALPN. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class SharedPortTest {
  private static final String NAME = "localhost";
  private static final int BYTES = 20_000;

  @TempDir Path dir;
  private AlpnServers servers;

  @BeforeEach
  void prepare() throws Exception {
    servers = new AlpnServers(dir, NAME);
  }

  @AfterEach
  void stop() {
    servers.close();
  }

  private AlpnServers.Server server(String alpn, String says) throws Exception {
    return servers.start(says, alpn, NAME);
  }

  private QuicSocket connect(QuicSockets sockets, String alpn) throws Exception {
    QuicSocket s = sockets.socket(QuicUapi.AF_INET);
    s.connect(servers.address);
    QuicClientTls tls =
        QuicClientTls.of(NAME, alpn).withTrustAnchors(List.of(servers.ca.certificate()));
    QuicHandshake.client(s, tls);
    return s;
  }

  /** One message there and back. */
  private static void echo(QuicSocket s, int round) throws QuicException {
    byte[] sent = new byte[BYTES];
    Arrays.fill(sent, (byte) round);
    int flags = round == 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0;
    s.sendmsg(QuicMsg.stream(0, flags), sent, 0, sent.length);
    byte[] back = new byte[BYTES];
    QuicMsg msg = QuicMsg.plain();
    for (int at = 0; at < back.length; ) {
      msg.flags = 0;
      at += s.recvmsg(msg, back, at, back.length - at);
    }
    assertThat(back).isEqualTo(sent);
  }

  /** Sends rounds until told to stop; how many. */
  private static int load(QuicSocket s, AtomicBoolean stop, CountDownLatch warm) throws Exception {
    int round = 0;
    while (!stop.get()) {
      echo(s, round++);
      if (round == 20) {
        warm.countDown();
      }
    }
    return round;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void threeProcessesOnOnePort(int shards) throws Exception {
    try (DataPlane plane = DataPlane.builder().runDir(dir.resolve("run")).shards(shards).start();
        RemoteQuicSockets sockets = RemoteQuicSockets.open(dir.resolve("run"));
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      AlpnServers.Server doomed = server("h3", "ready");
      server("smbd", "ready");
      server("ksmbd,dot", "ready");
      server("dot,other", "EADDRINUSE");
      server("h3", "EADDRINUSE");

      QuicSocket a = connect(sockets, "h3");
      echo(a, 0);
      AtomicBoolean stop = new AtomicBoolean();
      CountDownLatch warm = new CountDownLatch(2);
      QuicSocket b = connect(sockets, "smbd");
      QuicSocket d = connect(plane.sockets(), "dot");
      Future<Integer> first = pool.submit(() -> load(b, stop, warm));
      Future<Integer> second = pool.submit(() -> load(d, stop, warm));
      warm.await();

      doomed.kill();
      assertThatThrownBy(
              () -> {
                for (int i = 1; i < 1_000_000; i++) {
                  echo(a, i);
                }
              })
          .isInstanceOf(QuicException.class);
      assertThatThrownBy(() -> connect(sockets, "h3"))
          .isInstanceOf(QuicException.class)
          .hasMessageContaining("no_application_protocol");
      server("h3", "ready");
      try (QuicSocket again = connect(sockets, "h3")) {
        echo(again, 0);
      }
      stop.set(true);
      assertThat(first.get()).isGreaterThan(20);
      assertThat(second.get()).isGreaterThan(20);
      echo(b, 1);
      echo(d, 1);
      b.close();
      d.close();
    }
  }
}
