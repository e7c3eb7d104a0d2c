package dev.quic.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The help of every command of every program. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class UsageTest {
  @TempDir Path dir;

  /**
   * Texts are formats: one that cannot be formatted, for a bare percent sign, is complained of on
   * standard error and printed as it is. In a process of its own, since the parser keeps the
   * standard error it first saw.
   */
  @Test
  void everyTextIsWellFormed() throws Exception {
    Path out = dir.resolve("out");
    Path err = dir.resolve("err");
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EveryUsage.class.getName())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(java.waitFor()).as("%s", Files.readString(err)).isZero();
    assertThat(Files.readString(err)).isEmpty();
    String usages = Files.readString(out);
    assertThat(usages)
        .contains("Usage: quic bench active", "Usage: quic ticket client")
        .contains("Usage: quic hq-get", "Usage: handshaked", "Usage: dataplane")
        .containsPattern("99\\s+%\\s+arrive")
        .doesNotContain("%n", "%%");
  }
}
