package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;

/**
 * What a connection's buffers really hold, apart for each direction, and the growth of its receive
 * windows. A window doubles when the program used it up within two round trips, up to {@link
 * Limits#RECV_WINDOW_BYTES}, and not while the net is short of memory; then what is advertised is
 * half of it (as in the kernel).
 */
final class Memory {
  private final NetPort net;
  private final ChunkPool sending;
  private final ChunkPool receiving;

  /** Pieces out of order in all streams together. */
  private int pieces;

  Memory(NetPort net) {
    this.net = net;
    sending = net.chunks().account();
    receiving = net.chunks().account();
  }

  ChunkPool sending() {
    return sending;
  }

  ChunkPool receiving() {
    return receiving;
  }

  /** Whether the net holds more than half of {@link Limits#NET_MEMORY_BYTES}. */
  boolean pressure() {
    return net.chunks().held() > Limits.NET_MEMORY_BYTES / 2;
  }

  /**
   * A buffer's number of pieces changed.
   *
   * @return false when the connection holds too many
   */
  boolean pieces(int change) {
    pieces += change;
    return pieces <= Limits.CONN_REASSEMBLY_PIECES;
  }

  int pieces() {
    return pieces;
  }

  /**
   * The window to go on with.
   *
   * @param window in force, bytes
   * @param since time since the last limit was advertised, ns
   * @param rtt smoothed, ns
   */
  long next(long window, long since, long rtt) {
    if (pressure()) {
      net.count(Mib.MEM_PRESSURES, 1);
      return window;
    }
    boolean fast = since < 2 * rtt;
    return fast && window < Limits.RECV_WINDOW_BYTES
        ? Math.min(2 * window, Limits.RECV_WINDOW_BYTES)
        : window;
  }

  /** How much of a window to advertise now. */
  long offered(long window) {
    return pressure() ? window / 2 : window;
  }
}
