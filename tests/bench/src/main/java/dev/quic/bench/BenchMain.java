package dev.quic.bench;

import dev.quic.bench.peers.PeersBench;
import dev.quic.bench.profile.ProfileBench;
import dev.quic.bench.requests.RequestsBench;
import dev.quic.bench.rooms.RoomsBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code bin/quic bench}. Exit codes as {@code bin/quic}: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "quic bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures whole paths with the real programs as processes.",
    subcommands = {
      PeersBench.class,
      RequestsBench.class,
      RoomsBench.class,
      ProfileBench.class,
      HandshakeBench.class,
      ActiveBench.class,
      IdleBench.class,
      TlsBench.class
    })
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    CommandLine line = new CommandLine(new BenchMain());
    line.setExecutionExceptionHandler((e, command, parsed) -> {
      command.getErr().println("quic bench: " + (e.getMessage() == null ? e : e.getMessage()));
      return CommandLine.ExitCode.SOFTWARE;
    });
    line.setParameterExceptionHandler((e, given) -> {
      e.getCommandLine().getErr().println("quic bench: " + e.getMessage());
      e.getCommandLine().getErr().println("Try 'quic bench --help'.");
      return CommandLine.ExitCode.USAGE;
    });
    return line.execute(args);
  }
}
