package dev.quic.dataplane.daemon.door;

import java.io.Closeable;
import java.io.IOException;

/** Waits for many {@link Line}s at once. The conductor's thread, but for {@link #wakeup}. */
public interface Multiplexer extends Closeable {
  /** Two connected lines; the far one is meant for another process. */
  Conductor.Pair pair() throws IOException;

  /** Watches a line, for reading. */
  void add(Line line, Endpoint endpoint) throws IOException;

  void interest(Line line, boolean read, boolean write);

  void remove(Line line);

  /**
   * Waits for something to be ready and tells the endpoints.
   *
   * @param timeoutNanos 0 only looks, negative waits for ever
   * @return how many were told
   */
  int select(long timeoutNanos) throws IOException;

  /** Ends the present or the next {@link #select}. Any thread. */
  void wakeup();

  @Override
  void close();
}
