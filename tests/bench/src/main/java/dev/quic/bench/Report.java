package dev.quic.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints one mode's rounds: the rate of the median round, and where its time went. */
final class Report {
  private final BenchOptions options;

  Report(BenchOptions options) {
    this.options = options;
  }

  void print(String mode, List<Round> rounds) {
    List<Round> sorted = rounds.stream().sorted(Comparator.comparingDouble(Round::rate)).toList();
    Round median = sorted.get(sorted.size() / 2);
    System.out.println(options.json ? json(mode, median) : text(mode, rounds, median));
    System.out.flush();
  }

  private String text(String mode, List<Round> rounds, Round r) {
    StringBuilder out = new StringBuilder();
    String all =
        rounds.stream().map(x -> format("%.0f", x.rate())).collect(Collectors.joining(", "));
    out.append(
        format(
            "%s: %.0f handshakes/s (rounds: %s), %d at once, P-256 certificate, %s asked for%n",
            mode, r.rate(), all, options.concurrency, options.group));
    if (r.figure("early") > 0) {
      out.append(
          format("  early data taken: %d of %d%n", r.figure("early"), r.figure("handshakes")));
    }
    double cpu = r.each(r.stages().values().stream().mapToLong(Long::longValue).sum());
    out.append(
        format(
            "  %.0f us of CPU each: %.0f a second and processor when nothing else runs there%n",
            cpu / 1e3, 1e9 / Math.max(1, cpu)));
    out.append(
        format(
            "  time of one: median %.2f ms, 99%% below %.2f ms%n",
            r.figure("p50_ns") / 1e6, r.figure("p99_ns") / 1e6));
    out.append(format("  %-22s %12s %12s%n", "each handshake", "CPU us", "sleeps"));
    for (String process : r.use().keySet()) {
      ThreadUse t = r.total(process);
      out.append(
          format("  %-22s %12.0f %12.1f%n", process, r.each(t.cpu()) / 1e3, r.each(t.switches())));
      r.use().get(process).entrySet().stream()
          .filter(
              e -> r.each(e.getValue().cpu()) >= 1_000 || r.each(e.getValue().switches()) >= 0.1)
          .forEach(e -> out.append(line(r, e.getKey(), e.getValue())));
    }
    Map<String, Long> stages = r.stages();
    long sum = Math.max(1, stages.values().stream().mapToLong(Long::longValue).sum());
    out.append("  share:");
    stages.forEach((stage, nanos) ->
        out.append(
            format(" %s %.0f %% (%.0f us)", stage, 100.0 * nanos / sum, r.each(nanos) / 1e3)));
    out.append(
        format(
            "%n  bus of the measuring data plane: %.1f packets in, %.1f out, %.0f bytes in, %.0f out",
            r.each(r.figure("packets_in")),
            r.each(r.figure("packets_out")),
            r.each(r.figure("bytes_in")),
            r.each(r.figure("bytes_out"))));
    return out.toString();
  }

  private static String line(Round r, Role role, ThreadUse t) {
    return format(
        "    %-20s %12s %12.1f%n",
        role.name().toLowerCase(Locale.ROOT),
        format("%.0f + %.0f", r.each(t.user()) / 1e3, r.each(t.system()) / 1e3),
        r.each(t.switches()));
  }

  private String json(String mode, Round r) {
    String stages =
        r.stages().entrySet().stream()
            .map(e -> format("\"%s_us\":%.1f", e.getKey(), r.each(e.getValue()) / 1e3))
            .collect(Collectors.joining(","));
    return format(
        "{\"mode\":\"%s\",\"rate\":%.1f,\"early\":%.3f,\"cpu_us\":%.1f,\"concurrency\":%d,\"group_asked_for\":\"%s\",\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
            + "\"bus_packets\":%.1f,%s}",
        mode,
        r.rate(),
        r.each(r.figure("early")),
        r.each(r.stages().values().stream().mapToLong(Long::longValue).sum()) / 1e3,
        options.concurrency,
        options.group,
        r.figure("p50_ns") / 1e6,
        r.figure("p99_ns") / 1e6,
        r.each(r.figure("packets_in") + r.figure("packets_out")),
        stages);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
