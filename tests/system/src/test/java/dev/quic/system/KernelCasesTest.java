package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The cases of the kernel's function test, self-test and samples as programs in C that know libc
 * and the numbers of the interface only, two processes at a time, their sockets in the data plane.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class KernelCasesTest {
  private static final Path SOURCES =
      BinProcess.checkout().resolve("tests/system/src/test/c/kernel");
  private static final List<String> SHARED = List.of("quicsocket", "faketls", "gnutlstls");
  private static final String FAKE = "fake";
  private static final List<String> VALGRIND =
      List.of(
          "valgrind",
          "-q",
          "--error-exitcode=9",
          "--leak-check=full",
          "--errors-for-leak-kinds=definite");

  /** Below the ports the system gives out, and other ones for each run of the tests. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(11_000 + 50 * (int) (ProcessHandle.current().pid() % 300));

  @TempDir static Path dir;
  private static SplitHouse house;

  @BeforeAll
  static void build() throws Exception {
    CProgram.library();
    compile("functest", "functest_streams", "functest_connection", "functest_notices");
    compile("odds", "odds_states", "odds_messages", "odds_descriptors");
    for (String name :
        List.of("selftest", "alpn", "ticket", "perf", "sockets", "many", "waits", "habits")) {
      compile(name);
    }
    house = new SplitHouse(dir);
    // GnuTLS wants the public key beside the private one, which the JDK leaves out.
    String key = house.file("server.key").toString();
    String whole = house.file("whole.key").toString();
    CProgram.succeed(CProgram.run(Map.of(), List.of("openssl", "ec", "-in", key, "-out", whole)));
  }

  @AfterAll
  static void close() {
    house.close();
  }

  private static void compile(String... names) throws Exception {
    List<String> command = new ArrayList<>(List.of("cc", "-std=gnu11", "-D_GNU_SOURCE", "-O1"));
    command.addAll(List.of("-g", "-Wall", "-Wextra", "-Werror"));
    for (String name : names) {
      command.add(SOURCES.resolve(name + ".c").toString());
    }
    for (String name : SHARED) {
      command.add(SOURCES.resolve(name + ".c").toString());
    }
    command.addAll(List.of("-o", dir.resolve(names[0]).toString(), "-lgnutls", "-pthread"));
    CProgram.succeed(CProgram.run(Map.of(), command));
  }

  private static BinProcess start(String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of("run", "--run-dir=" + house.file("run")));
    all.addAll(List.of(command));
    return new BinProcess("quic", Map.of(), all);
  }

  private static String tls(String kind, boolean server) {
    if (!kind.equals("x509")) {
      return kind;
    }
    return server
        ? "x509:" + house.file("server.pem") + ":" + house.file("whole.key")
        : "x509:" + house.file("ca.pem") + ":" + SplitHouse.NAME;
  }

  /** Runs both ends; what the client said. */
  private static List<String> run(
      String program, String kind, String bind, String connect, String... more) throws Exception {
    return run(List.of(), program, kind, bind, connect, more);
  }

  /** With something before the client's program. */
  private static List<String> run(
      List<String> wrapper,
      String program,
      String kind,
      String bind,
      String connect,
      String... more)
      throws Exception {
    String port = Integer.toString(NEXT_PORT.getAndAdd(50));
    String path = dir.resolve(program).toString();
    List<String> server = new ArrayList<>(List.of(path, "server", bind, port));
    List<String> client = new ArrayList<>(wrapper);
    client.addAll(List.of(path, "client", connect, port));
    server.add(tls(kind, true));
    client.add(tls(kind, false));
    server.addAll(List.of(more));
    client.addAll(List.of(more));
    try (BinProcess far = start(server.toArray(String[]::new))) {
      far.awaitLine("ready"::equals);
      try (BinProcess near = start(client.toArray(String[]::new))) {
        assertThat(near.awaitEnd()).as("%s: %s, %s", program, near.lines(), far.lines()).isZero();
        assertThat(far.awaitEnd()).as("%s: %s", program, far.lines()).isZero();
        return near.lines();
      }
    }
  }

  private static List<String> numbers(String part, int from, int to) {
    List<String> all = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      all.add(part + " " + i);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"fake, 127.0.0.1", "fake:54, ::1", "x509, 127.0.0.1", "x509, ::1"})
  void functionTest(String kind, String at) throws Exception {
    List<String> said = run("functest", kind, at, at);
    assertThat(said).containsAll(numbers("stream", 1, 36));
    assertThat(said).containsAll(numbers("connection", 1, 27));
    assertThat(said).containsAll(numbers("notification", 1, 30));
    assertThat(said).containsAll(numbers("close", 3, 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void selfTest(String at) throws Exception {
    assertThat(run("selftest", FAKE, at, at)).hasSize(11);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, ::1", "::1, 127.0.0.1", "127.0.0.1, 127.0.0.2", "::1, ::1"})
  void alpnAndPreferredAddress(String connect, String preferred) throws Exception {
    assertThat(run("alpn", "x509", "::", connect, preferred))
        .containsExactly("smbd", "h3", "ksmbd");
  }

  @ParameterizedTest
  @CsvSource({"fake, 127.0.0.1", "fake, ::1", "x509, 127.0.0.1"})
  void ticket(String kind, String at) throws Exception {
    assertThat(run("ticket", kind, at, at)).containsExactly("resumed");
  }

  @Test
  void manyConnectionsAtOnce() throws Exception {
    assertThat(run("many", FAKE, "127.0.0.1", "127.0.0.1", "500"))
        .hasSize(3)
        .allMatch(line -> line.startsWith("500 "));
  }

  @ParameterizedTest
  @CsvSource({"fake, 127.0.0.1", "x509, ::1"})
  void habitsOfPrograms(String kind, String at) throws Exception {
    assertThat(run("habits", kind, at, at)).hasSize(9);
  }

  @ParameterizedTest
  @CsvSource({"fake, 127.0.0.1", "x509, ::1"})
  void oddHabits(String kind, String at) throws Exception {
    assertThat(run("odds", kind, at, at)).hasSize(19);
  }

  @ParameterizedTest
  @CsvSource({"odds, 19", "waits, 8"})
  void valgrindFindsNothing(String program, int cases) throws Exception {
    assertThat(run(VALGRIND, program, FAKE, "127.0.0.1", "127.0.0.1")).hasSize(cases);
  }

  @Test
  void addressSanitizerFindsNothing() throws Exception {
    Path library = dir.resolve("sanitized.so");
    CProgram.library(library, "-fsanitize=address,undefined -fno-sanitize-recover=all");
    String all = CProgram.file("libasan.so") + " " + CProgram.file("libubsan.so") + " " + library;
    for (String program : List.of("odds", "waits")) {
      List<String> wrapper = List.of("env", "LD_PRELOAD=" + all);
      assertThat(run(wrapper, program, FAKE, "127.0.0.1", "127.0.0.1")).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {FAKE, "x509"})
  void waitsAgree(String kind) throws Exception {
    assertThat(run("waits", kind, "127.0.0.1", "127.0.0.1")).hasSize(8);
  }

  @Test
  void callsOfLibcInEveryState() throws Exception {
    assertThat(run("sockets", FAKE, "127.0.0.1", "127.0.0.1")).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {FAKE, "x509"})
  void plainSendAndReceive(String kind) throws Exception {
    assertThat(run("perf", kind, "127.0.0.1", "127.0.0.1", "9")).hasSize(4);
  }
}
