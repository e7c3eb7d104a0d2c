package dev.quic.resumption.cli;

import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Report;
import picocli.CommandLine.Option;

/** How a report is printed, and what counts as passed. */
final class ReportOptions {
  @Option(names = "--strict", description = "A warning is a failure, too.")
  private boolean strict;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

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
