package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.pnspace.PnSpace;
import dev.quic.dataplane.core.stream.RecvBuffer;
import dev.quic.dataplane.core.stream.SendBuffer;
import dev.quic.dataplane.core.timer.TimerTable;
import org.jspecify.annotations.Nullable;

/** What a connection holds per packet number space: numbers, keys, CRYPTO bytes, ACK state. */
final class Space {
  /** RFC 9000 section 13.2.2: an ACK for every second ack-eliciting packet. */
  private static final int ACK_EVERY = 2;

  final int level;
  final PnSpace pn = new PnSpace();
  SendBuffer cryptoOut;
  final RecvBuffer cryptoIn;

  @Nullable PacketProtection tx;
  @Nullable PacketProtection rx;

  /** Keys were discarded; none will come again. */
  boolean discarded;

  private int eliciting;
  private boolean ackNow;
  private long ackDeadline = TimerTable.NEVER;

  Space(int level, ChunkPool sending, ChunkPool receiving) {
    this.level = level;
    cryptoOut = new SendBuffer(sending);
    cryptoIn = new RecvBuffer(receiving);
  }

  /** Notes a processed packet that asks for an ACK. */
  void onEliciting(long now, long maxAckDelay, boolean immediately) {
    eliciting++;
    if (immediately || eliciting >= ACK_EVERY) {
      ackNow = true;
    }
    if (ackDeadline == TimerTable.NEVER) {
      ackDeadline = now + maxAckDelay;
    }
  }

  /** An ACK that must leave by {@code due} at the latest leaves now. */
  void acknowledgeBy(long due) {
    ackNow |= ackDeadline <= due;
  }

  /** Whether an ACK frame would tell the peer something. */
  boolean ackPending() {
    return eliciting > 0 || ackNow;
  }

  /** Whether an ACK must leave now. */
  boolean ackDue(long now) {
    return ackNow || ackDeadline <= now;
  }

  /** When a waiting ACK must leave; the flush sends one that is due at once. */
  long ackDeadline() {
    return ackDeadline;
  }

  void onAckSent() {
    eliciting = 0;
    ackNow = false;
    ackDeadline = TimerTable.NEVER;
  }

  /** Whether CRYPTO bytes wait to be sent. */
  boolean cryptoPending() {
    return !discarded && cryptoOut.pending();
  }

  /** Forgets the CRYPTO bytes sent: others follow, from offset 0 (a new first flight). */
  void restartCrypto(ChunkPool pool) {
    cryptoOut.clear();
    cryptoOut = new SendBuffer(pool);
  }

  /** Drops keys and CRYPTO bytes to send; what was received stays readable. */
  void discard() {
    discarded = true;
    dropKeys();
    cryptoOut.clear();
    onAckSent();
  }

  void dropKeys() {
    if (tx != null) {
      tx.destroy();
      tx = null;
    }
    if (rx != null) {
      rx.destroy();
      rx = null;
    }
  }
}
