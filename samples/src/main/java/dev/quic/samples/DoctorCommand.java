package dev.quic.samples;

import dev.quic.uds.door.RunDir;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Is this system fit for it? */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Checks the JDK, UDP batches and buffers, and the run directory.",
      "Ends with 1 if something that is needed is missing; what only slows things down is a warning."
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "The run directory (default: $$QUIC_RUN_DIR, /run/quic for root, $$XDG_RUNTIME_DIR/quic).")
  private @Nullable Path runDir;

  @Override
  public Integer call() {
    List<Checkup.Finding> findings = Checkup.all(RunDir.resolve(runDir));
    for (Checkup.Finding f : findings) {
      if (json) {
        System.out.printf(
            "{\"check\":\"%s\",\"result\":\"%s\",\"detail\":\"%s\"}%n",
            f.check(), f.result().word(), escape(f.detail()));
      } else {
        System.out.printf("%-5s %-18s %s%n", f.result().word(), f.check(), f.detail());
      }
    }
    return findings.stream().anyMatch(f -> f.result() == Checkup.Result.FAIL) ? QuicMain.FAILED : 0;
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
