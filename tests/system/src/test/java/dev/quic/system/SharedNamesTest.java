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
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.QuicUapi;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final List<Server> servers = new ArrayList<>();
  private CertificateAuthority ca;
  private DataPlane plane;
  private RemoteQuicSockets sockets;
  private int port;

  @BeforeEach
  void prepare() throws Exception {
    ca = CertificateAuthority.create("names", Instant.now());
    for (String name : List.of("a.test", "b.test")) {
      Credentials c = ca.server(name);
      CertificateAuthority.writeCertificates(dir.resolve(name + ".pem"), c.chain());
      CertificateAuthority.writeKey(dir.resolve(name + ".key"), c.key());
    }
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    plane = DataPlane.builder().runDir(dir.resolve("run")).shards(1).start();
    sockets = RemoteQuicSockets.open(dir.resolve("run"));
  }

  @AfterEach
  void stop() {
    servers.forEach(s -> s.process.destroyForcibly());
    sockets.close();
    plane.close();
  }

  /** A process that listens, and how many connections it has accepted. */
  private static final class Server {
    final Process process;
    final AtomicInteger accepted = new AtomicInteger();

    Server(Process process) {
      this.process = process;
    }

    void count(BufferedReader out) {
      out.lines().filter("accepted"::equals).forEach(l -> accepted.incrementAndGet());
    }
  }

  /** Starts one with the certificate of {@code name}; more arguments are names and "reuse". */
  private Server server(String says, String name, String... more) throws IOException {
    String classes = System.getProperty("surefire.test.class.path");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes == null ? System.getProperty("java.class.path") : classes,
                AlpnServer.class.getName(),
                dir.resolve("run").toString(),
                String.valueOf(port),
                ALPN,
                dir.resolve(name + ".pem").toString(),
                dir.resolve(name + ".key").toString()));
    command.addAll(List.of(more));
    ProcessBuilder b = new ProcessBuilder(command);
    Server s = new Server(b.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    servers.add(s);
    BufferedReader out = s.process.inputReader();
    assertThat(out.readLine()).as(command.toString()).isEqualTo(says);
    Thread.ofVirtual().start(() -> s.count(out));
    return s;
  }

  /** A verified connection to whoever serves this name, and a message there and back. */
  private void visit(String name) throws Exception {
    try (QuicSocket s = sockets.socket(QuicUapi.AF_INET)) {
      s.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      QuicHandshake.client(
          s, QuicClientTls.of(name, ALPN).withTrustAnchors(List.of(ca.certificate())));
      byte[] b = {1, 2, 3};
      s.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_NEW), b, 0, 3);
      assertThat(s.recvmsg(QuicMsg.plain(), new byte[10], 0, 10)).isEqualTo(3);
    }
  }

  @Test
  void namesTellProcessesApart() throws Exception {
    Server a = server("ready", "a.test", "a.test");
    Server b = server("ready", "b.test", "b.test,*.b.test");
    server("EADDRINUSE", "b.test", "other.test,B.test");
    // The certificate says who answered.
    for (int i = 0; i < 3; i++) {
      visit("a.test");
      visit("b.test");
    }
    assertThat(a.accepted.get() + b.accepted.get()).isBetween(1, 6);
    a.process.destroyForcibly().waitFor();
    visit("b.test");
    assertThatThrownBy(() -> visit("a.test")).isInstanceOf(QuicException.class);
    server("ready", "a.test", "a.test");
    visit("a.test");
  }

  @Test
  void reusePortSharesAmongProcesses() throws Exception {
    server("ready", "a.test", "a.test");
    server("EADDRINUSE", "a.test", "a.test", "reuse");
    servers.getFirst().process.destroyForcibly().waitFor();
    Server one = server("ready", "a.test", "a.test", "reuse");
    Server two = server("ready", "a.test", "a.test", "reuse");
    server("EADDRINUSE", "a.test", "a.test");
    for (int i = 0; i < TRIES && (one.accepted.get() == 0 || two.accepted.get() == 0); i++) {
      visit("a.test");
    }
    assertThat(one.accepted.get()).isPositive();
    assertThat(two.accepted.get()).isPositive();
    one.process.destroyForcibly().waitFor();
    int before = two.accepted.get();
    for (int i = 0; i < 8; i++) {
      visit("a.test");
    }
    assertThat(two.accepted.get()).isGreaterThan(before);
  }
}
