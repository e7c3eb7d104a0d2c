package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.daemon.kernel.Consumers;
import dev.quic.dataplane.io.IoLimits;
import dev.quic.dataplane.io.Shard;
import dev.quic.dataplane.io.Shards;
import dev.quic.dataplane.io.UdpMode;
import dev.quic.dataplane.io.aead.AeadMode;
import dev.quic.uds.FileReason;
import dev.quic.uds.SdNotify;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/dataplane}: the data plane in the foreground, until SIGTERM or SIGINT. */
@Command(
    name = "dataplane",
    mixinStandardHelpOptions = true,
    version = "dataplane 0.1.0",
    description = "Runs the QUIC data plane: every UDP socket and all protocol state.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or SIGINT (143 or 130 while Java itself still starts)",
      "1:could not start, or failed",
      "2:wrong usage"
    })
public final class DataPlaneMain implements Callable<Integer> {
  /** How long stopping may take before the process ends all the same. */
  private static final int STOP_SECONDS = 10;

  private static final String LOG_CONFIG = "logback.configurationFile";

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "Where netlink.sock and socket.sock are made. Default: $QUIC_RUN_DIR, else /run/quic for"
              + " root, else $XDG_RUNTIME_DIR/quic.")
  private @Nullable Path runDir;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Threads that run connections, 1 to 256. Default: processors less one.")
  private @Nullable Integer shards;

  @Option(
      names = "--udp",
      paramLabel = "auto|linux|nio",
      defaultValue = "auto",
      description = "How datagrams are sent and received. Default: ${DEFAULT-VALUE}.")
  private String udp = "auto";

  @Option(
      names = "--aead",
      paramLabel = "auto|jdk|ipsec-mb",
      defaultValue = "auto",
      description =
          "What protects packets: the fastest found, the JDK, or Intel's library (Debian's"
              + " libipsec-mb1). Default: ${DEFAULT-VALUE}.")
  private String aead = "auto";

  @Option(
      names = "--max-datagram",
      paramLabel = "auto|BYTES",
      defaultValue = "auto",
      description =
          "Largest UDP payload that connections try to send, 1200 to 16383; what a path carries is"
              + " found by probes. auto is what the interface carries (8972 where its MTU is 9000),"
              + " 1472 or 1452 bytes over loopback. Default: ${DEFAULT-VALUE}.")
  private String maxDatagram = "auto";

  @Option(
      names = "--busy-poll",
      paramLabel = "US",
      description =
          "How long a shard waits awake for the next packet before it sleeps, microseconds, 0 to"
              + " 1000000; a processor for each shard then. Default: up to 40, while that pays.")
  private @Nullable Integer busyPoll;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Settings: handshake.pending, handshake.timeout_ms, ...")
  private @Nullable Path config;

  @Option(
      names = "--consumers",
      paramLabel = "DIR",
      description = "Jars with kernel consumers, besides those on the class path.")
  private @Nullable Path consumers;

  @Option(
      names = "--consumer",
      paramLabel = "NAME=ARGS",
      description = "Starts a kernel consumer; may be repeated.")
  private List<String> start = List.of();

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Writes the timeline of handshakes, one JSON object a line.")
  private @Nullable Path trace;

  @Option(
      names = "--qlog",
      paramLabel = "DIR",
      description = "Writes each connection as qlog (JSON-SEQ) to a file of its own in DIR.")
  private @Nullable Path qlog;

  @Option(
      names = "--qlog-sample",
      paramLabel = "N",
      defaultValue = "1",
      description = "With --qlog: one connection in N. Default: ${DEFAULT-VALUE}.")
  private int qlogSample = 1;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** What the process ends with. */
  private volatile int status = 1;

  private DataPlaneMain() {}

  public static void main(String[] args) {
    // Named apart from handshaked's, since an embedding program has both on its class path.
    if (System.getProperty(LOG_CONFIG) == null) {
      System.setProperty(LOG_CONFIG, "dataplane-logback.xml");
    }
    DataPlaneMain program = new DataPlaneMain();
    // First of all: a service manager may stop what it has only just started.
    Runtime.getRuntime().addShutdownHook(new Thread(program::onSignal, "stop"));
    CommandLine cli = new CommandLine(program);
    cli.setExecutionExceptionHandler((e, line, parsed) -> {
      line.getErr().println("dataplane: " + oneLine(e));
      return e instanceof CommandLine.ParameterException ? 2 : 1;
    });
    cli.setParameterExceptionHandler((e, given) -> {
      e.getCommandLine().getErr().println("dataplane: " + oneLine(e) + " (see --help)");
      return 2;
    });
    int code = 1;
    try {
      code = cli.execute(args);
    } finally {
      program.status = code;
      program.stopped.countDown();
    }
    System.exit(code);
  }

  private static String oneLine(Exception e) {
    String m = e.getMessage() == null ? e.toString() : e.getMessage();
    return m.lines().findFirst().orElse(m);
  }

  @Override
  public Integer call() throws Exception {
    serve();
    return 0;
  }

  private void serve() throws Exception {
    try (ManagerWords manager = new ManagerWords(SdNotify.fromEnvironment());
        DataPlane plane = builder().start();
        Consumers loaded = loadConsumers()) {
      // Before anybody is served: the first collections would copy what start-up left behind.
      System.gc();
      for (String consumer : start) {
        startConsumer(consumer, loaded, plane);
      }
      int n = plane.shards().count();
      System.out.println(
          "dataplane ready in "
              + plane.runDir()
              + (n == 1 ? ", 1 shard" : ", " + n + " shards")
              + ", AEAD "
              + plane.shards().get(0).aead());
      System.out.flush();
      manager.ready(plane, System.getenv());
      try {
        awaitEnd(plane.shards(), stop);
      } finally {
        manager.stopping();
      }
    }
  }

  /**
   * Waits until it is to stop.
   *
   * @throws IllegalStateException when a shard has died: its programs would wait for ever
   */
  static void awaitEnd(Shards shards, CountDownLatch stop) throws InterruptedException {
    for (Shard s : shards.all()) {
      s.whenStopped(stop::countDown);
    }
    stop.await();
    for (Shard s : shards.all()) {
      Throwable failure = s.failure();
      if (failure != null) {
        throw new IllegalStateException(
            "shard " + s.config().index() + " is gone with its connections: " + failure, failure);
      }
    }
  }

  /**
   * SIGTERM and SIGINT: lets the data plane close its connections, and ends with status 0. Also the
   * end of a process that ends by itself, whose status is known by then.
   */
  private void onSignal() {
    stop.countDown();
    int end = 1;
    try {
      end = stopped.await(STOP_SECONDS, TimeUnit.SECONDS) ? status : 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(end);
  }

  private static void startConsumer(String text, Consumers loaded, DataPlane plane)
      throws StartException {
    int eq = text.indexOf('=');
    String name = eq < 0 ? text : text.substring(0, eq);
    String args = eq < 0 ? "" : text.substring(eq + 1);
    if (!loaded.start(name, args, plane.sockets(), plane.tls())) {
      throw new StartException(
          "no consumer "
              + name
              + (loaded.names().isEmpty()
                  ? "; there are none (see --consumers)"
                  : "; there is " + String.join(", ", loaded.names())));
    }
  }

  private DataPlane.Builder builder() throws StartException {
    Path dir = runDir != null ? runDir : RunDir.standard(System.getenv(), Credentials.isRoot());
    if (dir == null) {
      throw new StartException("no run directory: give --run-dir or set XDG_RUNTIME_DIR");
    }
    if (qlogSample < 1) {
      throw usage("--qlog-sample must be 1 or more");
    }
    DataPlane.Builder b =
        DataPlane.builder()
            .runDir(dir)
            .udp(udpMode())
            .aead(aeadMode())
            .maxDatagram(maxDatagram())
            .trace(trace)
            .qlog(qlog, qlogSample)
            .config(config == null ? DataPlaneConfig.DEFAULT : DataPlaneConfig.load(config))
            .notices(line -> System.err.println("dataplane: " + line));
    if (shards != null) {
      if (shards < 1 || shards > 256) {
        throw usage("--shards must be 1 to 256");
      }
      b.shards(shards);
    }
    if (busyPoll != null) {
      if (busyPoll < 0 || busyPoll > IoLimits.BUSY_POLL_MICROS) {
        throw usage("--busy-poll must be 0 to " + IoLimits.BUSY_POLL_MICROS);
      }
      b.busyPoll(busyPoll);
    }
    return b;
  }

  private UdpMode udpMode() {
    try {
      return UdpMode.parse(udp.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw usage("--udp must be auto, linux or nio");
    }
  }

  private AeadMode aeadMode() {
    try {
      return AeadMode.parse(aead);
    } catch (IllegalArgumentException e) {
      throw usage("--aead must be auto, jdk or ipsec-mb");
    }
  }

  private int maxDatagram() {
    try {
      return DatagramSize.parse(maxDatagram);
    } catch (IllegalArgumentException e) {
      throw usage("--max-datagram must be auto or 1200 to 16383");
    }
  }

  private Consumers loadConsumers() throws StartException {
    try {
      return new Consumers(consumers);
    } catch (IOException e) {
      throw new StartException(
          "cannot load consumers"
              + (consumers == null ? "" : " from " + consumers)
              + ": "
              + FileReason.of(e),
          e);
    }
  }

  private static CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(new CommandLine(new DataPlaneMain()), message);
  }
}
