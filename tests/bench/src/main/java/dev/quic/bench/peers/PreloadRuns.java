package dev.quic.bench.peers;

import dev.quic.bench.Program;
import dev.quic.bench.report.Sample;
import dev.quic.samples.AtExit;
import dev.quic.samples.Launcher;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Unchanged C programs for the kernel's sockets under {@code bin/quic run}: a data plane each. */
final class PreloadRuns {
  private static final long SECONDS = 300;
  private static final List<String> SOURCES =
      List.of("perf.c", "quicsocket.c", "faketls.c", "gnutlstls.c");

  private final OwnRuns own;
  private final int mebibytes;
  private final int warmup;

  /**
   * @param bytes each way
   * @param warmup the same, on a connection before
   */
  PreloadRuns(OwnRuns own, long bytes, long warmup) {
    this.own = own;
    mebibytes = (int) Math.max(1, bytes >> 20);
    this.warmup = (int) Math.max(1, warmup >> 20);
  }

  Sample run() throws IOException, InterruptedException {
    Path program = compiled();
    try (AtExit exit = new AtExit()) {
      Path dir = exit.make(() -> TemporaryDirectory.create("quic-bench")).path();
      own.dataPlane(exit, dir.resolve("near"), Load.USUAL);
      own.dataPlane(exit, dir.resolve("far"), Load.USUAL);
      transfer(dir, program, warmup);
      return new Sample(transfer(dir, program, mebibytes) / 1e3, Sample.UNKNOWN, Sample.UNKNOWN, 0);
    }
  }

  /**
   * @return Mbit/s up
   */
  private static double transfer(Path dir, Path program, int mebibytes)
      throws IOException, InterruptedException {
    String port;
    try (DatagramSocket free = new DatagramSocket(0)) {
      port = Integer.toString(free.getLocalPort());
    }
    List<String> rest = List.of("127.0.0.1", port, "fake", Integer.toString(mebibytes));
    List<String> server = new ArrayList<>(List.of("run", "--run-dir=" + dir.resolve("far")));
    server.addAll(List.of(program.toString(), "server"));
    server.addAll(rest);
    try (Program serving = Program.start("quic", "", "", server)) {
      serving.awaitLine("ready", SECONDS);
      List<String> client = new ArrayList<>();
      client.add(Launcher.home().resolve("bin/quic").toString());
      client.addAll(List.of("run", "--run-dir=" + dir.resolve("near")));
      client.addAll(List.of(program.toString(), "client"));
      client.addAll(rest);
      List<String> lines =
          Command.run(client, Launcher.home(), Map.of("QUIC_NO_BUILD", "1"), SECONDS);
      return up(lines);
    }
  }

  static double up(List<String> lines) throws IOException {
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      if (words.length == 3 && words[0].equals("up") && words[2].equals("Mbit/s")) {
        return Double.parseDouble(words[1]);
      }
    }
    throw new IOException("the program said nothing of its upload");
  }

  /** The C program and the preload library. */
  private static Path compiled() throws IOException, InterruptedException {
    Path home = Launcher.home();
    Path sources = home.resolve("tests/system/src/test/c/kernel");
    if (!Files.isDirectory(sources)) {
      throw new IOException("there are no C sources here: this needs a checkout");
    }
    Path out = home.resolve("tests/bench/target/preload");
    Files.createDirectories(out);
    Path library = home.resolve("consumer-api/preload/build.sh");
    var unused = Command.run(List.of(library.toString()), home, Map.of(), SECONDS);
    Path program = out.resolve("perf");
    List<String> cc = new ArrayList<>(List.of("cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2"));
    for (String source : SOURCES) {
      cc.add(sources.resolve(source).toString());
    }
    cc.addAll(List.of("-o", program.toString(), "-lgnutls"));
    var ignored = Command.run(cc, home, Map.of(), SECONDS);
    return program;
  }
}
