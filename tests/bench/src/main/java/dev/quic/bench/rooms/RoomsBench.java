package dev.quic.bench.rooms;

import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the JMH benchmarks of this package. */
@Command(
    name = "rooms",
    mixinStandardHelpOptions = true,
    description = {
      "The rooms of the core one by one, by JMH: codec, packet build, seal and open, acknowledgements, demux;",
      "nanoseconds and, with --allocations, bytes of one packet. All of them take about ten minutes."
    })
public final class RoomsBench implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "REGEX",
      description = "Which: part of Class.method, for example 'Protection.*seal'. Default: all.")
  private String which = "";

  @Option(
      names = "--forks",
      paramLabel = "N",
      description = "JVMs for each, 0 to 10; 0 runs in this one (default: ${DEFAULT-VALUE}).")
  private int forks = 1;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Iterations, after as many to warm up, 1 to 100 (default: ${DEFAULT-VALUE}).")
  private int iterations = 5;

  @Option(
      names = "--millis",
      paramLabel = "N",
      description = "Of one iteration, 1 to 60000 (default: ${DEFAULT-VALUE}).")
  private int millis = 1_000;

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description = "Only this value of a parameter; may be repeated: aead=jdk, size=1452.")
  private Map<String, String> params = Map.of();

  @Option(names = "--allocations", description = "Tell the bytes allocated, too.")
  private boolean allocations;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws RunnerException {
    if (forks < 0 || forks > 10 || iterations < 1 || iterations > 100) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--forks must be 0 to 10, --iterations 1 to 100");
    }
    if (millis < 1 || millis > 60_000) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--millis must be 1 to 60000");
    }
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(RoomsBench.class.getPackageName() + ".*" + which)
            .forks(forks)
            .warmupIterations(iterations)
            .warmupTime(TimeValue.milliseconds(millis))
            .measurementIterations(iterations)
            .measurementTime(TimeValue.milliseconds(millis));
    params.forEach(options::param);
    if (allocations) {
      options.addProfiler(GCProfiler.class);
    }
    return new Runner(options.build()).run().isEmpty() ? 1 : 0;
  }
}
