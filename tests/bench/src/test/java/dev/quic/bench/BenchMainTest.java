package dev.quic.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the benchmark runs and prints; what it prints is nobody's business here. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class BenchMainTest {
  @Test
  void handshakesOfOneHost() {
    assertThat(run("--hosts", "1"))
        .contains("full: ")
        .contains("resumed: ")
        .contains("shard")
        .contains("worker");
  }

  @Test
  void handshakesOfTwoHosts() {
    assertThat(run("--hosts", "2", "--json"))
        .contains("{\"mode\":\"full\",\"rate\":")
        .contains("{\"mode\":\"resumed\",\"rate\":");
  }

  @Test
  void earlyDataIsTaken() {
    assertThat(run("--mode", "0rtt", "--json")).contains("\"early\":1.000");
  }

  @Test
  void activeConnections() {
    String said =
        output(
            "active",
            "--count",
            "4",
            "--ports",
            "2",
            "--seconds",
            "1",
            "--start",
            "100",
            "--refine",
            "0",
            "--good",
            "1000",
            "--java",
            "-XX:TieredStopAtLevel=1");
    assertThat(said).contains("4 connections from 2 ports").contains("bare UDP from 2 ports");
  }

  @Test
  void wrongUsageIsOneLineAndStatus2() {
    assertThat(BenchMain.execute("active", "--size", "15")).isEqualTo(2);
    assertThat(BenchMain.execute("peers", "--sets", "best")).isEqualTo(2);
    assertThat(BenchMain.execute("peers", "--rounds", "0")).isEqualTo(2);
    assertThat(BenchMain.execute("handshake", "--hosts", "3")).isEqualTo(2);
    assertThat(BenchMain.execute("handshake", "--concurrency", "0")).isEqualTo(2);
    assertThat(BenchMain.execute("handshake", "--mode", "best")).isEqualTo(2);
  }

  private static String run(String... more) {
    String[] args =
        new String[] {
          "handshake",
          "--cpus",
          "all",
          "--warmup",
          "0",
          "--count",
          "10",
          "--rounds",
          "1",
          "--concurrency",
          "2",
          "--java",
          "-XX:TieredStopAtLevel=1"
        };
    String[] all = new String[args.length + more.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return output(all);
  }

  private static String output(String... all) {
    System.setProperty("quic.home", checkout().toString());
    PrintStream old = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertThat(BenchMain.execute(all)).isZero();
    } finally {
      System.setOut(old);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Path checkout() {
    for (Path d = Path.of("").toAbsolutePath(); d != null; d = d.getParent()) {
      if (d.resolve("bin/handshaked").toFile().canExecute()) {
        return d;
      }
    }
    throw new IllegalStateException("not below a checkout");
  }
}
