package dev.quic.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Exit codes and what the user reads. */
final class QuicMainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "hq-server",
        "hq-get",
        "interop",
        "perf",
        "perf client",
        "perf server",
        "keys",
        "keyctl",
        "keyctl add",
        "doctor"
      })
  void everyCommandHasHelp(String command) {
    String[] args = Stream.concat(words(command), Stream.of("--help")).toArray(String[]::new);
    assertThat(run(args)).isZero();
    assertThat(out.toString()).startsWith("Usage: quic").contains("--help");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "hq-get",
        "hq-get https://x/y",
        "perf",
        "perf --self -d 7 --x",
        "keys",
        "keyctl",
        "keyctl add psk",
        "hq-server 127.0.0.1:0 . --cert a"
      })
  void wrongUsageIsTwo(String command) {
    assertThat(run(words(command).toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).startsWith("quic").doesNotContain("\tat ");
  }

  @Test
  void failuresAreOneLine() {
    String missing = dir.resolve("missing").toString();
    assertThat(run("hq-server", "127.0.0.1:0", missing, "--cert", "c", "--key", "k", "--embedded"))
        .isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(missing);
  }

  @Test
  void aFileWhereADirectoryIsWantedIsSaid() throws Exception {
    String file = Files.createFile(dir.resolve("file")).toString();
    assertThat(run("hq-server", "127.0.0.1:0", file, "--cert", "c", "--key", "k")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("quic hq-server: not a directory: " + file + "\n");
    assertThat(run("keys", file)).isEqualTo(1);
    assertThat(err.toString())
        .endsWith("quic keys: there is something else of that name: " + file + "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "demo --size 1T,1T",
    "hq-get https://x/y -o d --quic-version zz,zz",
    "perf --self --cipher no,no"
  })
  void aValueThatIsNoneNamesNoClassOfOurs(String command, String value) {
    assertThat(run(words(command).toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).contains("'" + value + "'").doesNotContain("Exception");
  }

  @Test
  void filesThatWouldOverwriteEachOtherAreWrongUsage() {
    String out = dir.resolve("out").toString();
    assertThat(run("hq-get", "https://localhost:1/a/f", "https://localhost:1/b/f", "-o", out))
        .isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains("/a/f", "/b/f");
  }

  @Test
  void outputThatIsLostFails() {
    PrintStream full =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("No space left on device");
              }
            });
    full.print("figures");
    PrintWriter said = new PrintWriter(err, true);
    assertThat(QuicMain.told(0, full, said)).isEqualTo(1);
    assertThat(QuicMain.told(2, full, said)).isEqualTo(2);
    assertThat(err.toString().lines()).containsOnly("quic: cannot write to standard output");
  }

  @Test
  void aTestCaseThatIsNotSupportedIs127() {
    assertThat(run("interop", "--role", "server", "--testcase", "nonsense")).isEqualTo(127);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains("nonsense");
  }

  @ParameterizedTest
  @CsvSource({
    "neither,handshake,client or server",
    "client,'',TESTCASE",
    "client,transfer,REQUESTS"
  })
  void whatTheRunnerDidNotSetIsOneLine(String role, String testcase, String said) {
    assertThat(run("interop", "--role", role, "--testcase", testcase, "--requests", ""))
        .isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(said);
  }

  @Test
  void contradictionsOfSessionOptionsAreOneLine() {
    String[] get = {"hq-get", "https://localhost:1/f", "-o", dir.toString(), "--zero-rtt"};
    assertThat(run(get)).isNotZero();
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains("--session");
  }

  @Test
  void aShortTicketKeyIsOneLine() throws Exception {
    Path key = Files.write(dir.resolve("ticket.key"), new byte[31]);
    assertThat(run("keys", dir.toString())).isZero();
    String[] serve = {
      "hq-server",
      "127.0.0.1:0",
      dir.toString(),
      "--cert",
      dir.resolve("server.pem").toString(),
      "--key",
      dir.resolve("server.key").toString(),
      "--embedded",
      "--ticket-key",
      key.toString()
    };
    assertThat(run(serve)).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains("31 bytes");
  }

  @Test
  void noDaemonIsThree() {
    String runDir = dir.resolve("run").toString();
    assertThat(run("hq-get", "https://localhost:1/f", "-o", dir.toString(), "--run-dir", runDir))
        .isEqualTo(3);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(runDir);
  }

  private static Stream<String> words(String command) {
    return Stream.of(command.split(" ")).filter(w -> !w.isEmpty());
  }

  private int run(String... args) {
    CommandLine line = QuicMain.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }
}
