package dev.quic.bench;

import java.util.List;
import picocli.CommandLine.Option;

/** What {@code bin/quic bench handshake} may be told. */
final class BenchOptions {
  private static final int MAX_COUNT = 1_000_000;
  private static final List<String> MODES = List.of("full", "resumed", "0rtt");

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "8",
      description = "Handshakes under way at once, 1 to 40. Default: ${DEFAULT-VALUE}.")
  int concurrency = 8;

  @Option(
      names = "--cpus",
      paramLabel = "LIST",
      defaultValue = "0",
      description =
          "Processors that all processes share, for taskset; 'all' pins nothing. Default: ${DEFAULT-VALUE}.")
  private String cpus = "0";

  @Option(
      names = "--hosts",
      paramLabel = "1|2",
      defaultValue = "1",
      description = {
        "1: client and server share one data plane and one daemon, as on a machine that talks to itself.",
        "2: each end has its own, four processes. Default: ${DEFAULT-VALUE}."
      })
  int hosts = 1;

  @Option(
      names = "--mode",
      paramLabel = "full|resumed|0rtt",
      split = ",",
      defaultValue = "full,resumed",
      description = {
        "What is measured, in this order. 0rtt: resumed, and 64 bytes go with the first flight; servers take",
        "early data only if it is among them. Default: ${DEFAULT-VALUE}."
      })
  List<String> modes = List.of("full", "resumed");

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "6000",
      description =
          "Handshakes before the first round of a mode, for the compilers. Default: ${DEFAULT-VALUE}.")
  int warmup = 16_000;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "3000",
      description = "Handshakes of a round. Default: ${DEFAULT-VALUE}.")
  int count = 3_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds of a mode; the median is reported. Default: ${DEFAULT-VALUE}.")
  int rounds = 3;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      defaultValue = "x25519",
      description = "Key exchange. The certificates are P-256. Default: ${DEFAULT-VALUE}.")
  String group = "x25519";

  @Option(
      names = "--java",
      paramLabel = "OPTIONS",
      defaultValue = "",
      description =
          "Options for the daemons' JVMs, blanks between them; '@' is replaced by the program's name.")
  private String java = "";

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      defaultValue = "",
      description = "Has the handshake daemons trace their calls, which costs time.")
  String trace = "";

  @Option(names = "--json", description = "One JSON object a line instead of the table.")
  boolean json;

  /** For measurements that pin nothing. */
  static BenchOptions everywhere(String java) {
    BenchOptions o = new BenchOptions();
    o.cpus = "all";
    o.java = java;
    return o;
  }

  /**
   * @return what is wrong; empty for nothing
   */
  String check() {
    if (concurrency < 1 || concurrency > 40) {
      return "--concurrency must be 1 to 40";
    }
    if (hosts != 1 && hosts != 2) {
      return "--hosts must be 1 or 2";
    }
    if (rounds < 1 || rounds > 100) {
      return "--rounds must be 1 to 100";
    }
    if (count < 1 || count > MAX_COUNT || warmup < 0 || warmup > MAX_COUNT) {
      return "--count must be 1 to 1000000, --warmup 0 to 1000000";
    }
    return modes.stream().allMatch(MODES::contains) ? "" : "--mode must be of full, resumed, 0rtt";
  }

  String cpus() {
    return cpus.equals("all") ? "" : cpus;
  }

  String javaOptions(String program) {
    return java.replace("@", program);
  }
}
