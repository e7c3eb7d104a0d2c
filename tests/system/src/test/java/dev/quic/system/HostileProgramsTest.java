package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs that flood, lie, hoard, do not read or are killed: the data plane gives back whatever
 * they had, and an honest pair beside them does not notice.
 */
final class HostileProgramsTest {
  private static final Path SOURCES =
      BinProcess.checkout().resolve("tests/system/src/test/c/kernel").normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HERE = "127.0.0.1";

  /** Descriptors that come and go by themselves: a compiler's, a class file's. */
  private static final int SLACK = 4;

  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(26_500 + 40 * (int) (ProcessHandle.current().pid() % 100));

  @TempDir static Path dir;
  private static BinProcess plane;
  private static Path run;

  private long descriptors;

  @BeforeAll
  static void start() throws Exception {
    CProgram.library();
    for (String name : List.of("hostile", "many")) {
      List<String> command =
          new ArrayList<>(List.of("cc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-Werror"));
      for (String file : List.of(name, "quicsocket", "faketls", "gnutlstls")) {
        command.add(SOURCES.resolve(file + ".c").toString());
      }
      command.addAll(List.of("-o", dir.resolve(name).toString(), "-lgnutls", "-pthread"));
      CProgram.succeed(CProgram.run(Map.of(), command));
    }
    run = dir.resolve("run");
    plane = new BinProcess("dataplane", Map.of(), List.of("--run-dir=" + run));
    plane.awaitLine(line -> line.startsWith("dataplane ready"));
    // Whatever is opened once is open from here on.
    victims();
  }

  @AfterAll
  static void stop() {
    plane.close();
  }

  @BeforeEach
  void count() throws Exception {
    descriptors = open();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    await().atMost(PATIENCE).until(() -> rows("conns") == 0 && rows("eps") == 0);
    await().atMost(PATIENCE).until(() -> open() <= descriptors + SLACK);
    victims();
  }

  private static long open() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(plane.pid()), "fd"))) {
      return all.count();
    }
  }

  private static long rows(String view) throws IOException {
    try (DoorClient look = DoorClient.connectToLook(new RunDir(run))) {
      return look.view(view).lines().count() - 1;
    }
  }

  private static int port() {
    return NEXT_PORT.getAndAdd(2);
  }

  private static BinProcess under(String program, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("run", "--run-dir=" + run));
    all.add(dir.resolve(program).toString());
    all.addAll(List.of(arguments));
    return new BinProcess("quic", Map.of(), all);
  }

  private static BinProcess victim(String role, int port) throws IOException {
    return under("hostile", "victim", role, HERE, Integer.toString(port), "fake");
  }

  /** An honest pair from its beginning to its end. */
  private static void victims() throws Exception {
    int port = port();
    try (BinProcess server = victim("server", port)) {
      server.awaitLine("ready"::equals);
      try (BinProcess client = victim("client", port)) {
        assertThat(client.awaitEnd()).as("%s, %s", client.lines(), server.lines()).isZero();
        assertThat(server.awaitEnd()).as("%s", server.lines()).isZero();
      }
    }
  }

  private static String hostile(String what) throws Exception {
    String socket = run.resolve("socket.sock").toString();
    List<String> command = List.of(dir.resolve("hostile").toString(), what, socket);
    return CProgram.succeed(CProgram.run(Map.of(), command)).output();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flood", "garbage"})
  void callsAndPacketsOfAllSorts(String what) throws Exception {
    FutureTask<Boolean> beside =
        new FutureTask<>(() -> {
          victims();
          return true;
        });
    Thread.ofPlatform().start(beside);
    hostile(what);
    assertThat(beside.get()).isTrue();
  }

  @Test
  void whenThereAreNoDescriptorsLeftTheOthersGoOn() throws Exception {
    int port = port();
    limit(open() + 200);
    try (BinProcess server = victim("server", port)) {
      server.awaitLine("ready"::equals);
      try (BinProcess client = victim("client", port)) {
        client.awaitLine("connected"::equals);
        assertThat(hostile("hoard")).contains("Too many open files in system");
        assertThat(client.awaitEnd()).as("%s, %s", client.lines(), server.lines()).isZero();
        assertThat(server.awaitEnd()).as("%s", server.lines()).isZero();
      }
      plane.awaitLine(line -> line.contains("out of descriptors"));
    } finally {
      limit(4_096);
    }
  }

  private static void limit(long descriptors) throws Exception {
    List<String> command = new ArrayList<>(List.of("prlimit", "--pid"));
    command.addAll(List.of(Long.toString(plane.pid()), "--nofile=" + descriptors + ":"));
    CProgram.succeed(CProgram.run(Map.of(), command));
  }

  @Test
  void whoNeverReadsFillsOnlyItsOwn() throws Exception {
    String port = Integer.toString(port());
    try (BinProcess server = under("hostile", "mute", "server", HERE, port, "fake")) {
      server.awaitLine("ready"::equals);
      try (BinProcess client = under("hostile", "mute", "client", HERE, port, "fake")) {
        client.awaitLine("full"::equals);
        server.awaitLine("full"::equals);
        victims();
        client.kill();
      }
      server.kill();
    }
  }

  /** Killed as far apart as the machine's speed makes it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 60, 150})
  void killedAtAnyPoint(int connections) throws Exception {
    String port = Integer.toString(port());
    try (BinProcess server = under("many", "server", HERE, port, "fake", "200")) {
      server.awaitLine("ready"::equals);
      try (BinProcess client = under("many", "client", HERE, port, "fake", "200")) {
        await().atMost(PATIENCE).until(() -> rows("conns") >= 2L * connections);
        (connections % 2 == 0 ? client : server).kill();
      }
      server.kill();
    }
  }
}
