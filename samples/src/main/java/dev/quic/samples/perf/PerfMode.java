package dev.quic.samples.perf;

import java.io.IOException;

/**
 * The first line on a connection's stream: what the client is about to do.
 *
 * @param requestBytes 0 in bulk mode
 * @param responseBytes 0 in bulk mode
 * @param streams the client uses; 1 unless in bulk mode
 * @param bytes of the upload, so that the server knows when half of it is there; 0 unless in bulk
 *     mode
 */
record PerfMode(int requestBytes, int responseBytes, int streams, long bytes) {
  static PerfMode bulk(int streams, long bytes) {
    return new PerfMode(0, 0, streams, bytes);
  }

  static PerfMode requests(int requestBytes, int responseBytes) {
    return new PerfMode(requestBytes, responseBytes, 1, 0);
  }

  /** Longest header line, with its newline. */
  static final int MAX_LINE = 64;

  /** Streams a connection may use at once unless the server says more. */
  static final int MAX_STREAMS = 100;

  private static final int MAX_MESSAGE = 1 << 20;

  String line() {
    return "perf " + requestBytes + " " + responseBytes + " " + streams + " " + bytes + "\n";
  }

  static PerfMode parse(String line) throws IOException {
    String[] words = line.strip().split(" ", -1);
    if (words.length == 5 && words[0].equals("perf")) {
      try {
        int request = Integer.parseInt(words[1]);
        int response = Integer.parseInt(words[2]);
        int streams = Integer.parseInt(words[3]);
        long bytes = Long.parseLong(words[4]);
        if (request >= 0
            && request <= MAX_MESSAGE
            && response >= 0
            && response <= MAX_MESSAGE
            && (request == 0) == (response == 0)
            && streams >= 1
            && streams <= (request == 0 ? MAX_STREAMS : 1)
            && (request == 0 ? bytes > 0 : bytes == 0)) {
          return new PerfMode(request, response, streams, bytes);
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
