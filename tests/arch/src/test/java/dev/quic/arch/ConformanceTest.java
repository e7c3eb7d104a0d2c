package dev.quic.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The conformance list names tests that exist and exceptions that are written down. */
class ConformanceTest {
  private static final Pattern METHOD = Pattern.compile("^  (?:static )?void (\\w+)\\(");
  private static final Set<String> KINDS = Set.of("shown", "exception", "other", "open");

  /** A requirement: where it is from, what became of it, what shows that. */
  private record Row(String rfc, String section, String number, String kind, String evidence) {
    String place() {
      return "RFC " + rfc + " section " + section + " #" + number;
    }
  }

  private static final List<Row> ROWS = new ArrayList<>();

  /** Test methods by class, by its simple name and with its package's last part before it. */
  private static final Map<String, Set<String>> TESTS = new HashMap<>();

  @BeforeAll
  static void read() throws IOException {
    for (String line : Files.readAllLines(Checkout.ROOT.resolve("docs/conformance.tsv"))) {
      if (!line.startsWith("#")) {
        String[] c = line.split("\t", -1);
        assertThat(c).as(line).hasSize(6);
        ROWS.add(new Row(c[0], c[1], c[2], c[3], c[4]));
      }
    }
    try (Stream<Path> files = Files.walk(Checkout.ROOT)) {
      for (Path p : files.filter(ConformanceTest::isTest).toList()) {
        methods(p);
      }
    }
  }

  private static boolean isTest(Path p) {
    return p.toString().contains("src/test/java") && p.toString().endsWith("Test.java");
  }

  private static void methods(Path file) throws IOException {
    Set<String> names = new HashSet<>();
    boolean annotated = false;
    for (String line : Files.readAllLines(file)) {
      annotated |= line.startsWith("  @Test") || line.startsWith("  @ParameterizedTest");
      Matcher m = METHOD.matcher(line);
      if (m.find()) {
        if (annotated) {
          names.add(m.group(1));
        }
        annotated = false;
      }
    }
    String name = file.getName(file.getNameCount() - 1).toString().replace(".java", "");
    TESTS.computeIfAbsent(name, k -> new HashSet<>()).addAll(names);
    TESTS.put(file.getName(file.getNameCount() - 2) + "." + name, names);
  }

  @Test
  void everyNamedTestExists() {
    List<String> wrong = new ArrayList<>();
    for (Row r : ROWS) {
      if ("shown".equals(r.kind)) {
        for (String test : r.evidence.split(" ", -1)) {
          String[] parts = test.split("#", -1);
          if (parts.length != 2 || !TESTS.getOrDefault(parts[0], Set.of()).contains(parts[1])) {
            wrong.add(r.place() + ": " + test);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyExceptionIsWrittenDown() throws IOException {
    String exceptions = Files.readString(Checkout.ROOT.resolve("docs/rfc-exceptions.md"));
    for (Row r : ROWS) {
      if ("exception".equals(r.kind)) {
        assertThat(exceptions).as(r.place()).contains(r.evidence);
      }
    }
  }

  @Test
  void everyRequirementIsThereOnce() {
    Set<String> places = new HashSet<>();
    Map<String, Integer> counts = new TreeMap<>();
    for (Row r : ROWS) {
      assertThat(places.add(r.place())).as("%s is there twice", r.place()).isTrue();
      assertThat(KINDS).as(r.place()).contains(r.kind);
      counts.merge("RFC " + r.rfc + " " + r.kind, 1, Integer::sum);
      counts.merge("all " + r.kind, 1, Integer::sum);
    }
    counts.forEach((what, n) -> System.out.println("conformance: " + what + " " + n));
    assertThat(counts.getOrDefault("all shown", 0)).isPositive();
  }
}
