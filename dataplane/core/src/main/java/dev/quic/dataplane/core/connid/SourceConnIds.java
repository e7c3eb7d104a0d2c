package dev.quic.dataplane.core.connid;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.uapi.QuicUapi;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ids we issued and the peer addresses us by (RFC 9000 section 5.1). Sequence numbers are
 * contiguous in the order of issue; ids leave when the peer retires them.
 */
public final class SourceConnIds {
  private final ConnId[] ids = new ConnId[2 * Limits.CONN_IDS];
  private final long[] seqs = new long[2 * Limits.CONN_IDS];
  private int count;
  private long nextSeq;
  private long retirePriorTo;
  private long active;
  private int peerLimit = 2;

  /** Starts with the id of the handshake, sequence number 0. */
  public SourceConnIds(ConnId first) {
    ids[0] = first;
    count = 1;
    nextSeq = 1;
  }

  /** Ids in use, not retired by the peer. */
  public int count() {
    return count;
  }

  /** The i-th oldest live id. */
  public ConnId id(int i) {
    return ids[i];
  }

  /** Sequence number of the i-th oldest live id. */
  public long seq(int i) {
    return seqs[i];
  }

  /** Lowest live sequence number. */
  public long first() {
    return count == 0 ? nextSeq : seqs[0];
  }

  /** Highest sequence number issued. */
  public long last() {
    return nextSeq - 1;
  }

  /** The first live id: what long headers carry as source. */
  public ConnId current() {
    int i = indexOf(active);
    return i >= 0 ? ids[i] : count > 0 ? ids[0] : ConnId.EMPTY;
  }

  /** The number the CONNECTION_ID option calls active. */
  public long activeSeq() {
    return active;
  }

  /** Takes the peer's active_connection_id_limit (2 or more). */
  public void peerLimit(long limit) {
    peerLimit = (int) Math.min(limit, Limits.CONN_IDS);
  }

  /**
   * How many ids may be issued now without breaking the peer's limit (RFC 9000 section 5.1.1: those
   * below our own retire_prior_to no longer count).
   */
  public int room() {
    int live = 0;
    for (int i = 0; i < count; i++) {
      live += seqs[i] >= retirePriorTo ? 1 : 0;
    }
    return Math.max(0, Math.min(peerLimit - live, ids.length - count));
  }

  /**
   * Issues an id; the caller sends NEW_CONNECTION_ID with {@link #retirePriorTo}.
   *
   * @return its sequence number, or -EAGAIN when {@link #room} is 0
   */
  public long issue(ConnId id) {
    if (room() == 0) {
      return -EAGAIN;
    }
    ids[count] = id;
    seqs[count] = nextSeq;
    count++;
    return nextSeq++;
  }

  /** The retire_prior_to to send in NEW_CONNECTION_ID. */
  public long retirePriorTo() {
    return retirePriorTo;
  }

  /**
   * Asks the peer to retire every id below {@code priorTo}: the CONNECTION_ID option. The caller
   * issues {@link #room} new ids, whose frames carry the request.
   *
   * @return 0, or -EINVAL unless first &lt; priorTo &lt;= last
   */
  public int requestRetire(long priorTo) {
    if (priorTo <= first() || priorTo > last() || priorTo <= retirePriorTo) {
      return -EINVAL;
    }
    retirePriorTo = priorTo;
    if (active < priorTo) {
      active = priorTo;
    }
    return 0;
  }

  /**
   * Chooses the id the option reports as active.
   *
   * @return 0, or -EINVAL unless it is live and above the present one
   */
  public int activate(long seq) {
    if (seq <= active || indexOf(seq) < 0) {
      return -EINVAL;
    }
    active = seq;
    return 0;
  }

  /**
   * Processes RETIRE_CONNECTION_ID. The id dropped is handed to {@code unroute}.
   *
   * @param usedBy the destination id of the packet that carried the frame; null to skip that check
   * @return 0, also for one retired before, or a transport error code: PROTOCOL_VIOLATION for a
   *     number never issued or the id of the very packet (RFC 9000 section 19.16)
   */
  public int onRetire(long seq, @Nullable ConnId usedBy, Consumer<ConnId> unroute) {
    if (seq < 0 || seq >= nextSeq) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
    }
    int i = indexOf(seq);
    if (i < 0) {
      return 0;
    }
    ConnId id = ids[i];
    if (id.equals(usedBy)) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
    }
    remove(i);
    if (active == seq) {
      active = first();
    }
    unroute.accept(id);
    return 0;
  }

  private void remove(int i) {
    System.arraycopy(ids, i + 1, ids, i, count - i - 1);
    System.arraycopy(seqs, i + 1, seqs, i, count - i - 1);
    count--;
  }

  private int indexOf(long seq) {
    for (int i = 0; i < count; i++) {
      if (seqs[i] == seq) {
        return i;
      }
    }
    return -1;
  }

  /** The live id of a sequence number; null when it was retired. */
  public @Nullable ConnId idOf(long seq) {
    int i = indexOf(seq);
    return i < 0 ? null : ids[i];
  }

  /** The sequence number of an id; -1 when it is not live. */
  public long find(ConnId id) {
    for (int i = 0; i < count; i++) {
      if (ids[i].equals(id)) {
        return seqs[i];
      }
    }
    return -1;
  }

  /** Visits every live id, to route or unroute them all. */
  public void forEach(Consumer<ConnId> visitor) {
    for (int i = 0; i < count; i++) {
      visitor.accept(ids[i]);
    }
  }
}
