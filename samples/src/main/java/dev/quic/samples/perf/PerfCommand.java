package dev.quic.samples.perf;

import dev.quic.samples.AtExit;
import dev.quic.samples.Cipher;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Keys;
import dev.quic.samples.Launcher;
import dev.quic.samples.TemporaryDirectory;
import dev.quic.samples.Transport;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a connection between two processes. */
@Command(
    name = "perf",
    mixinStandardHelpOptions = true,
    description = {
      "Measures bulk uploads (-d 0) or requests and responses (-d 1).",
      "With --compare QUIC, TCP and TLS are measured one after the other.",
      "With --self both ends are started here, as two processes with a data plane each, over loopback."
    },
    subcommands = {PerfServerCommand.class, PerfClientCommand.class, PerfRehearsal.class})
public final class PerfCommand implements Callable<Integer> {
  @Option(names = "--self", description = "Start both ends, with keys of their own.")
  private boolean self;

  @Option(
      names = "--compare",
      description =
          "QUIC, TCP and TLS beside each other: writes of 1, 4, 16 and 64 KiB, then requests; with a data plane and servers of their own.")
  private boolean compare;

  @Mixin private PerfLoad load = new PerfLoad();
  @Mixin private PerfTuning tuning = new PerfTuning();

  @Option(
      names = {"-a", "--addr"},
      paramLabel = "ADDR",
      description = "An address of this machine, IPv4 or IPv6 (default: ${DEFAULT-VALUE}).")
  private String addr = "127.0.0.1";

  @Option(
      names = "--aead",
      paramLabel = "auto|jdk|ipsec-mb",
      description = "What protects packets at both ends (default: ${DEFAULT-VALUE}).")
  private String aead = "auto";

  @Option(
      names = "--max-datagram",
      paramLabel = "auto|BYTES",
      description =
          "With --self: largest UDP payload both ends try to send, 1200 to 16383; auto is 1472 or 1452 over loopback (default: ${DEFAULT-VALUE}).")
  private String maxDatagram = "auto";

  @Option(
      names = "--cipher",
      paramLabel = "NAME",
      converter = Cipher.Converter.class,
      description = "Use only aes-128-gcm, aes-256-gcm or chacha20-poly1305 (default: any).")
  private Cipher cipher = Cipher.ANY;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    if (compare && !self) {
      new Comparison(load, tuning).run();
      return 0;
    }
    if (!self || compare) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "one of 'server', 'client', --self or --compare is needed");
    }
    load.check();
    try (AtExit exit = new AtExit()) {
      Path keys = exit.make(() -> TemporaryDirectory.create("quic-perf")).path();
      Keys.write(keys, Keys.LOCAL_NAMES);
      Launcher server = exit.make(() -> Launcher.start("quic", serverArguments(keys)));
      InetSocketAddress address = Endpoint.parse(server.awaitLine("listening on "));
      ClientTlsOptions tls = ClientTlsOptions.trusting(keys.resolve(Keys.CA_CERT), cipher);
      Transport transport = Transport.inProcess(aead, maxDatagram);
      new PerfClient(transport, address, tls, "localhost", tuning).run(load);
    }
    return 0;
  }

  private List<String> serverArguments(Path keys) {
    String cert = keys.resolve(Keys.SERVER_CERT).toString();
    String key = keys.resolve(Keys.SERVER_KEY).toString();
    List<String> arguments =
        new ArrayList<>(List.of("perf", "server", "--embedded", "--port", "0"));
    arguments.addAll(List.of("--addr", addr, "--aead", aead, "--max-datagram", maxDatagram));
    arguments.addAll(List.of("--cert", cert, "--pkey", key));
    arguments.addAll(tuning.arguments());
    return arguments;
  }
}
