package dev.quic.samples;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has to go when the work is done, fails or is interrupted by a signal, the latest first. Any
 * thread; each resource is closed once.
 */
public final class AtExit implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final Thread hook = new Thread(this::closeAll, "cleanup");
  private boolean closed;

  /** Starts a process, or makes a directory. */
  @FunctionalInterface
  public interface Maker<T> {
    T make() throws IOException;
  }

  public AtExit() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Makes a resource that closes with the others. A signal waits until it is there; after one it is
   * not made any more, or it would outlive this process.
   *
   * @param maker short
   * @throws InterruptedIOException when this process ends already
   */
  public synchronized <T extends AutoCloseable> T make(Maker<T> maker) throws IOException {
    if (closed) {
      throw new InterruptedIOException("interrupted by a signal");
    }
    T resource = maker.make();
    resources.addFirst(resource);
    return resource;
  }

  /** Adds what ends with this process in any case; nothing happens to it after a signal. */
  public synchronized <T extends AutoCloseable> T add(T resource) {
    resources.addFirst(resource);
    return resource;
  }

  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the hook is running already
    }
  }

  private synchronized void closeAll() {
    closed = true;
    while (!resources.isEmpty()) {
      try {
        resources.removeFirst().close();
      } catch (Exception e) {
        System.err.println("cleaning up: " + OneLine.of(e));
      }
    }
  }
}
