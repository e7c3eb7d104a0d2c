package dev.quic.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one round brought.
 *
 * @param figures as the load printed them: handshakes, nanos, packets_in ...
 * @param use by process and role
 */
record Round(Figures figures, Map<String, Map<Role, ThreadUse>> use) {
  static Round of(
      String line,
      Map<String, Map<Role, ThreadUse>> before,
      Map<String, Map<Role, ThreadUse>> after) {
    Map<String, Map<Role, ThreadUse>> use = new TreeMap<>();
    after.forEach((process, roles) -> {
      Map<Role, ThreadUse> then = before.getOrDefault(process, Map.of());
      Map<Role, ThreadUse> spent = new EnumMap<>(Role.class);
      roles.forEach(
          (role, now) -> spent.put(role, now.minus(then.getOrDefault(role, ThreadUse.NONE))));
      use.put(process, spent);
    });
    return new Round(Figures.of(line), use);
  }

  long figure(String name) {
    return figures.get(name);
  }

  /** A figure for one handshake. */
  double each(long total) {
    return (double) total / Math.max(1, figure("handshakes"));
  }

  double rate() {
    return figure("handshakes") * 1e9 / Math.max(1, figure("nanos"));
  }

  ThreadUse total(String process) {
    return use.getOrDefault(process, Map.of()).values().stream()
        .reduce(ThreadUse.NONE, ThreadUse::plus);
  }

  /** CPU nanoseconds by stage, of all processes. */
  Map<String, Long> stages() {
    Map<String, Long> stages = new TreeMap<>();
    use.values()
        .forEach(roles ->
            roles.forEach((role, spent) -> {
              stages.merge(role.stage(), spent.user(), Long::sum);
              stages.merge(role.systemStage(), spent.system(), Long::sum);
            }));
    return stages;
  }
}
