package dev.quic.handshaked.daemon.operation;

import dev.quic.handshaked.daemon.log.DaemonLog;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Notices when files change, however that is done: written in place, renamed over, or a link set
 * anew. Besides being told by the kernel it looks by itself now and then, for file systems that
 * tell nothing. Has a thread of its own.
 */
public final class FileWatch implements AutoCloseable {
  /** Writers need more than one call: a change counts when nothing followed for so long. */
  static final long SETTLE_MS = 100;

  /** How often it looks without having been told. */
  static final long LOOK_SECONDS = 10;

  private final Supplier<? extends Collection<Path>> files;
  private final Runnable onChange;
  private final DaemonLog log;
  private final WatchService service;
  private final Map<Path, WatchKey> watched = new HashMap<>();
  private final Thread thread;
  private FileStamps last;

  private FileWatch(
      Supplier<? extends Collection<Path>> files,
      Runnable onChange,
      DaemonLog log,
      WatchService service) {
    this.files = files;
    this.onChange = onChange;
    this.log = log;
    this.service = service;
    this.last = FileStamps.of(files.get());
    this.thread = Thread.ofPlatform().daemon().name("file-watch").unstarted(this::run);
  }

  /**
   * Starts watching. What changes before it returns is not noticed, what changes afterwards is.
   *
   * @param files what to watch, asked for anew after each change; of a directory the definitions in
   *     it
   * @param onChange runs on this thread
   * @throws IOException when the system has no watches left
   */
  public static FileWatch start(
      Supplier<? extends Collection<Path>> files, Runnable onChange, DaemonLog log)
      throws IOException {
    FileWatch watch =
        new FileWatch(files, onChange, log, FileSystems.getDefault().newWatchService());
    watch.register();
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = service.poll(LOOK_SECONDS, TimeUnit.SECONDS);
        while (key != null) {
          take(key);
          key = service.poll(SETTLE_MS, TimeUnit.MILLISECONDS);
        }
        tend();
      }
    } catch (ClosedWatchServiceException e) {
      // The daemon stops.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What fails now, as when a directory goes while it is read, may not the next time. */
  private void tend() {
    try {
      look();
      register();
    } catch (ClosedWatchServiceException e) {
      throw e;
    } catch (RuntimeException e) {
      log.error("cannot look for changed files: " + e + "; trying again in " + LOOK_SECONDS + " s");
    }
  }

  private void take(WatchKey key) {
    key.pollEvents();
    if (!key.reset()) {
      watched.values().remove(key);
    }
  }

  private void look() {
    FileStamps now = FileStamps.of(files.get());
    if (!now.equals(last)) {
      onChange.run();
      // Other files may count now. What changed while they were read is seen the next time.
      last = FileStamps.of(files.get()).butAs(now);
    }
  }

  private void register() {
    Set<Path> wanted = FileStamps.directories(files.get());
    for (Path dir : new HashSet<>(watched.keySet())) {
      WatchKey key = watched.get(dir);
      if (key != null && !wanted.contains(dir)) {
        key.cancel();
        watched.remove(dir);
      }
    }
    for (Path dir : wanted) {
      if (watched.containsKey(dir)) {
        continue;
      }
      try {
        watched.put(
            dir,
            dir.register(
                service,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE));
      } catch (IOException e) {
        log.debug("cannot watch " + dir + ": looking every " + LOOK_SECONDS + " s instead");
      }
    }
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      log.debug("closing the file watch: " + e.getMessage());
    }
  }
}
