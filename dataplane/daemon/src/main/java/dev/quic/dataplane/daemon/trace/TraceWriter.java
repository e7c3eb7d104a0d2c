package dev.quic.dataplane.daemon.trace;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes lines to a file on a thread of its own. Whoever offers a line never waits: when the queue
 * is full the line is dropped and counted. The file is complete up to the last moment at which the
 * queue was empty, so a reader may follow it.
 */
public final class TraceWriter implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(TraceWriter.class);

  /** Lines that may wait for the file. */
  private static final int QUEUE_LINES = 16_384;

  /** How often closing looks whether the writer is still there. */
  private static final long LOOK_MILLIS = 100;

  /** Ends the writer; compared by identity. */
  private static final String END = new String("end");

  private final ArrayBlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE_LINES);
  private final AtomicLong dropped = new AtomicLong();
  private final BufferedWriter out;
  private final Thread thread;

  /** Nothing is written any more, as when the disk is full. */
  private volatile boolean ended;

  public TraceWriter(Path file) throws IOException {
    out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    thread = Thread.ofPlatform().name("dataplane-trace").daemon().start(this::run);
  }

  /** Queues one line, without its end. Any thread. */
  public void line(String line) {
    if (ended || !queue.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  /** Lines lost to a full queue, or to a file that cannot be written to. */
  public long dropped() {
    return dropped.get();
  }

  @SuppressWarnings("ReferenceEquality") // END is a mark, not a text
  private void run() {
    try (out) {
      while (true) {
        String line = queue.poll();
        if (line == null) {
          out.flush();
          line = queue.take();
        }
        if (line == END) {
          return;
        }
        out.write(line);
        out.newLine();
      }
    } catch (IOException e) {
      log.warn("the trace ends: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended = true;
      dropped.addAndGet(queue.size());
      queue.clear();
    }
  }

  @Override
  public void close() {
    try {
      // Nobody takes anything out of a queue whose writer has ended.
      while (!ended && !queue.offer(END, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        continue;
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.interrupt();
    }
  }
}
