package dev.quic.samples.perf;

import java.io.IOException;

/**
 * The first line on a connection's stream: what the client is about to do.
 *
 * @param requestBytes 0 in bulk mode
 * @param responseBytes 0 in bulk mode
 */
record PerfMode(int requestBytes, int responseBytes) {
  static final PerfMode BULK = new PerfMode(0, 0);

  /** Longest header line, with its newline. */
  static final int MAX_LINE = 64;

  private static final int MAX_MESSAGE = 1 << 20;

  String line() {
    return "perf " + requestBytes + " " + responseBytes + "\n";
  }

  static PerfMode parse(String line) throws IOException {
    String[] words = line.strip().split(" ", -1);
    if (words.length == 3 && words[0].equals("perf")) {
      try {
        int request = Integer.parseInt(words[1]);
        int response = Integer.parseInt(words[2]);
        if (request >= 0
            && request <= MAX_MESSAGE
            && response >= 0
            && response <= MAX_MESSAGE
            && (request == 0) == (response == 0)) {
          return new PerfMode(request, response);
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new IOException("not a perf client");
  }

  boolean bulk() {
    return requestBytes == 0;
  }
}
