package dev.quic.samples.demo;

import dev.quic.samples.AtExit;
import dev.quic.samples.ByteSize;
import dev.quic.samples.Keys;
import dev.quic.samples.Launcher;
import dev.quic.samples.TemporaryDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job, self-contained: see the description. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a data plane and a handshake daemon as processes of their own, in a temporary run directory.",
      "A consumer inside the data plane asks the daemon for its TLS handshake and exchanges a random file"
          + " each way with a program outside, over UDP. Prints the timeline of the handshake and the"
          + " figures; ends with 0 only if every byte matched."
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int PIECE = 1 << 20;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Size of each file (default: 64M).")
  private long size = 64L << 20;

  @Option(names = "--json", description = "Print one line of figures instead of text.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    long begin = System.nanoTime();
    if (size < 1) {
      throw new IllegalArgumentException("--size is at least 1");
    }
    try (AtExit exit = new AtExit()) {
      DemoFiles files =
          new DemoFiles(exit.make(() -> TemporaryDirectory.create("quic-demo")).path());
      prepare(files);
      say("data plane: bin/dataplane, no TLS library on its class path");
      Launcher dataPlane = exit.make(() -> Launcher.start("dataplane", dataPlaneArguments(files)));
      dataPlane.awaitLine("ready");
      UserProgram program = exit.add(new UserProgram(files));
      say("user-space program: " + program.address() + ", TLS in its own process");
      say("handshake daemon: bin/handshaked, keys and TLS only");
      Launcher daemon = exit.make(() -> Launcher.start("handshaked", daemonArguments(files)));
      UserProgram.Figures figures = exchange(program, dataPlane, daemon);
      daemon.close();
      dataPlane.close();
      boolean same = check(files, figures);
      report(files, figures, same, System.nanoTime() - begin);
      return same ? 0 : 1;
    }
  }

  private UserProgram.Figures exchange(UserProgram program, Launcher dataPlane, Launcher daemon)
      throws IOException, InterruptedException {
    try {
      return program.run();
    } catch (IOException e) {
      String data = String.join(" | ", dataPlane.output());
      String tls = String.join(" | ", daemon.output());
      throw new IOException(
          e.getMessage() + "; the data plane said: " + data + "; handshaked said: " + tls, e);
    }
  }

  private void prepare(DemoFiles files) throws IOException {
    Keys.write(files.keys(), Keys.LOCAL_NAMES);
    Files.writeString(files.config(), files.configText());
    say("two random files of " + size + " bytes");
    random(files.consumerSends(), 1);
    random(files.programSends(), 2);
  }

  private static List<String> dataPlaneArguments(DemoFiles files) throws IOException {
    return List.of(
        "--run-dir",
        files.run().toString(),
        "--consumers",
        Launcher.home().resolve("samples/target/consumers").toString(),
        "--consumer",
        "demo=" + files.consumerArguments(),
        "--trace",
        files.dataPlaneTrace().toString());
  }

  private static List<String> daemonArguments(DemoFiles files) {
    return List.of(
        "--stderr",
        "--config",
        files.config().toString(),
        "--run-dir",
        files.run().toString(),
        "--trace",
        files.daemonTrace().toString());
  }

  private static boolean check(DemoFiles files, UserProgram.Figures figures) throws IOException {
    String up = DemoFiles.sha256(files.consumerSends());
    String down = DemoFiles.sha256(files.programSends());
    return up.equals(figures.received().sha256())
        && up.equals(DemoFiles.sha256(files.programReceives()))
        && (down + " " + Files.size(files.programSends())).equals(figures.consumerReport())
        && down.equals(DemoFiles.sha256(files.consumerReceives()));
  }

  private void report(DemoFiles files, UserProgram.Figures f, boolean same, long nanos)
      throws IOException {
    Timeline timeline =
        Timeline.ofFirstRequest(Trace.read(List.of(files.dataPlaneTrace(), files.daemonTrace())));
    if (json) {
      System.out.printf(
          Locale.ROOT,
          "{\"ok\":%b,\"bytes\":%d,\"handshake_us\":%.0f,\"up_mbit_s\":%.0f,\"down_mbit_s\":%.0f,"
              + "\"seconds\":%.3f}%n",
          same,
          size,
          timeline.length() / 1e3,
          rate(f.upNs()),
          rate(f.downNs()),
          nanos / 1e9);
      return;
    }
    System.out.println("\nThe handshake of the consumer in the data plane:");
    timeline.print(System.out);
    System.out.printf(
        Locale.ROOT,
        "%nconsumer to program: %d bytes in %.3f s, %.0f Mbit/s%n"
            + "program to consumer: %d bytes in %.3f s, %.0f Mbit/s%n"
            + "SHA-256 of both files on both sides: %s%n%.1f s in all%n",
        size,
        f.upNs() / 1e9,
        rate(f.upNs()),
        size,
        f.downNs() / 1e9,
        rate(f.downNs()),
        same ? "equal" : "DIFFERENT",
        nanos / 1e9);
  }

  private double rate(long nanos) {
    return size * 8e3 / nanos;
  }

  private void random(Path file, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(System.nanoTime() + seed);
    byte[] piece = new byte[PIECE];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = size; left > 0; left -= PIECE) {
        random.nextBytes(piece);
        out.write(piece, 0, (int) Math.min(PIECE, left));
      }
    }
  }

  private void say(String text) {
    if (!json) {
      System.out.println(text);
    }
  }
}
