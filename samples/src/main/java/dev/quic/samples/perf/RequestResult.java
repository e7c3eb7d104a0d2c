package dev.quic.samples.perf;

import java.util.Locale;

/**
 * Figures of a run of requests.
 *
 * @param latencies nanoseconds, ascending
 */
record RequestResult(long[] latencies, Usage used, PerfReport server) {
  void print(boolean json) {
    int n = latencies.length;
    String format =
        json
            ? "{\"mode\":\"request\",\"requests\":%d,\"seconds\":%.6f,\"requests_s\":%.0f,"
                + "\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,"
                + "\"client_cpu_us\":%.1f,\"server_cpu_us\":%.1f}%n"
            : "%d requests in %.3f s: %.0f a second%n"
                + "latency in us: median %.1f, 99%% below %.1f, at most %.1f%n"
                + "CPU us per request: client %.1f, server %.1f%n";
    System.out.printf(
        Locale.ROOT,
        format,
        n,
        used.wallNs() / 1e9,
        n * 1e9 / used.wallNs(),
        latencies[n / 2] / 1e3,
        latencies[(int) (n * 0.99)] / 1e3,
        latencies[n - 1] / 1e3,
        used.cpuNs() / 1e3 / n,
        server.cpuNs() / 1e3 / n);
  }
}
