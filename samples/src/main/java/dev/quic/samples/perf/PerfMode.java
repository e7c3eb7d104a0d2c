package dev.quic.samples.perf;

import java.io.IOException;

/**
 * The first line on a connection's stream: what the client is about to do.
 *
 * @param requestBytes 0 in bulk mode
 * @param responseBytes 0 in bulk mode
 * @param streams the client uses; 1 unless in bulk mode
 */
record PerfMode(int requestBytes, int responseBytes, int streams) {
  static PerfMode bulk(int streams) {
    return new PerfMode(0, 0, streams);
  }

  static PerfMode requests(int requestBytes, int responseBytes) {
    return new PerfMode(requestBytes, responseBytes, 1);
  }

  /** Longest header line, with its newline. */
  static final int MAX_LINE = 64;

  /** Streams a connection may use at once unless the server says more. */
  static final int MAX_STREAMS = 100;

  private static final int MAX_MESSAGE = 1 << 20;

  String line() {
    return "perf " + requestBytes + " " + responseBytes + " " + streams + "\n";
  }

  static PerfMode parse(String line) throws IOException {
    String[] words = line.strip().split(" ", -1);
    if (words.length == 4 && words[0].equals("perf")) {
      try {
        int request = Integer.parseInt(words[1]);
        int response = Integer.parseInt(words[2]);
        int streams = Integer.parseInt(words[3]);
        if (request >= 0
            && request <= MAX_MESSAGE
            && response >= 0
            && response <= MAX_MESSAGE
            && (request == 0) == (response == 0)
            && streams >= 1
            && streams <= (request == 0 ? MAX_STREAMS : 1)) {
          return new PerfMode(request, response, streams);
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
