package dev.quic.bench;

import dev.quic.dataplane.daemon.cli.DataPlaneMain;
import dev.quic.handshaked.daemon.HandshakedMain;
import dev.quic.samples.QuicMain;
import java.util.List;
import picocli.CommandLine;

/** Prints the help of every command of every program. */
final class EveryUsage {
  private static final List<Class<?>> PROGRAMS =
      List.of(QuicMain.class, BenchMain.class, HandshakedMain.class, DataPlaneMain.class);

  private EveryUsage() {}

  public static void main(String[] args) {
    for (Class<?> program : PROGRAMS) {
      print(new CommandLine(program));
    }
  }

  private static void print(CommandLine command) {
    command.usage(System.out);
    command.getSubcommands().values().forEach(EveryUsage::print);
  }
}
