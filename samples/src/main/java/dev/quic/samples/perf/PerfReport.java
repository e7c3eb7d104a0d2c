package dev.quic.samples.perf;

import java.io.IOException;

/**
 * What the server saw of one upload, as it tells the client at the end of the stream.
 *
 * @param bytes received
 * @param cpuNs used by the server's process meanwhile
 * @param allocated bytes allocated by the server's process meanwhile
 */
record PerfReport(long bytes, long cpuNs, long allocated) {
  static final int MAX_LINE = 100;

  String line() {
    return "report " + bytes + " " + cpuNs + " " + allocated + "\n";
  }

  /** Of uploads that ran at the same time: each counted the whole process meanwhile. */
  PerfReport beside(PerfReport o) {
    return new PerfReport(
        bytes + o.bytes, Math.max(cpuNs, o.cpuNs), Math.max(allocated, o.allocated));
  }

  static PerfReport parse(String line) throws IOException {
    String[] words = line.split(" ", -1);
    if (words.length == 4 && words[0].equals("report")) {
      try {
        return new PerfReport(
            Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]));
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new IOException("no report from the server");
  }
}
