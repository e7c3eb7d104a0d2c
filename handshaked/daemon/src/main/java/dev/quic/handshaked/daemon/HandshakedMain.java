package dev.quic.handshaked.daemon;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.log.GatheredOutput;
import dev.quic.handshaked.daemon.service.WorkerPool;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.daemon.trace.HaltSwitch;
import dev.quic.handshaked.daemon.trace.TraceFile;
import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.uds.FileReason;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/handshaked}: see docs/handshaked.md. */
@Command(
    name = "handshaked",
    description = "Runs TLS handshakes for the QUIC data plane.",
    mixinStandardHelpOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or SIGINT (143 or 130 while Java itself still starts)",
      "1:the configuration cannot be used, or a second SIGTERM or SIGINT came",
      "2:wrong usage"
    },
    footer = {
      "",
      "SIGHUP and SIGUSR1 read the configuration again; so does a change of its files.",
      "Configuration and all else: docs/handshaked.md"
    },
    versionProvider = HandshakedMain.Version.class)
public final class HandshakedMain implements Callable<Integer> {
  private static final int FAILED = 1;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description =
          "configuration; without it the first of /etc/handshaked/config, /etc/tlshd.conf,"
              + " /etc/tlshd/config that exists")
  private @Nullable Path config;

  @Option(
      names = {"-s", "--stderr"},
      description = "plain log lines, for a terminal, instead of ones for systemd's journal")
  private boolean stderr;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "the data plane's sockets; else $$QUIC_RUN_DIR, /run/quic for root,"
              + " $$XDG_RUNTIME_DIR/quic")
  private @Nullable Path runDir;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "append a JSON line for each call of each handshake")
  private @Nullable Path trace;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "" + WorkerPool.DEFAULT_WORKERS,
      description =
          "requests worked on at once unless the configuration's [limits] says otherwise"
              + " (default: ${DEFAULT-VALUE})")
  private int workers;

  @Option(
      names = "--crypto",
      paramLabel = "auto|bc|libcrypto",
      defaultValue = "auto",
      description =
          "key exchange and ECDSA unless the configuration's [tls] says otherwise: Bouncy Castle's,"
              + " or the system's libcrypto (OpenSSL 3; auto takes it where it can be used)"
              + " (default: ${DEFAULT-VALUE})")
  private String crypto = "auto";

  @Option(
      names = {"-v", "--version"},
      versionHelp = true,
      description = "print the version and exit")
  private boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "print this help and exit")
  private boolean help;

  /** The version of the jar this class came in. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String of = HandshakedMain.class.getPackage().getImplementationVersion();
      return new String[] {"handshaked " + (of == null ? "(development)" : of)};
    }
  }

  /** Ends the process with 0, 1 (cannot run) or 2 (wrong usage). */
  public static void main(String[] args) {
    // First of all: a service manager may stop what it has only just started. The daemon's own
    // follow once it has something to let finish.
    Signals.install(() -> {}, () -> Runtime.getRuntime().halt(CommandLine.ExitCode.OK));
    System.exit(new CommandLine(new HandshakedMain()).execute(args));
  }

  @Override
  public Integer call() {
    if (workers < 1 || workers > WorkerPool.MAX_WORKERS) {
      System.err.println("handshaked: --workers takes 1 to " + WorkerPool.MAX_WORKERS);
      return CommandLine.ExitCode.USAGE;
    }
    CryptoMode mode;
    try {
      mode = CryptoMode.parse(crypto);
    } catch (IllegalArgumentException e) {
      System.err.println("handshaked: --crypto must be auto, bc or libcrypto");
      return CommandLine.ExitCode.USAGE;
    }
    DaemonLog log = new DaemonLog(stderr, GatheredOutput.ofStandardError());
    ConfigSource source;
    try {
      source = ConfigSource.open(config);
    } catch (ConfigException e) {
      log.error(String.valueOf(e.getMessage()));
      return FAILED;
    }
    source.current().warnings().forEach(log::warn);
    log.setLevel(source.current().loglevel());
    log.debug("configuration: " + source.file());
    TraceFile traceFile = null;
    try {
      traceFile = trace == null ? null : TraceFile.open(trace);
    } catch (IOException e) {
      log.error("cannot write trace " + trace + ": " + FileReason.of(e));
      return FAILED;
    }
    CallTrace calls = traceFile == null ? CallTrace.NONE : traceFile;
    RunDir dir = RunDir.resolve(runDir);
    try {
      new Daemon(source, calls.and(HaltSwitch.fromProperty()), dir, workers, mode, log).run();
    } catch (ConfigException e) {
      log.error(String.valueOf(e.getMessage()));
      return FAILED;
    }
    return CommandLine.ExitCode.OK;
  }
}
