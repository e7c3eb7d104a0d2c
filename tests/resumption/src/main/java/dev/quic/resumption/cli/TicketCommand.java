package dev.quic.resumption.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/quic ticket}. */
@Command(
    name = "ticket",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Puts session resumption and early data of any QUIC end to the test, from the wire.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no case failed", "1:a case failed", "2:wrong usage"},
    subcommands = {TicketClientCommand.class, TicketServerCommand.class})
public final class TicketCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which end is to be played: client or server?");
  }

  /** For those who have the jars but not {@code bin/quic}. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new TicketCommand()).execute(args));
  }
}
