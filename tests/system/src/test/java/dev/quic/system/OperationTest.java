package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.uapi.Errno;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A handshake daemon under the hands of its operator and of a service manager. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class OperationTest {
  @TempDir Path dir;
  private SplitHouse house;

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
  }

  @AfterEach
  void close() {
    house.close();
  }

  private static final String[] PLAIN = {"[authenticate.client]", "x509.truststore=ca.pem"};

  private static String[] with(String... more) {
    String[] all = java.util.Arrays.copyOf(PLAIN, PLAIN.length + more.length);
    System.arraycopy(more, 0, all, PLAIN.length, more.length);
    return all;
  }

  /** A consumer's whole handshake with a program's server. */
  private void handshake() throws Exception {
    try (QuicSocket listener = house.listener(SplitHouse.ALPN);
        QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
      SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
      Future<?> far = house.pool.submit(() -> serve(listener));
      assertThat(asked.await()).isZero();
      far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private QuicSocket serve(QuicSocket listener) throws Exception {
    QuicSocket s = listener.accept();
    QuicHandshake.server(
        s, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
    return s;
  }

  @Test
  void readAgainOnASignalAndWhenTheFileChanges() throws Exception {
    try (Handshaked daemon = house.daemonOf(Map.of(), PLAIN)) {
      handshake();
      house.configure(with("[debug]", "colour=red"));
      daemon.awaitLine(l -> l.endsWith("handshaked.conf:4: unknown key [debug] colour"));
      daemon.awaitLine(l -> l.contains("configuration read again"));
      Path next = Files.write(dir.resolve("next"), java.util.List.of(with("[debug]", "rubbish")));
      Files.move(next, dir.resolve("handshaked.conf"), StandardCopyOption.REPLACE_EXISTING);
      daemon.awaitLine(l ->
          l.contains("handshaked.conf:4: ") && l.endsWith("the old configuration stays in force"));
      handshake();
      house.configure(with("[debug]", "loglevel=nine"));
      daemon.signal("HUP");
      daemon.awaitLine(
          l -> l.contains("loglevel = nine") && l.endsWith("the old configuration stays in force"));
      handshake();
      house.configure(with("[limits]", "colour=blue"));
      daemon.signal("HUP");
      daemon.awaitLine(l -> l.endsWith("unknown key [limits] colour"));
      handshake();
    }
  }

  /** A peer that has got a ClientHello and is silent. */
  private SplitHouse.Asked underWay(DatagramSocket silent) throws Exception {
    QuicSocket consumer =
        house.connect((InetSocketAddress) silent.getLocalSocketAddress(), SplitHouse.ALPN);
    SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
    silent.receive(new DatagramPacket(new byte[2048], 2048));
    return asked;
  }

  @Test
  void aHandshakeUnderWayFinishesAfterSigterm() throws Exception {
    try (Handshaked daemon = house.daemonOf(Map.of(), with("[limits]", "drain=60"));
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
      SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
      // The ClientHello has come: the daemon waits for this end, which takes its time.
      QuicSocket far = listener.accept();
      daemon.signal("TERM");
      // Nobody takes further requests.
      SplitHouse.Asked late;
      do {
        QuicSocket other = house.connect(listener.getsockname(), SplitHouse.ALPN);
        late = house.clientHello(other, SplitHouse.NAME, 1);
      } while (late.submitted() == 0);
      assertThat(late.submitted()).isEqualTo(-Errno.ESRCH);
      QuicHandshake.server(
          far, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
      assertThat(asked.await()).isZero();
      assertThat(daemon.awaitEnd()).isZero();
    }
  }

  /** It is told to stop while it reads its configuration, long before it serves anybody. */
  @ParameterizedTest
  @ValueSource(strings = {"dataplane", "handshaked"})
  void aDaemonCanBeStoppedWhileItStarts(String name) throws Exception {
    Path pipe = dir.resolve("pipe");
    CProgram.succeed(CProgram.run(Map.of(), List.of("mkfifo", pipe.toString())));
    List<String> arguments =
        List.of("--run-dir", dir.resolve("other").toString(), "-c", pipe.toString());
    try (BinProcess daemon = new BinProcess(name, Map.of(), arguments)) {
      // Opens once the other end is opened to read.
      try (OutputStream config = Files.newOutputStream(pipe)) {
        daemon.signal("TERM");
        config.write('\n');
      }
      assertThat(daemon.awaitEnd()).as("%s", daemon.lines()).isZero();
    }
  }

  @Test
  void drainingHasALimit() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Handshaked daemon = house.daemonOf(Map.of(), with("[limits]", "drain=1"))) {
      SplitHouse.Asked asked = underWay(silent);
      daemon.signal("TERM");
      assertThat(daemon.awaitEnd()).isZero();
      assertThat(asked.await()).isEqualTo(-Errno.EIO);
      daemon.awaitLine(l -> l.contains("1 handshake given up"));
    }
  }

  @Test
  void aSecondSignalEndsAtOnce() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ServiceManager manager = new ServiceManager(dir.resolve("notify"));
        Handshaked daemon =
            house.daemonOf(
                Map.of("NOTIFY_SOCKET", dir.resolve("notify").toString()),
                with("[limits]", "drain=3600"))) {
      SplitHouse.Asked asked = underWay(silent);
      daemon.signal("TERM");
      manager.await("STOPPING=1");
      daemon.signal("INT");
      assertThat(daemon.awaitEnd()).isEqualTo(1);
      assertThat(asked.await()).isEqualTo(-Errno.EIO);
    }
  }

  @Test
  void theServiceManagerIsTold() throws Exception {
    try (ServiceManager manager = new ServiceManager(dir.resolve("notify"));
        Handshaked daemon =
            house.daemonOf(
                Map.of(
                    "NOTIFY_SOCKET", dir.resolve("notify").toString(), "WATCHDOG_USEC", "200000"),
                PLAIN)) {
      manager.await("STATUS=listening");
      manager.await("READY=1");
      manager.await("WATCHDOG=1");
      manager.await("WATCHDOG=1");
      daemon.signal("HUP");
      assertThat(manager.await("RELOADING=1")).containsPattern("\\nMONOTONIC_USEC=[0-9]+");
      manager.await("READY=1");
      daemon.signal("TERM");
      manager.await("STOPPING=1");
      assertThat(daemon.awaitEnd()).isZero();
    }
  }

  @Test
  void theDataPlaneTellsItToo() throws Exception {
    Path socket = dir.resolve("plane-notify");
    try (ServiceManager manager = new ServiceManager(socket)) {
      ProcessBuilder builder =
          new ProcessBuilder(
              BinProcess.checkout().resolve("bin/dataplane").toString(),
              "--run-dir",
              dir.resolve("plane").toString());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      builder.environment().put("QUIC_NO_BUILD", "1");
      builder.environment().put("NOTIFY_SOCKET", socket.toString());
      builder.environment().put("WATCHDOG_USEC", "500000");
      Process plane = builder.inheritIO().start();
      try {
        assertThat(manager.await("STATUS=")).endsWith(dir.resolve("plane").toString());
        manager.await("READY=1");
        manager.await("WATCHDOG=1");
        manager.await("WATCHDOG=1");
        plane.destroy();
        manager.await("STOPPING=1");
        assertThat(plane.waitFor()).isZero();
      } finally {
        plane.destroyForcibly();
      }
    }
  }
}
