package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.socket.Sock;
import java.util.function.Consumer;

/**
 * The "kernel" of one shard: all its sockets, its listener and connection tables, its counters.
 * Confined to one thread. Time comes in as monotonic nanoseconds; the only thing to pull is {@link
 * #nextDeadline}.
 */
public final class QuicNet {
  public QuicNet(NetConfig config, Host host) {
    throw new UnsupportedOperationException("contract");
  }

  /** A new socket of AF_INET or AF_INET6, state CLOSED. */
  public Sock socket(int family) {
    throw new UnsupportedOperationException("contract");
  }

  /** Takes a batch in; answers are sent by {@link #endOfTurn}. */
  public void onDatagrams(long now, RxBatch batch) {
    throw new UnsupportedOperationException("contract");
  }

  /** Runs what is due. */
  public void onTimer(long now) {
    throw new UnsupportedOperationException("contract");
  }

  /**
   * Flushes every connection touched since the last call: acknowledgements, transmissions,
   * deadlines, wake-ups.
   */
  public void endOfTurn(long now) {
    throw new UnsupportedOperationException("contract");
  }

  /** When {@link #onTimer} wants to run next; {@link Long#MAX_VALUE} for never. */
  public long nextDeadline() {
    throw new UnsupportedOperationException("contract");
  }

  /**
   * Shard that issued the destination connection id of this datagram, or -1 when it cannot be told
   * (an Initial).
   */
  public static int shardOf(byte[] buf, int off, int len) {
    throw new UnsupportedOperationException("contract");
  }

  /** Every live socket, for {@code ss}. */
  public void forEachSock(Consumer<Sock> visitor) {
    throw new UnsupportedOperationException("contract");
  }

  /** Kernel MIB counters, indexed by {@code Mib}. */
  public long counter(int mib) {
    throw new UnsupportedOperationException("contract");
  }
}
