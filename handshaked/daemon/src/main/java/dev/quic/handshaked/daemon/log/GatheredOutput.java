package dev.quic.handshaked.daemon.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Output that a thread of its own writes, what came within some milliseconds with one system call:
 * a line costs its author a copy, not a call that wakes the reader. Nothing is dropped and the
 * order is kept; who comes while {@link #LIMIT} bytes wait, waits. Any thread.
 */
public final class GatheredOutput extends OutputStream {
  /** Bytes that may wait; a longer piece has to wait until it is alone. */
  static final int LIMIT = 1 << 16;

  private static final Duration GATHERING = Duration.ofMillis(5);

  private final OutputStream out;
  private final long gatherNanos;
  private final ReentrantLock lock = new ReentrantLock();

  /** The writer looks at what there is. */
  private final Condition news = lock.newCondition();

  /** The writer took what waited, or has written it. */
  private final Condition progress = lock.newCondition();

  private byte[] waiting = new byte[LIMIT];
  private byte[] spare = new byte[LIMIT];
  private int used;
  private boolean writing;
  private boolean urgent;

  /** Nobody gathers any more. */
  private boolean over;

  GatheredOutput(OutputStream out, Duration gathering) {
    this.out = out;
    this.gatherNanos = gathering.toNanos();
    Thread.ofPlatform().daemon().name("log").start(this::run);
  }

  /** Puts one in the place of {@link System#err}, until the process ends in good order. */
  public static GatheredOutput ofStandardError() {
    GatheredOutput gathered =
        new GatheredOutput(new FileOutputStream(FileDescriptor.err), GATHERING);
    System.setErr(new PrintStream(gathered, false));
    Runtime.getRuntime().addShutdownHook(new Thread(gathered::end, "log-end"));
    return gathered;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int off, int len) {
    lock.lock();
    try {
      while (used > 0 && (over || used + len > LIMIT) || over && writing) {
        urgent = true;
        news.signal();
        progress.awaitUninterruptibly();
      }
      if (over) {
        put(bytes, off, len);
        return;
      }
      if (len > waiting.length) {
        waiting = new byte[len];
      }
      System.arraycopy(bytes, off, waiting, used, len);
      boolean first = used == 0 && len > 0;
      used += len;
      if (first || used > LIMIT / 2) {
        news.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing: log back ends flush every line. */
  @Override
  public void flush() {}

  /** Has what waits written now, and does not wait for it. */
  public void hurry() {
    lock.lock();
    try {
      urgent = used > 0;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when all is written; from then on every piece is written by who brings it. */
  public void end() {
    lock.lock();
    try {
      over = true;
      news.signal();
      while (writing) {
        progress.awaitUninterruptibly();
      }
      if (used > 0) {
        put(waiting, 0, used);
      }
      used = 0;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try {
      while (!over) {
        if (used == 0) {
          news.awaitUninterruptibly();
        } else {
          gather();
          writeAll();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void gather() {
    long left = gatherNanos;
    while (left > 0 && !over && !urgent && used <= LIMIT / 2) {
      try {
        left = news.awaitNanos(left);
      } catch (InterruptedException e) {
        // Nobody interrupts this thread to end it; what came is written at once then.
        return;
      }
    }
  }

  private void writeAll() {
    if (over) {
      return;
    }
    byte[] full = waiting;
    int length = used;
    waiting = spare;
    used = 0;
    urgent = false;
    writing = true;
    progress.signalAll();
    lock.unlock();
    try {
      put(full, 0, length);
    } finally {
      lock.lock();
      spare = full.length == LIMIT ? full : new byte[LIMIT];
      writing = false;
      progress.signalAll();
    }
  }

  private void put(byte[] bytes, int off, int len) {
    try {
      out.write(bytes, off, len);
    } catch (IOException e) {
      // As with System.err: a log that nobody can take must not stop the work.
      return;
    }
  }
}
