package dev.quic.samples;

import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What sockets does a data plane have? */
@Command(
    name = "ss",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the sockets of a running data plane: listeners, then connections.",
      "With --proc it prints what the kernel has under /proc/net/quic."
    })
final class SsCommand implements Callable<Integer> {
  private static final List<String> TABLES = List.of("snmp", "conns", "eps");

  /** Columns whose values may look like numbers and are none. */
  private static final Set<String> TEXTS = Set.of("scid", "dcid", "SOCK", "alpn", "names");

  private static final List<String> SHORT =
      List.of(
          "state",
          "role",
          "local",
          "remote",
          "alpn",
          "scid",
          "rtt_us",
          "cwnd",
          "in_flight",
          "tx_queue",
          "rx_queue",
          "uid",
          "pid");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--proc",
      arity = "0..1",
      fallbackValue = "conns",
      paramLabel = "TABLE",
      description = "Print one of the kernel's tables as it is: snmp, conns (default) or eps.")
  private @Nullable String proc;

  @Option(
      names = {"-l", "--listening"},
      description = "Listeners only.")
  private boolean listening;

  @Option(
      names = {"-e", "--extended"},
      description = "All columns.")
  private boolean extended;

  @Option(names = "--json", description = "Print one JSON object a line, all columns.")
  private boolean json;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "The run directory (default: $$QUIC_RUN_DIR, /run/quic for root, $$XDG_RUNTIME_DIR/quic).")
  private @Nullable Path runDir;

  @Override
  public Integer call() throws IOException, DaemonUnreachableException {
    String table = proc;
    if (table != null && !TABLES.contains(table)) {
      throw new ParameterException(
          spec.commandLine(), "--proc " + table + ": there are " + String.join(", ", TABLES));
    }
    try (DoorClient door = connect()) {
      if (table != null && !json) {
        System.out.print(door.view(table));
      } else if (table != null && table.equals("snmp")) {
        System.out.println(counters(door.view(table)));
      } else {
        print(Rows.of(door.view(table == null ? "sockets" : table)), table == null);
      }
    }
    return 0;
  }

  private DoorClient connect() throws DaemonUnreachableException {
    try {
      return DoorClient.connectToLook(RunDir.resolve(runDir));
    } catch (IOException e) {
      throw new DaemonUnreachableException(OneLine.of(e) + "; is bin/dataplane running?", e);
    }
  }

  private static String counters(String text) {
    StringBuilder out = new StringBuilder("{");
    text.lines()
        .map(line -> line.split("\\s+"))
        .forEach(f -> out.append(out.length() > 1 ? "," : "").append(Rows.json(f[0], f[1])));
    return out.append('}').toString();
  }

  private void print(Rows rows, boolean sockets) {
    Rows shown = rows;
    if (sockets) {
      shown = rows.sorted("role", "listener");
      shown = listening ? shown.where("role", "listener") : shown;
      shown = extended || json ? shown : shown.columns(SHORT);
    }
    if (json) {
      shown.json().forEach(System.out::println);
    } else {
      shown.table().forEach(System.out::println);
    }
  }

  /** A table with its header. */
  record Rows(List<String> header, List<List<String>> rows) {
    static Rows of(String text) {
      List<List<String>> all = text.lines().map(l -> Arrays.asList(l.split("\t", -1))).toList();
      return new Rows(all.get(0), all.subList(1, all.size()));
    }

    /** Those with a value first. */
    Rows sorted(String column, String first) {
      int c = header.indexOf(column);
      return new Rows(
          header,
          rows.stream()
              .sorted((a, b) -> Boolean.compare(b.get(c).equals(first), a.get(c).equals(first)))
              .toList());
    }

    Rows where(String column, String value) {
      int c = header.indexOf(column);
      return new Rows(header, rows.stream().filter(r -> r.get(c).equals(value)).toList());
    }

    Rows columns(List<String> names) {
      List<Integer> at = names.stream().map(header::indexOf).toList();
      return new Rows(names, rows.stream().map(r -> at.stream().map(r::get).toList()).toList());
    }

    List<String> table() {
      int[] width = new int[header.size()];
      for (int c = 0; c < width.length; c++) {
        int column = c;
        width[c] = rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
        width[c] = Math.max(width[c], header.get(c).length());
      }
      List<List<String>> all = new java.util.ArrayList<>(List.of(header));
      all.addAll(rows);
      return all.stream().map(r -> line(r, width)).toList();
    }

    private static String line(List<String> row, int[] width) {
      StringBuilder s = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        s.append(row.get(c)).repeat(' ', width[c] - row.get(c).length() + 1);
      }
      return s.toString().stripTrailing();
    }

    List<String> json() {
      return rows.stream().map(this::object).toList();
    }

    private String object(List<String> row) {
      StringBuilder s = new StringBuilder("{");
      for (int c = 0; c < row.size(); c++) {
        s.append(c > 0 ? "," : "").append(json(header.get(c), row.get(c)));
      }
      return s.append('}').toString();
    }

    /** One member; what looks like a number is one, a dash is nothing. */
    static String json(String name, String value) {
      boolean number = !TEXTS.contains(name) && value.matches("-?[0-9]{1,18}");
      String v = number ? value : value.equals("-") ? "null" : '"' + value + '"';
      return '"' + name + "\":" + v;
    }
  }
}
