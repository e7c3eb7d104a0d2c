package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code hq-server} and {@code hq-get} with what they can be asked for; the qlog tells if it was.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class HqCommandsTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path dir;

  @BeforeEach
  void files() throws Exception {
    try (BinProcess keys = new BinProcess("quic", Map.of(), List.of("keys", keys().toString()))) {
      assertThat(keys.awaitEnd()).as(String.join("\n", keys.lines())).isZero();
    }
    byte[] content = new byte[SIZE];
    new Random(1).nextBytes(content);
    Files.createDirectories(dir.resolve("www"));
    Files.write(dir.resolve("www/f"), content);
  }

  private Path keys() {
    return dir.resolve("keys");
  }

  private BinProcess server(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("hq-server", "127.0.0.1:0", dir.resolve("www").toString()));
    arguments.addAll(List.of("--cert", keys().resolve("server.pem").toString()));
    arguments.addAll(List.of("--key", keys().resolve("server.key").toString(), "--embedded"));
    arguments.addAll(List.of(more));
    return new BinProcess("quic", Map.of(), arguments);
  }

  private static int port(BinProcess server) throws InterruptedException {
    String line = server.awaitLine(l -> l.startsWith("listening on "));
    return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
  }

  /** Fetches the file; answers what the client logged of it. */
  private String get(int port, String... more) throws Exception {
    Path logs = dir.resolve("qlog");
    List<String> arguments = new ArrayList<>(List.of("hq-get"));
    arguments.add("https://localhost:" + port + "/f");
    arguments.addAll(List.of("-o", dir.resolve("got").toString(), "--connect", "127.0.0.1"));
    arguments.addAll(List.of("--ca", keys().resolve("ca.pem").toString(), "--embedded"));
    arguments.addAll(List.of("--qlog", logs.toString()));
    arguments.addAll(List.of(more));
    try (BinProcess client = new BinProcess("quic", Map.of(), arguments)) {
      assertThat(client.awaitEnd()).as(String.join("\n", client.lines())).isZero();
    }
    assertThat(dir.resolve("got/f")).hasSameBinaryContentAs(dir.resolve("www/f"));
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(logs)) {
      for (Path file : files.toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  @Test
  void keysAreUpdatedAndTheClientMoves() throws Exception {
    try (BinProcess server = server()) {
      // That the keys were updated the command itself makes sure of.
      assertThat(get(port(server), "--key-update", "--migrate")).contains("migration_complete");
    }
  }

  @Test
  void aServerAsksForARetryAndOffersAnotherAddress() throws Exception {
    try (BinProcess server = server("--retry", "--preferred-address", "127.0.0.2:0")) {
      assertThat(server.awaitEnd()).isEqualTo(1);
      assertThat(server.lines()).hasSize(1);
    }
    try (BinProcess server = server("--retry", "--preferred-address", "127.0.0.2:4433")) {
      assertThat(get(port(server))).contains("migration_complete");
    }
  }

  @Test
  void aLogOfItsOwnNeedsADataPlaneOfItsOwn() throws Exception {
    List<String> arguments =
        List.of("hq-get", "https://localhost:1/f", "-o", dir.toString(), "--qlog", dir.toString());
    try (BinProcess client = new BinProcess("quic", Map.of(), arguments)) {
      assertThat(client.awaitEnd()).isEqualTo(2);
      assertThat(client.lines()).hasSize(1).first().asString().contains("--qlog needs --embedded");
    }
  }
}
