package dev.quic.samples.perf;

import java.io.IOException;

/**
 * What the server saw of one upload, as it tells the client at the end of the stream.
 *
 * @param bytes received
 * @param cpuNs used by the server's process meanwhile
 * @param allocated bytes allocated by the server's process meanwhile
 * @param shards of that by the threads that move packets
 * @param later of that while the second half of the bytes came
 */
record PerfReport(long bytes, long cpuNs, long allocated, long shards, long later) {
  static PerfReport of(long bytes, Usage used, long later) {
    return new PerfReport(bytes, used.cpuNs(), used.allocated(), used.shards(), later);
  }

  static final int MAX_LINE = 128;

  String line() {
    return "report " + bytes + " " + cpuNs + " " + allocated + " " + shards + " " + later + "\n";
  }

  /** Of uploads that ran at the same time: each counted the whole process meanwhile. */
  PerfReport beside(PerfReport o) {
    return new PerfReport(
        bytes + o.bytes,
        Math.max(cpuNs, o.cpuNs),
        Math.max(allocated, o.allocated),
        Math.max(shards, o.shards),
        Math.max(later, o.later));
  }

  static PerfReport parse(String line) throws IOException {
    String[] words = line.split(" ", -1);
    if (words.length == 6 && words[0].equals("report")) {
      try {
        return new PerfReport(
            Long.parseLong(words[1]),
            Long.parseLong(words[2]),
            Long.parseLong(words[3]),
            Long.parseLong(words[4]),
            Long.parseLong(words[5]));
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new IOException("no report from the server");
  }
}
