package dev.quic.bench.peers;

import dev.quic.bench.report.Chapter;
import dev.quic.bench.report.Row;
import dev.quic.bench.report.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs everything once, then everything again, so that a machine that changes its speed changes it
 * for all. What several chapters want is run once a round.
 */
final class Interleaved {
  private final List<Plan> plans;
  private final Consumer<String> progress;
  private final Map<String, List<Sample>> samples = new LinkedHashMap<>();
  private final Map<String, List<String>> failures = new LinkedHashMap<>();

  /**
   * @param progress told one line for each run
   */
  Interleaved(List<Plan> plans, Consumer<String> progress) {
    this.plans = List.copyOf(plans);
    this.progress = progress;
  }

  /** How many runs a round has. */
  int size() {
    return (int)
        plans.stream().flatMap(p -> p.subjects().stream()).map(Subject::key).distinct().count();
  }

  List<Chapter> run(int rounds) throws InterruptedException {
    for (int round = 1; round <= rounds; round++) {
      Map<String, Boolean> done = new LinkedHashMap<>();
      for (Plan plan : plans) {
        for (Subject s : plan.subjects()) {
          if (done.put(s.key(), true) == null) {
            progress.accept(
                "round " + round + " of " + rounds + ", " + plan.title() + ": " + one(plan, s));
          }
        }
      }
    }
    return plans.stream().map(this::chapter).toList();
  }

  private String one(Plan plan, Subject s) throws InterruptedException {
    try {
      Sample sample = s.runner().run();
      samples.computeIfAbsent(s.key(), k -> new ArrayList<>()).add(sample);
      return String.format(Locale.ROOT, "%s, %.2f %s", s.title(), sample.value(), plan.unit());
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("failed");
      failures.computeIfAbsent(s.key(), k -> new ArrayList<>()).add(why);
      return s.title() + ", failed: " + why;
    }
  }

  private Chapter chapter(Plan plan) {
    List<Row> rows = new ArrayList<>();
    for (Subject s : plan.subjects()) {
      rows.add(
          new Row(
              s.title(),
              s.own(),
              samples.getOrDefault(s.key(), List.of()),
              failures.getOrDefault(s.key(), List.of()),
              s.reference()));
    }
    return new Chapter(plan.title(), plan.unit(), plan.cpuUnit(), rows, plan.note());
  }
}
