package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.stream.Stream;
import dev.quic.uapi.QuicUapi;

/**
 * A client that only receives says nothing of its own accord, so that a server whose packets an
 * address translator no longer lets through never learns the new address. When data ceases to come
 * in the middle of a stream the client sends a few PING frames, ever more rarely: an
 * acknowledgement alone does not show that data can come, as the server may be at its amplification
 * limit.
 */
final class Silence {
  private final Conn c;
  private long dataAt;
  private boolean watching;
  private int pings;
  private int answers;

  Silence(Conn c) {
    this.c = c;
  }

  /** Stream data came in, or the handshake is complete, so that its confirmation may come. */
  void onData(long now) {
    answers = 0;
    again(now);
  }

  private void again(long now) {
    dataAt = now;
    pings = 0;
    if (!watching && !c.server) {
      watching = true;
      c.migration.arm();
    }
  }

  /** The peer doubts where we are: data may cease to come. */
  void onChallenge(long now) {
    if (watching || pings > 0) {
      onData(now);
    }
  }

  /**
   * The peer acknowledged something. If it was a PING, the peer learnt where we are, and the data
   * that followed may have been lost with the challenges that were to prove it. A few times only: a
   * program that has nothing to send acknowledges, too.
   */
  void onAcked(long now) {
    if (pings > 0 && answers < Limits.SILENCE_PINGS) {
      answers++;
      again(now);
    }
  }

  long deadline() {
    return watching ? dataAt + (3 * c.pto.period() << pings) : Path.NEVER;
  }

  void onTimer(long now) {
    if (watching && deadline() <= now) {
      boolean[] awaits = {!c.life.confirmed()};
      c.streams.forEach(s -> awaits[0] |= awaits(s));
      watching = awaits[0] && pings < Limits.SILENCE_PINGS;
      if (watching) {
        pings++;
        c.flow.owed |= Flow.OWES_PING;
        if (!c.life.confirmed()) {
          // The window may be full of what went to nobody, and no probe timeout tells before.
          c.pto.probeNow(Conn.APP);
        }
      }
    }
  }

  private static boolean awaits(Stream s) {
    return s.received() > 0
        && (s.recvState() == QuicUapi.QUIC_STREAM_RECV_STATE_RECV
            || s.recvState() == QuicUapi.QUIC_STREAM_RECV_STATE_SIZE_KNOWN);
  }
}
