package dev.quic.resumption.cli;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.PemFiles;
import dev.quic.resumption.Report;
import dev.quic.resumption.server.ClientProbe;
import dev.quic.resumption.server.Step;
import dev.quic.resumption.wire.UdpServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bin/quic ticket server}. */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    description =
        "Plays the server: waits for a client to connect once for each step of a plan, and judges it.",
    footerHeading = "%nSteps%n",
    footer = {
      "  accept  take tickets and early data",
      "  reject  take tickets, but no early data",
      "  rotate  change the ticket keys, still take those before",
      "  forget  change the ticket keys, forget those before",
      "  expire  let the tickets issued so far end",
      "  lower   lower the transport parameters, so that early data cannot be taken"
    })
final class TicketServerCommand implements Callable<Integer> {
  private static final int QUIC_V1 = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "[ADDR:]PORT", description = "Where to listen; 0 for any port.")
  private String address = "";

  @Option(
      names = "--cert",
      paramLabel = "PEM",
      required = true,
      description = "The certificate chain, leaf first.")
  private Path cert = Path.of("");

  @Option(
      names = {"--key", "--pkey", "-k"},
      paramLabel = "PEM",
      required = true,
      description = "Its private key.")
  private Path key = Path.of("");

  @Option(
      names = "--alpn",
      split = ",",
      paramLabel = "NAME",
      description = "Protocols (default: ${DEFAULT-VALUE}).")
  private List<String> alpn = List.of("hq-interop", "h3");

  @Option(
      names = "--plan",
      split = ",",
      paramLabel = "STEP",
      description = "One for each connection (default: ${DEFAULT-VALUE}).")
  private List<String> plan =
      List.of("accept", "accept", "reject", "rotate", "forget", "expire", "lower", "accept");

  @Option(
      names = "--lifetime",
      paramLabel = "SECONDS",
      description = "Of the tickets (default: ${DEFAULT-VALUE}).")
  private long lifetime = 7_200;

  @Option(
      names = "--time",
      paramLabel = "SECONDS",
      description = "Report after that long at the latest (default: ${DEFAULT-VALUE}).")
  private long time = 120;

  @Mixin private ReportOptions output = new ReportOptions();

  @Override
  public Integer call() throws Exception {
    List<Step> steps;
    InetSocketAddress local;
    Duration longest;
    try {
      steps = plan.stream().map(Step::of).toList();
      local = Address.local(address);
      longest = Seconds.of("--time", time, 1);
      if (lifetime < 1 || lifetime > Duration.ofDays(7).toSeconds()) {
        throw new IllegalArgumentException("a ticket lives for 1 second to 7 days");
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    TlsConfig.Server tls =
        TlsConfig.Server.of(PemFiles.credentials(cert, key))
            .withAlpn(alpn)
            .withQuicVersion(QUIC_V1);
    ClientProbe probe = new ClientProbe(tls, steps, Duration.ofSeconds(lifetime), output::progress);
    long end = System.nanoTime() + longest.toNanos();
    Report report;
    try (UdpServer port = new UdpServer(local)) {
      System.err.println("listening on UDP port " + port.address().getPort());
      port.run(probe.server(), () -> probe.done() || System.nanoTime() >= end);
      report = probe.report("the clients of UDP port " + port.address().getPort());
    }
    return output.print(report);
  }
}
