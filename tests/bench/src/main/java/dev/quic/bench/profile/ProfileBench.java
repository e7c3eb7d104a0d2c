package dev.quic.bench.profile;

import dev.quic.bench.Program;
import dev.quic.bench.report.FlatJson;
import dev.quic.samples.AtExit;
import dev.quic.samples.Keys;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A long upload under observation. */
@Command(
    name = "profile",
    mixinStandardHelpOptions = true,
    description = {
      "A long upload between two processes, each with a data plane: bytes allocated a packet by the threads that move",
      "packets, also in the second half alone, when the compilers are through; the pauses of both JVMs; and, with --flames,",
      "a flame graph of each side's shard."
    })
public final class ProfileBench implements Callable<Integer> {
  private static final long START_SECONDS = 120;
  private static final long PATIENCE_SECONDS = 7_200;
  private static final String SHARDS = "shard-";

  /** Bytes of stream data in a full datagram, as perf counts. */
  private static final long PACKET = 1_400;

  @Option(
      names = "--packets",
      paramLabel = "N",
      description =
          "Full packets of the upload, 1000 to 1000000000; a minute takes some 20 million (default: ${DEFAULT-VALUE}).")
  private long packets = 10_000_000;

  @Option(
      names = "--aead",
      paramLabel = "auto|jdk|ipsec-mb",
      description = "What protects packets (default: ${DEFAULT-VALUE}).")
  private String aead = "auto";

  @Option(
      names = "--flames",
      paramLabel = "DIR",
      description =
          "Record both processes and write flame-sender.svg and flame-receiver.svg into DIR. Costs some time.")
  private @Nullable Path flames;

  @Option(
      names = "--java",
      paramLabel = "OPTIONS",
      description = "Options for both JVMs, blanks between them.")
  private String java = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  /** When the upload was over, ms since 1970. */
  private long ended;

  @Override
  public Integer call() throws Exception {
    if (packets < 1_000 || packets > 1_000_000_000) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--packets must be 1000 to 1000000000");
    }
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      Keys.write(dir.resolve("keys"), Keys.LOCAL_NAMES);
      print(measure(dir), dir);
      if (flames != null) {
        Files.createDirectories(flames);
        flame(dir, "client", "flame-sender.svg", "Shard of the sender", flames);
        flame(dir, "server", "flame-receiver.svg", "Shard of the receiver", flames);
      }
    }
    return 0;
  }

  private FlatJson measure(Path dir) throws IOException, InterruptedException {
    List<String> server = new ArrayList<>(List.of("perf", "server", "--embedded", "--port", "0"));
    server.addAll(List.of("--aead", aead));
    server.addAll(List.of("--cert", dir.resolve("keys").resolve(Keys.SERVER_CERT).toString()));
    server.addAll(List.of("--pkey", dir.resolve("keys").resolve(Keys.SERVER_KEY).toString()));
    // Stopped before what it leaves behind is read.
    try (Program serving = Program.start("quic", "", options(dir, "server"), server)) {
      String port = serving.awaitLine("listening on 127.0.0.1:", START_SECONDS);
      List<String> client = new ArrayList<>(List.of("perf", "client", "--embedded", "--json"));
      client.addAll(List.of("--port", port, "--aead", aead));
      client.addAll(List.of("--ca", dir.resolve("keys").resolve(Keys.CA_CERT).toString()));
      client.addAll(List.of("--tot_len", Long.toString(packets * PACKET)));
      try (Program sending = Program.start("quic", "", options(dir, "client"), client)) {
        FlatJson result = FlatJson.parse("{" + sending.awaitLine("{", PATIENCE_SECONDS));
        ended = System.currentTimeMillis();
        return result;
      }
    }
  }

  private String options(Path dir, String name) {
    String log = "-Xlog:safepoint:file=" + dir.resolve(name + ".log") + ":timemillis";
    String recording =
        flames == null
            ? ""
            : " -XX:StartFlightRecording=settings=profile,filename=" + dir.resolve(name + ".jfr");
    return (log + recording + " " + java).strip();
  }

  private void print(FlatJson r, Path dir) throws IOException {
    double seconds = r.number("seconds", 0);
    System.out.println(
        String.format(
            Locale.ROOT,
            "%d packets in %.1f s, %.2f Gbit/s, AEAD %s%n"
                + "bytes allocated a packet by the shard: sender %.2f, receiver %.2f; in the second half %.2f, %.2f%n"
                + "by all threads: %.2f, %.2f",
            packets,
            seconds,
            r.number("gbit_s", 0),
            aead,
            r.number("client_shard_bytes_per_packet", 0),
            r.number("server_shard_bytes_per_packet", 0),
            r.number("client_shard_second_half", 0),
            r.number("server_shard_second_half", 0),
            r.number("client_bytes_per_packet_allocated", 0),
            r.number("server_bytes_per_packet_allocated", 0)));
    printPauses("sender", dir.resolve("client.log"), seconds);
    printPauses("receiver", dir.resolve("server.log"), seconds);
  }

  private void printPauses(String who, Path log, double seconds) throws IOException {
    Safepoints all = Safepoints.read(log);
    long began = ended - Math.round(seconds * 1_000);
    System.out.println(who + ", in the upload: " + all.between(began, ended).text());
    System.out.println(who + ", from its start on: " + all.text());
  }

  private static void flame(Path dir, String name, String file, String title, Path to)
      throws IOException {
    Path recording = dir.resolve(name + ".jfr");
    if (!Files.isRegularFile(recording)) {
      throw new IOException("the " + name + "'s JVM left no recording");
    }
    String drawn = FlamePicture.draw(title, StackTree.read(recording, SHARDS));
    Files.writeString(to.resolve(file), drawn, StandardCharsets.UTF_8);
    System.out.println("wrote " + to.resolve(file));
  }
}
