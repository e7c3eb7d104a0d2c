package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs in C that know nothing of us, under the preload library: their QUIC sockets are the data
 * plane's, GnuTLS does the TLS in their own process, and everything else is as ever.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class PreloadTest {
  @TempDir static Path programs;
  @TempDir Path dir;
  private SplitHouse house;

  private static final List<String> CASES =
      List.of(
          "passthrough",
          "echo",
          "calls",
          "addresses",
          "bulk",
          "handing",
          "loop",
          "stall",
          "tables",
          "threads");

  private static Path smoke;

  @BeforeAll
  static void compile() throws Exception {
    CProgram.library();
    smoke = CProgram.compile("smoke", programs.resolve("smoke"));
  }

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
    // GnuTLS wants the public key beside the private one, which the JDK leaves out.
    List<String> whole =
        List.of(
            "openssl",
            "ec",
            "-in",
            house.file("server.key").toString(),
            "-out",
            house.file("whole.key").toString());
    CProgram.succeed(CProgram.run(Map.of(), whole));
  }

  @AfterEach
  void close() {
    house.close();
  }

  private List<String> smoke(Path program, String name) {
    return List.of(
        program.toString(),
        name,
        house.file("server.pem").toString(),
        house.file("whole.key").toString());
  }

  private List<String> quicRun(List<String> command) {
    List<String> all = new ArrayList<>();
    all.add(BinProcess.checkout().resolve("bin/quic").toString());
    all.add("run");
    all.add("--run-dir=" + house.file("run"));
    all.addAll(command);
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "passthrough",
        "echo",
        "calls",
        "addresses",
        "bulk",
        "handing",
        "loop",
        "stall",
        "tables",
        "threads"
      })
  void unchangedPrograms(String name) throws Exception {
    CProgram.succeed(CProgram.run(Map.of("QUIC_NO_BUILD", "1"), quicRun(smoke(smoke, name))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"passthrough", "echo", "calls", "addresses", "handing", "threads"})
  void valgrindFindsNothing(String name) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "valgrind",
                "-q",
                "--error-exitcode=9",
                "--leak-check=full",
                "--errors-for-leak-kinds=definite",
                "--trace-children=yes",
                "--trace-children-skip=*/bin/sh"));
    command.addAll(smoke(smoke, name));
    CProgram.succeed(CProgram.run(Map.of("QUIC_NO_BUILD", "1"), quicRun(command)));
  }

  @Test
  void addressSanitizerFindsNothing() throws Exception {
    String flags = "-fsanitize=address,undefined -fno-sanitize-recover=all";
    Path library = dir.resolve("libquicsock.so");
    CProgram.library(library, flags);
    Path program = CProgram.compile("smoke", dir.resolve("smoke-asan"), flags.split(" "));
    String preload = CProgram.file("libasan.so") + " " + CProgram.file("libubsan.so") + " ";
    Map<String, String> environment =
        Map.of("LD_PRELOAD", preload + library, "QUIC_RUN_DIR", house.file("run").toString());
    for (String name : CASES) {
      CProgram.succeed(CProgram.run(environment, smoke(program, name)));
    }
  }

  /** An agent like tlshd, in C, serves consumers inside the data plane. */
  @Test
  void aForeignAgentServesTheDataPlane() throws Exception {
    Path agent = CProgram.compile("agent", dir.resolve("agent"));
    List<String> arguments =
        List.of(
            "run",
            "--run-dir=" + house.file("run"),
            agent.toString(),
            "2",
            house.file("server.pem").toString(),
            house.file("whole.key").toString());
    try (BinProcess running = new BinProcess("quic", Map.of(), arguments)) {
      running.awaitLine("ready"::equals);
      try (QuicSocket listener = house.listener(SplitHouse.ALPN)) {
        QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
        SplitHouse.Asked asked =
            house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
        Future<QuicSocket> far = house.pool.submit(() -> programServes(listener));
        assertThat(asked.await()).isZero();
        SplitHouse.carry(consumer, far.get(), "the agent was the client");
        QuicSocket program = house.connect(listener.getsockname(), SplitHouse.ALPN);
        Future<QuicSocket> near = house.pool.submit(() -> programConnects(program));
        QuicSocket accepted = listener.accept();
        assertThat(house.serverHello(accepted, SplitHouse.TIMEOUT_MS).await()).isZero();
        SplitHouse.carry(accepted, near.get(), "the agent was the server");
      }
      running.awaitLine(("client " + SplitHouse.ALPN + ": 0")::equals);
      running.awaitLine(("server " + SplitHouse.ALPN + ": 0")::equals);
      assertThat(running.awaitEnd()).isZero();
    }
  }

  private QuicSocket programServes(QuicSocket listener) throws Exception {
    QuicSocket s = listener.accept();
    QuicHandshake.server(
        s, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
    return s;
  }

  private QuicSocket programConnects(QuicSocket s) throws Exception {
    QuicHandshake.client(
        s,
        QuicClientTls.of(SplitHouse.NAME, SplitHouse.ALPN)
            .withTrustAnchors(List.of(house.ca.certificate())));
    return s;
  }

  @Test
  void quicRunSaysWhatIsWrong() throws Exception {
    String quic = BinProcess.checkout().resolve("bin/quic").toString();
    CProgram.Ended e =
        CProgram.run(Map.of(), List.of(quic, "run", "--run-dir=" + dir.resolve("none"), "true"));
    assertThat(e.status()).isEqualTo(3);
    assertThat(e.output()).startsWith("quic run: no data plane in ").hasLineCount(1);
    // As a data plane leaves it that was killed.
    Path left = Files.createDirectory(dir.resolve("left"));
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(left.resolve("socket.sock")));
    }
    e = CProgram.run(Map.of(), List.of(quic, "run", "--run-dir=" + left, "true"));
    assertThat(e.status()).isEqualTo(3);
    assertThat(e.output()).startsWith("quic run: no data plane in ").hasLineCount(1);
    e = CProgram.run(Map.of(), List.of(quic, "run", "--no-such-option", "true"));
    assertThat(e.status()).isEqualTo(2);
    assertThat(e.output()).contains("--no-such-option").hasLineCount(1);
    e = CProgram.run(Map.of(), quicRun(List.of("sh", "-c", "exit 7")));
    assertThat(e.status()).isEqualTo(7);
  }
}
