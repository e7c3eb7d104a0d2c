package dev.quic.samples.keyctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class KeyctlCommandTest {
  @TempDir Path dir;

  private record Result(int status, String out, String err) {
    String line() {
      assertThat(status).as(err).isZero();
      return out.strip();
    }
  }

  private Result keyctl(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new KeyctlCommand());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    line.setExecutionExceptionHandler((e, command, parsed) -> {
      command.getErr().println(e.getMessage());
      return 1;
    });
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add(1, "--dir=" + dir.resolve("keys"));
    int status = line.execute(all.toArray(String[]::new));
    return new Result(status, out.toString(), err.toString());
  }

  @Test
  void aKeysWholeLife() {
    String serial = keyctl("add", "psk", "client one", "0f10", "-x").line();
    assertThat(keyctl("print", serial).line()).isEqualTo(":hex:0f10");
    assertThat(keyctl("add", "psk", "client one", "text").line()).isEqualTo(serial);
    assertThat(keyctl("print", "%psk:client one").line()).isEqualTo("text");
    assertThat(keyctl("describe", serial).line()).isEqualTo(serial + ": psk client one");
    String ring = keyctl("newring", "servers").line();
    keyctl("link", serial, "%:servers").line();
    assertThat(keyctl("search", ring, "psk", "client one").line()).isEqualTo(serial);
    assertThat(keyctl("show").line())
        .contains("1: keyring @u")
        .contains("  \\_ " + ring + ": keyring servers")
        .contains("     \\_ " + serial + ": psk client one");
    assertThat(keyctl("list", ring).line())
        .isEqualTo("1 in keyring:\n" + serial + ": psk client one");
    keyctl("timeout", serial, "1000").line();
    assertThat(keyctl("describe", serial).line()).contains("(expires in ");
    keyctl("revoke", serial).line();
    assertThat(keyctl("describe", serial).line()).endsWith("(revoked)");
    assertThat(keyctl("print", serial).err).contains("is revoked");
    keyctl("unlink", serial, "servers").line();
    keyctl("unlink", serial).line();
    assertThat(keyctl("describe", serial)).extracting(Result::status).isEqualTo(1);
    assertThat(keyctl("list", "servers").line()).isEqualTo("keyring is empty");
  }

  @Test
  void aTimeoutThatNoClockHasIsRefused() {
    String serial = keyctl("add", "user", "key", "data").line();
    Result r = keyctl("timeout", serial, Long.toString(Long.MAX_VALUE));
    assertThat(r.status).isEqualTo(1);
    assertThat(r.err.strip()).isEqualTo("a timeout has 0 to 4294967295 seconds");
  }

  @Test
  void dataFromStandardInput() {
    InputStream real = System.in;
    try {
      System.setIn(new ByteArrayInputStream("00ff\n".getBytes(StandardCharsets.US_ASCII)));
      String serial = keyctl("padd", "user", "key", "-x").line();
      assertThat(keyctl("print", serial).line()).isEqualTo(":hex:00ff");
    } finally {
      System.setIn(real);
    }
  }

  @Test
  void mistakesAreOneLine() {
    for (String[] wrong :
        new String[][] {
          {"list"},
          {"show", "@u"},
          {"revoke", "17"},
          {"revoke", "key"},
          {"print", "%psk:nobody"},
          {"add", "psk", "x", "zz", "-x"},
          {"add", "psk", "x", "data", "%:nowhere"}
        }) {
      Result r = keyctl(wrong);
      assertThat(r.status).as(String.join(" ", wrong)).isEqualTo(1);
      assertThat(r.err.lines()).as(String.join(" ", wrong)).hasSize(1);
    }
  }
}
