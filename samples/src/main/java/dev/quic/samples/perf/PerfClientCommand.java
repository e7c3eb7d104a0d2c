package dev.quic.samples.perf;

import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.Transport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Connects, warms both sides up, measures, prints. */
@Command(
    name = "client",
    mixinStandardHelpOptions = true,
    description = "The client's side of a measurement: warms up, measures, prints the figures.")
final class PerfClientCommand implements Callable<Integer> {
  @Mixin private Transport transport = new Transport();
  @Mixin private PerfAddress address = new PerfAddress();
  @Mixin private PerfLoad load = new PerfLoad();
  @Mixin private ClientTlsOptions tls = new ClientTlsOptions();
  @Mixin private PerfTuning tuning = new PerfTuning();

  @Option(
      names = "--name",
      paramLabel = "HOST",
      description = "The name the server's certificate must have (default: ${DEFAULT-VALUE}).")
  private String name = "localhost";

  @Override
  public Integer call() throws Exception {
    new PerfClient(transport, address.resolve(), tls, name, tuning).run(load);
    return 0;
  }
}
