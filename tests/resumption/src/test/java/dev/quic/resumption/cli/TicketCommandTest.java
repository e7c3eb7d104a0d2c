package dev.quic.resumption.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class TicketCommandTest {
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = new CommandLine(new TicketCommand());
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(err, true));
    return line.execute(args);
  }

  @Test
  void anUnknownCaseIsWrongUsage() {
    assertThat(run("client", "127.0.0.1:1", "--cases", "full,fuller")).isEqualTo(2);
    assertThat(err.toString()).startsWith("no case is called 'fuller'");
  }

  @Test
  void anAddressNeedsItsPort() {
    assertThat(run("client", "127.0.0.1")).isEqualTo(2);
    assertThat(err.toString()).startsWith("not HOST:PORT: '127.0.0.1'");
  }

  @Test
  void anUnknownStepIsWrongUsage() {
    assertThat(run("server", "0", "--cert", "c", "--key", "k", "--plan", "acept")).isEqualTo(2);
    assertThat(err.toString()).startsWith("no step is called 'acept'");
  }

  @ParameterizedTest
  @CsvSource({"--timeout,0", "--timeout,99999999999999", "--wait,-1", "--wait,99999999999999"})
  void aTimeThatNobodyWaitsIsWrongUsage(String option, String seconds) {
    assertThat(run("client", "127.0.0.1:1", "--insecure", option, seconds)).isEqualTo(2);
    assertThat(err.toString()).startsWith(option + " is from ");
  }

  @Test
  void aServersTimeHasALimit() {
    assertThat(run("server", "0", "--cert", "c", "--key", "k", "--time", "99999999999999"))
        .isEqualTo(2);
    assertThat(err.toString()).startsWith("--time is from 1 to ");
  }

  @Test
  void aRoleIsNeeded() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).startsWith("which end is to be played: client or server?");
  }

  @Test
  void helpNamesEveryCaseOfTheHook() {
    assertThat(run("client", "--help")).isZero();
    assertThat(err.toString())
        .contains("early-rejected", "expired", "params-lowered", "key-previous", "key-gone");
  }
}
