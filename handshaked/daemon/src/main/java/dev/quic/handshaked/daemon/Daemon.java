package dev.quic.handshaked.daemon;

import dev.quic.handshaked.daemon.bus.NetlinkBus;
import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.config.LimitSettings;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.operation.ExpiryWatch;
import dev.quic.handshaked.daemon.operation.FileWatch;
import dev.quic.handshaked.daemon.operation.Housekeeping;
import dev.quic.handshaked.daemon.operation.Reloader;
import dev.quic.handshaked.daemon.service.HandshakeService;
import dev.quic.handshaked.daemon.service.RequestWorker;
import dev.quic.handshaked.daemon.service.ReverseLookup;
import dev.quic.handshaked.daemon.service.SharedTls;
import dev.quic.handshaked.daemon.service.TlsPolicy;
import dev.quic.handshaked.daemon.service.WarmUp;
import dev.quic.handshaked.daemon.service.WorkerPool;
import dev.quic.handshaked.daemon.tags.TagSource;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.uds.FileReason;
import dev.quic.uds.SdNotify;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A running daemon: its parts, put together, from the first word to the last. */
final class Daemon {
  private static final Duration EXPIRY_PERIOD = Duration.ofDays(1);
  private static final Duration REFUSAL_PERIOD = Duration.ofSeconds(1);
  private static final int GIVEN_UP = 1;

  /** How long the data plane may take at the end for what it was told last. */
  private static final Duration ANSWERS = Duration.ofSeconds(2);

  private final ConfigSource source;
  private final DaemonLog log;
  private final SdNotify manager = SdNotify.fromEnvironment();
  private final ExpiryWatch expiry;
  private final RequestWorker worker;
  private final WorkerPool pool;
  private final HandshakeService service;
  private final SharedTls shared;
  private final Reloader reloader;
  private final AtomicBoolean told = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();

  /**
   * @param workers requests worked on at once unless the configuration says otherwise
   * @param crypto where key exchange and ECDSA come from unless the configuration says otherwise
   * @throws ConfigException when something that the configuration names is of no use
   */
  Daemon(
      ConfigSource source,
      CallTrace trace,
      RunDir dir,
      int workers,
      CryptoMode crypto,
      DaemonLog log)
      throws ConfigException {
    this.source = source;
    this.log = log;
    expiry = new ExpiryWatch(log, Clock.systemUTC());
    shared =
        new SharedTls(log, System.getenv(SharedTls.KEY_LOG_VARIABLE), Clock.systemUTC(), crypto);
    TagSource tags = new TagSource();
    worker =
        new RequestWorker(
            source,
            new TlsPolicy(new CredentialCache()),
            shared,
            tags::of,
            ReverseLookup.SYSTEM,
            trace,
            log);
    pool = new WorkerPool(workers, worker::serveOne);
    service =
        new HandshakeService(
            () -> NetlinkBus.connect(dir), pool, log, dir.netlink().toString(), shared::crypto);
    source.follow(next -> () -> log.setLevel(next.loglevel()));
    source.follow(tags);
    source.follow(shared);
    source.follow(next -> () -> limits(next.limits(), workers));
    reloader = new Reloader(source, manager, log, () -> expiry.loaded(source.current()));
  }

  private void limits(LimitSettings limits, int workers) {
    pool.limit(limits.handshakes() == 0 ? workers : limits.handshakes());
    worker.limits(limits);
    service.drain(Duration.ofSeconds(limits.drainSeconds()));
  }

  /** Serves until a signal ends it. */
  void run() {
    expiry.loaded(source.current());
    Signals.install(this::reload, this::stop);
    service.listener(new ManagerWords());
    WarmUp.start(log, shared.library());
    @Nullable FileWatch watch = watch();
    try (Housekeeping chores = new Housekeeping(log)) {
      chores.every(EXPIRY_PERIOD, () -> expiry.look(source.current()));
      chores.every(REFUSAL_PERIOD, worker::flushRefusals);
      watchdog(chores);
      service.run();
      worker.finish(ANSWERS);
      worker.flushRefusals();
    } finally {
      if (watch != null) {
        watch.close();
      }
    }
    if (pool.active() == 0) {
      shared.close();
    }
    log.info("stopped");
  }

  /** Not on the signal's thread, which a second signal needs. */
  private void reload() {
    Thread.ofPlatform().daemon().name("reload").start(reloader::reload);
  }

  /** The first time lets handshakes under way finish, the second time does not. */
  private void stop() {
    if (stopping.compareAndSet(false, true)) {
      manager.stopping();
      service.stop();
      return;
    }
    int left = pool.active();
    log.warn("stopped at once by a second signal, " + left + " handshakes given up");
    log.end();
    Runtime.getRuntime().halt(GIVEN_UP);
  }

  private @Nullable FileWatch watch() {
    try {
      return FileWatch.start(this::watched, reloader::reload, log);
    } catch (IOException e) {
      log.warn("file changes go unnoticed (" + FileReason.of(e) + "): use SIGHUP to reload");
      return null;
    }
  }

  private Set<Path> watched() {
    DaemonConfig config = source.current();
    Set<Path> out = new LinkedHashSet<>(config.files());
    out.add(source.file());
    out.add(config.tags());
    return out;
  }

  private void watchdog(Housekeeping chores) {
    long micros = SdNotify.watchdogMicros(System.getenv(), ProcessHandle.current().pid());
    if (micros > 0) {
      // The pool's lock is what every request needs: a daemon that hangs there is not alive.
      chores.every(
          Duration.ofNanos(micros * 500),
          () -> {
            if (pool.active() >= 0) {
              manager.watchdog();
            }
          });
    }
  }

  /** What the service manager hears of the data plane. */
  private final class ManagerWords implements HandshakeService.Listener {
    @Override
    public void connected() {
      manager.status("listening for handshake requests");
      ready();
    }

    @Override
    public void disconnected(String why) {
      manager.status("waiting for the data plane: " + why);
      ready();
    }

    /** A daemon that waits for its data plane has started all the same. */
    private void ready() {
      if (told.compareAndSet(false, true)) {
        manager.ready();
      }
    }
  }
}
