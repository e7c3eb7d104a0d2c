package dev.quic.uds.linux;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Counters for those who wait, kept when their descriptor is closed: a daemon's descriptors live as
 * long as a handshake, and to make and close a counter for each takes longer than the wait's poll.
 * Any thread.
 */
final class Bells {
  /** Counters kept for the next wait. */
  static final int SPARE = 64;

  private static final ArrayBlockingQueue<Descriptor> SPARES = new ArrayBlockingQueue<>(SPARE);

  private Bells() {}

  /** One that is silent. */
  static Descriptor take() throws IOException {
    Descriptor spare = SPARES.poll();
    return spare == null ? Descriptor.counter() : spare;
  }

  /** Takes one back that is silent and that nobody waits for. */
  static void give(Descriptor bell) {
    if (!SPARES.offer(bell)) {
      bell.close();
    }
  }
}
