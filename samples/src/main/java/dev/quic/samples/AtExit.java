package dev.quic.samples;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has to go when the work is done, fails or is interrupted by a signal, the latest first. Any
 * thread; each resource is closed once.
 */
public final class AtExit implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final Thread hook = new Thread(this::closeAll, "cleanup");

  public AtExit() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

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
    while (!resources.isEmpty()) {
      try {
        resources.removeFirst().close();
      } catch (Exception e) {
        System.err.println("cleaning up: " + OneLine.of(e));
      }
    }
  }
}
