package dev.quic.bench.peers;

import java.util.List;

/** A chapter to be; the fields are those of {@link dev.quic.bench.report.Chapter}. */
record Plan(String title, String unit, String cpuUnit, List<Subject> subjects, String note) {
  static final String RATE = "Gbit/s";

  static Plan bulk(String title, List<Subject> subjects, String note) {
    return new Plan(title, RATE, "s/GiB", subjects, note);
  }
}
