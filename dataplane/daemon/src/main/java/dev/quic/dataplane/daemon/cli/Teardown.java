package dev.quic.dataplane.daemon.cli;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started, to be stopped in the opposite order. */
final class Teardown implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Teardown.class);

  private final ArrayDeque<AutoCloseable> steps = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T step) {
    steps.push(step);
    return step;
  }

  @Override
  public void close() {
    for (AutoCloseable step : steps) {
      try {
        step.close();
      } catch (Exception e) {
        log.warn("while stopping: {}", e.toString());
      }
    }
    steps.clear();
  }
}
