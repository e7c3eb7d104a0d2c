package dev.quic.resumption.cli;

import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Report;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How a report is printed, and what counts as passed. */
final class ReportOptions {
  @Option(names = "--strict", description = "A warning is a failure, too.")
  private boolean strict;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  /** A year: beyond it nobody waits, and nanoseconds do not go much further. */
  private static final long MAX_SECONDS = 31_536_000;

  /**
   * Seconds of an option.
   *
   * @throws IllegalArgumentException with one line for the user
   */
  static Duration seconds(String option, long seconds, long least) {
    if (seconds < least || seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(
          option + " is from " + least + " to " + MAX_SECONDS + " seconds");
    }
    return Duration.ofSeconds(seconds);
  }

  /** Tells a person of a case that is over. */
  void progress(CaseResult result) {
    if (!json) {
      System.err.println(result.name() + ": " + result.verdict().text());
    }
  }

  /** Prints a report. @return the exit code */
  int print(Report report) {
    System.out.print(json ? report.json() : report.table());
    return report.passed(strict) ? 0 : 1;
  }
}
