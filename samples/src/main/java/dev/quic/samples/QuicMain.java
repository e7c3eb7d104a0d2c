package dev.quic.samples;

import dev.quic.resumption.cli.TicketCommand;
import dev.quic.samples.demo.DemoCommand;
import dev.quic.samples.h3.H3GetCommand;
import dev.quic.samples.h3.H3ServerCommand;
import dev.quic.samples.hq.HqGetCommand;
import dev.quic.samples.hq.HqServerCommand;
import dev.quic.samples.interop.InteropCommand;
import dev.quic.samples.keyctl.KeyctlCommand;
import dev.quic.samples.perf.PerfCommand;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code bin/quic}. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon. */
@Command(
    name = "quic",
    mixinStandardHelpOptions = true,
    version = "quic 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "QUIC sockets with the TLS handshake split off: the demo, the samples, the tools.",
    footer = {
      "%nUnchanged programs for IPPROTO_QUIC sockets: 'quic run --help'.",
      "Programs that start warm: 'quic warm --help'.",
      "Benchmarks of whole paths: 'quic bench --help'."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the operation failed",
      "2:wrong usage",
      "3:a daemon cannot be reached"
    },
    subcommands = {
      DemoCommand.class,
      HqServerCommand.class,
      HqGetCommand.class,
      H3ServerCommand.class,
      H3GetCommand.class,
      InteropCommand.class,
      PerfCommand.class,
      KeysCommand.class,
      KeyctlCommand.class,
      DoctorCommand.class,
      SsCommand.class,
      TicketCommand.class
    })
public final class QuicMain {
  public static final int FAILED = 1;
  public static final int UNREACHABLE = 3;

  private QuicMain() {}

  public static void main(String[] args) {
    CommandLine line = commandLine();
    int code = line.execute(args);
    line.getOut().flush();
    System.exit(told(code, System.out, line.getErr()));
  }

  /**
   * What a command printed may have got lost, on a full disk for example, and nothing was thrown.
   *
   * @param code of the command
   * @return the code to end with
   */
  static int told(int code, PrintStream out, PrintWriter err) {
    if (!out.checkError()) {
      return code;
    }
    err.println("quic: cannot write to standard output");
    return code == 0 ? FAILED : code;
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new QuicMain());
    line.setExecutionExceptionHandler((e, command, parsed) -> report(e, command));
    line.setParameterExceptionHandler(QuicMain::wrongUsage);
    return line;
  }

  /** One line, no stack trace; {@code QUIC_DEBUG=1} shows it. */
  private static int report(Exception e, CommandLine command) {
    command.getErr().println(prefix(command) + OneLine.of(e));
    if (System.getenv("QUIC_DEBUG") != null) {
      e.printStackTrace(command.getErr());
    }
    // Options that contradict each other or the command line's values are found out late.
    int other = e instanceof IllegalArgumentException ? CommandLine.ExitCode.USAGE : FAILED;
    return e instanceof DaemonUnreachableException ? UNREACHABLE : other;
  }

  private static int wrongUsage(CommandLine.ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(prefix(command) + e.getMessage());
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return CommandLine.ExitCode.USAGE;
  }

  private static String prefix(CommandLine command) {
    return command.getCommandSpec().qualifiedName() + ": ";
  }
}
