package dev.quic.dataplane.daemon.qlog;

import dev.quic.dataplane.core.event.EventSink;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes connections as qlog, each to a file of its own named by its original destination id, on
 * one thread for all shards. Shards never wait for it. A file that cannot be written (a full disk)
 * ends with what it has; the others and the connections themselves go on.
 */
public final class QlogWriter implements Closeable {
  /** Opens a file of this name for writing. */
  interface Opener {
    OutputStream open(String name) throws IOException;
  }

  /** A shard's ring and how many of its losses were told. */
  private static final class Source {
    final EventRing ring;
    final Map<Long, QlogFile> files = new HashMap<>();
    long told;

    Source(EventRing ring) {
      this.ring = ring;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(QlogWriter.class);

  /** How long the thread rests when nothing is to be written. */
  private static final long REST_NANOS = 20_000_000;

  private final Opener opener;
  private final List<Source> sources;
  private final List<QlogSink> sinks;
  private final long base;
  private final String clock;
  private final long[] event = new long[EventRing.WORDS];
  private final Thread thread;
  private volatile boolean stopping;
  private volatile long failures;
  private volatile long written;

  /**
   * Starts to write.
   *
   * @param dir where the files go; made if it is not there
   * @param shards how many write, 1 or more
   * @param sample one connection in so many is written, 1 or more
   * @param now the shards' time, nanoseconds
   */
  public QlogWriter(Path dir, int shards, int sample, long now) throws IOException {
    this(inDirectory(Files.createDirectories(dir)), shards, sample, now, QlogLimits.RING_EVENTS);
  }

  QlogWriter(Opener opener, int shards, int sample, long now, int events) {
    this.opener = opener;
    base = now;
    clock = Instant.now().toString();
    List<Source> rings = new ArrayList<>();
    List<QlogSink> ends = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      EventRing ring = new EventRing(events);
      rings.add(new Source(ring));
      ends.add(new QlogSink(ring, sample));
    }
    sources = rings;
    sinks = ends;
    thread = Thread.ofPlatform().name("dataplane-qlog").daemon().start(this::run);
  }

  /** Never overwrites: a second file of a name gets a number. */
  private static Opener inDirectory(Path dir) {
    return name -> {
      for (int i = 1; ; i++) {
        String tried = i == 1 ? name : name + "-" + i;
        try {
          return Files.newOutputStream(
              dir.resolve(tried + ".sqlog"),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
          if (i == QlogLimits.SAME_NAMES) {
            throw e;
          }
        }
      }
    };
  }

  /** Where a shard's events go; calls are the shard's alone. */
  public EventSink sink(int shard) {
    return sinks.get(shard);
  }

  /** Files that could not be opened or written to their end. */
  public long failures() {
    return failures;
  }

  /** Events written to files so far. */
  public long written() {
    return written;
  }

  /** Events dropped because the writer was behind. */
  public long dropped() {
    return sources.stream().mapToLong(s -> s.ring.dropped()).sum();
  }

  private void run() {
    boolean last = false;
    while (!last) {
      last = stopping;
      boolean any = false;
      for (Source s : sources) {
        any |= drain(s);
      }
      if (!any && !last) {
        LockSupport.parkNanos(REST_NANOS);
      }
    }
    for (Source s : sources) {
      s.files.values().forEach(this::finish);
      s.files.clear();
    }
  }

  private boolean drain(Source s) {
    boolean any = false;
    for (int i = 0; i < QlogLimits.RING_EVENTS && s.ring.take(event); i++) {
      any = true;
      one(s);
    }
    if (any) {
      afterwards(s);
    }
    return any;
  }

  private void one(Source s) {
    long sock = event[EventRing.SOCK];
    switch ((int) event[EventRing.KIND]) {
      case EventKind.STARTED -> begin(s, sock);
      case EventKind.FORGOTTEN -> {
        QlogFile f = s.files.remove(sock);
        if (f != null) {
          finish(f);
        }
      }
      default -> {
        QlogFile f = s.files.get(sock);
        if (f != null) {
          write(s, sock, f);
        }
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
  private void write(Source s, long sock, QlogFile f) {
    try {
      f.write(event);
      written++;
    } catch (IOException e) {
      s.files.remove(sock);
      failed(f, e);
    }
  }

  private void begin(Source s, long sock) {
    if (openFiles() >= QlogLimits.OPEN_FILES) {
      failed(null, new IOException("more than " + QlogLimits.OPEN_FILES + " connections at once"));
      return;
    }
    int meta = (int) event[7];
    boolean server = meta >> 8 != 0;
    String id = id(meta & 0xff);
    try {
      String name = (id.isEmpty() ? "none" : id) + (server ? "_server" : "_client");
      QlogFile f = new QlogFile(opener.open(name), server, base);
      f.header(id, clock);
      s.files.put(sock, f);
    } catch (IOException e) {
      failed(null, e);
    }
  }

  private int openFiles() {
    int n = 0;
    for (Source s : sources) {
      n += s.files.size();
    }
    return n;
  }

  private String id(int bytes) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      hex.append(HexFormat.of().toHexDigits(event[EventRing.ARGS + i]));
    }
    return hex.substring(0, Math.min(2 * bytes, hex.length()));
  }

  /** After a round: tells of events lost meanwhile and lets readers follow. */
  private void afterwards(Source s) {
    long lost = s.ring.dropped();
    long fresh = lost - s.told;
    s.told = lost;
    Iterator<QlogFile> files = s.files.values().iterator();
    while (files.hasNext()) {
      QlogFile f = files.next();
      try {
        if (fresh > 0) {
          f.gap(fresh);
        }
        f.flush();
      } catch (IOException e) {
        files.remove();
        failed(f, e);
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
  private void failed(@Nullable QlogFile f, IOException e) {
    if (f != null) {
      closeQuietly(f);
    }
    if (failures++ == 0) {
      log.warn("qlog of a connection ends: {}; further ones are only counted", e.toString());
    }
  }

  private void finish(QlogFile f) {
    try {
      f.close();
    } catch (IOException e) {
      failed(null, e);
    }
  }

  private static void closeQuietly(QlogFile f) {
    try {
      f.close();
    } catch (IOException e) {
      log.debug("qlog: {}", e.toString());
    }
  }

  /** Writes what is there and closes every file. The shards have stopped. */
  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long lost = dropped();
    if (lost > 0 || failures > 0) {
      log.info("qlog: {} events dropped, {} files not written to their end", lost, failures);
    }
  }
}
