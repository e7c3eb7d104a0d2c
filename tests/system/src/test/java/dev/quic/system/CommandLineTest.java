package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/quic} as a stranger would run it: real processes, what they print, what they leave.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class CommandLineTest {
  private static final Path BIN = bin();

  @TempDir Path dir;

  @Test
  void demoCarriesBothFilesAndCleansUp() throws Exception {
    Result demo = quic("demo", "--size", "8M");
    assertThat(demo.status).as(demo.output).isZero();
    assertThat(demo.output)
        .contains("SHA-256 of both files on both sides: equal")
        .containsPattern("dataplane +\\S")
        .containsPattern("handshaked +\\S");
    assertThat(leftBehind()).isEmpty();
  }

  @Test
  void perfMeasuresBetweenTwoProcesses() throws Exception {
    Result bulk = quic("perf", "--self", "--json", "--tot_len", "64M", "--warmup", "16M");
    assertThat(bulk.status).as(bulk.output).isZero();
    assertThat(bulk.output)
        .contains("\"bytes\":67108864")
        .contains("\"gbit_s\":")
        .contains("\"cpu_s_per_gib\":")
        .contains("\"bytes_per_packet_allocated\":");

    Result requests = quic("perf", "--self", "--json", "-d", "1", "--num_reqs", "500");
    assertThat(requests.status).as(requests.output).isZero();
    assertThat(requests.output).contains("\"requests\":500");
    assertThat(leftBehind()).isEmpty();
  }

  @Test
  void noDaemonIsOneLineAndThree() throws Exception {
    Result get =
        quic("hq-get", "https://localhost:1/f", "-o", dir.toString(), "--run-dir", dir.toString());
    assertThat(get.status).isEqualTo(3);
    assertThat(get.output.lines()).hasSize(1);
  }

  @Test
  void warmTakesNoArguments() throws Exception {
    assertThat(quic("warm", "--help").status).isZero();
    Result wrong = quic("warm", "up");
    assertThat(wrong.status).isEqualTo(2);
    assertThat(wrong.output).startsWith("Usage: quic warm");
  }

  @Test
  void whatTheJvmKeptOfAnotherProgramIsPassedOver() throws Exception {
    Path kept = Files.writeString(dir.resolve("kept.aot"), "nothing of use");
    Result version = run("-XX:AOTCache=" + kept + " -Xlog:aot=off", "--version");
    assertThat(version.status).isZero();
    assertThat(version.output).matches("quic \\S+\\R");
  }

  @Test
  void aCollectorOfTheUsersIsTheOnlyOne() throws Exception {
    // The JVM refuses to choose between two.
    Result version = run("-XX:+UseG1GC", "--version");
    assertThat(version.output).matches("quic \\S+\\R");
    assertThat(version.status).isZero();
  }

  @Test
  void aSmallHeapOfTheUsersIsEnough() throws Exception {
    Result help = run("-Xmn16m -Xmx64m", "perf", "server", "--embedded", "--help");
    assertThat(help.output).startsWith("Usage: quic perf server");
    assertThat(help.status).isZero();
  }

  private record Result(int status, String output) {}

  private Result quic(String... arguments) throws IOException, InterruptedException {
    // The samples put their temporary directories here, where they can be counted.
    return run("-Djava.io.tmpdir=" + dir, arguments);
  }

  private static Result run(String options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(BIN.resolve("quic").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // Maven has just built it.
    builder.environment().put("QUIC_NO_BUILD", "1");
    builder.environment().put("QUIC_JAVA_OPTS", options);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  private List<Path> leftBehind() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(f -> f.getFileName().toString().startsWith("quic-")).toList();
    }
  }

  private static Path bin() {
    for (Path d = Path.of("").toAbsolutePath(); d != null; d = d.getParent()) {
      if (Files.isExecutable(d.resolve("bin/quic"))) {
        return d.resolve("bin");
      }
    }
    throw new IllegalStateException("not below a checkout");
  }
}
