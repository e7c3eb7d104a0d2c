package dev.quic.samples.perf;

import java.io.IOException;
import java.util.Arrays;

/** One measurement, whatever it goes over. */
final class PerfRun {
  /** Makes the connection of a measurement. */
  @FunctionalInterface
  interface Dialer {
    PerfStream dial() throws IOException;
  }

  private PerfRun() {}

  static BulkResult upload(Dialer dialer, long bytes, int msgLen) throws IOException {
    try (PerfStream stream = dialer.dial()) {
      byte[] message = new byte[msgLen];
      stream.sendText(PerfMode.bulk(1, bytes).line(), false);
      Usage start = Usage.now();
      for (long sent = 0; sent < bytes; sent += msgLen) {
        long left = bytes - sent;
        stream.send(message, (int) Math.min(msgLen, left), left <= msgLen);
      }
      PerfReport report = PerfReport.parse(stream.readLine(PerfReport.MAX_LINE));
      Usage used = Usage.now().since(start);
      if (report.bytes() != bytes) {
        throw new IOException("sent " + bytes + " bytes, the server got " + report.bytes());
      }
      return new BulkResult(msgLen, 0, used, 0, report);
    }
  }

  static RequestResult requests(Dialer dialer, int count, PerfLoad load, PerfTuning tuning)
      throws IOException {
    try (PerfStream stream = dialer.dial()) {
      byte[] request = new byte[load.reqLen];
      long[] latencies = new long[count];
      stream.sendText(PerfMode.requests(load.reqLen, load.rspLen).line(), false);
      Usage start = tuning.usage();
      for (int i = 0; i < count; i++) {
        long sent = System.nanoTime();
        stream.send(request, request.length, i == count - 1);
        if (!stream.skipAll(load.rspLen)) {
          throw new IOException("the server ended the stream after " + i + " responses");
        }
        latencies[i] = System.nanoTime() - sent;
      }
      Usage used = tuning.usage().since(start);
      PerfReport report = PerfReport.parse(stream.readLine(PerfReport.MAX_LINE));
      Arrays.sort(latencies);
      return new RequestResult(latencies, used, report);
    }
  }
}
