package dev.quic.dataplane.core.connid;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongRing;
import dev.quic.uapi.QuicUapi;

/**
 * The peer's ids that we may write as destination (RFC 9000 sections 5.1 and 19.15). Retired
 * numbers queue up in {@link #pollRetired} for RETIRE_CONNECTION_ID frames.
 */
public final class DestConnIds {
  private static final int TOKEN = 16;
  private static final int SLOTS = Limits.CONN_IDS;
  private static final int WINDOW = Long.SIZE;

  private final ConnId[] ids = new ConnId[SLOTS];
  private final long[] seqs = new long[SLOTS];
  private final byte[][] tokens = new byte[SLOTS][];
  private final boolean[] used = new boolean[SLOTS];
  private final LongRing retired = new LongRing(Limits.RETIRED_CONN_IDS);
  private final LongRing retiredUnacked = new LongRing(Limits.RETIRED_CONN_IDS);
  private int count;
  private long active;
  private long priorTo;
  private long largest;

  // Bit i: number largest - i was seen.
  private long seen = 1;
  private int limit = 2;
  private ResetTokens listener = ResetTokens.NONE;

  /** Starts with the id of the handshake, sequence number 0. */
  public DestConnIds(ConnId first) {
    ids[0] = first;
    tokens[0] = new byte[0];
    used[0] = true;
    count = 1;
  }

  /** Tells of every token that counts, from now on. */
  public void tokens(ResetTokens to) {
    listener = to;
  }

  /** The connection is over: no token counts any more. */
  public void endTokens() {
    for (int i = 0; i < count; i++) {
      unmark(i);
    }
  }

  private void mark(int i) {
    if (!used[i] && tokens[i].length == TOKEN) {
      listener.counts(tokens[i]);
    }
    used[i] = true;
  }

  private void unmark(int i) {
    if (used[i] && tokens[i].length == TOKEN) {
      listener.ends(tokens[i]);
    }
    used[i] = false;
  }

  /** What we advertised as active_connection_id_limit, 2 to {@link Limits#CONN_IDS}. */
  public void limit(long localLimit) {
    limit = (int) Math.max(2, Math.min(localLimit, SLOTS));
  }

  /** Replaces the id of sequence number 0: the server's own choice, or that of a Retry. */
  public void replaceFirst(ConnId id) {
    if (count > 0 && seqs[0] == 0) {
      ids[0] = id;
    }
  }

  /** The reset token of sequence number 0, from the server's transport parameters. */
  public void firstToken(byte[] token, int off) {
    if (count > 0 && seqs[0] == 0) {
      used[0] = false;
      tokens[0] = copy(token, off);
      mark(0);
    }
  }

  /** The id to send to. */
  public ConnId active() {
    int i = indexOf(active);
    return i >= 0 ? ids[i] : ConnId.EMPTY;
  }

  public long activeSeq() {
    return active;
  }

  /** Lowest live number. */
  public long first() {
    return count == 0 ? largest + 1 : seqs[0];
  }

  /** Highest number seen. */
  public long last() {
    return largest;
  }

  public int count() {
    return count;
  }

  /**
   * Processes NEW_CONNECTION_ID (or the preferred address, as number 1).
   *
   * @return 0, or a transport error code: FRAME_ENCODING, PROTOCOL_VIOLATION, CONNECTION_ID_LIMIT
   */
  public int add(long seq, long retirePriorTo, ConnId id, byte[] token, int tokenOff) {
    if (retirePriorTo > seq || id.isEmpty()) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
    }
    if (active().isEmpty()) {
      // RFC 9000 section 19.15: an endpoint that uses a zero-length id cannot be given others.
      return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
    }
    int known = indexOf(seq);
    if (known >= 0) {
      return sameAs(known, id, token, tokenOff)
          ? 0
          : QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
    }
    for (int i = 0; i < count; i++) {
      if (ids[i].equals(id)) {
        return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
      }
    }
    if (wasSeen(seq)) {
      // A late copy of one we retired since.
      return 0;
    }
    if (seq < priorTo || largest - seq >= WINDOW) {
      // RFC 9000 section 19.15: retire at once what arrives below an earlier retire_prior_to.
      see(seq);
      return queueRetired(seq) ? 0 : QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT;
    }
    return insert(seq, retirePriorTo, id, copy(token, tokenOff));
  }

  private boolean wasSeen(long seq) {
    return seq <= largest && largest - seq < WINDOW && (seen >>> largest - seq & 1) != 0;
  }

  private void see(long seq) {
    if (seq > largest) {
      long shift = seq - largest;
      seen = shift < WINDOW ? seen << shift : 0;
      largest = seq;
    }
    if (largest - seq < WINDOW) {
      seen |= 1L << largest - seq;
    }
  }

  private boolean sameAs(int i, ConnId id, byte[] token, int off) {
    boolean sameToken = tokens[i].length == 0 || equal(tokens[i], token, off);
    return ids[i].equals(id) && sameToken;
  }

  private int insert(long seq, long retirePriorTo, ConnId id, byte[] token) {
    long newPrior = Math.max(priorTo, retirePriorTo);
    int keep = 0;
    for (int i = 0; i < count; i++) {
      keep += seqs[i] >= newPrior ? 1 : 0;
    }
    if (keep + 1 > limit) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT;
    }
    int gone = 0;
    while (count > 0 && seqs[0] < newPrior) {
      if (!queueRetired(seqs[0])) {
        return QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT;
      }
      remove(0);
      gone++;
    }
    priorTo = newPrior;
    int at = count;
    while (at > 0 && seqs[at - 1] > seq) {
      at--;
    }
    shiftUp(at);
    ids[at] = id;
    seqs[at] = seq;
    tokens[at] = token;
    used[at] = false;
    count++;
    see(seq);
    if (gone > 0) {
      replaceActive();
    }
    return 0;
  }

  /** RFC 9000 section 9.5: an id that another path took is the last choice. */
  private void replaceActive() {
    if (indexOf(active) < 0) {
      long spare = spare();
      use(spare < 0 ? seqs[0] : spare);
    }
  }

  private void shiftUp(int at) {
    for (int i = count; i > at; i--) {
      ids[i] = ids[i - 1];
      seqs[i] = seqs[i - 1];
      tokens[i] = tokens[i - 1];
      used[i] = used[i - 1];
    }
  }

  private void remove(int at) {
    unmark(at);
    count--;
    for (int i = at; i < count; i++) {
      ids[i] = ids[i + 1];
      seqs[i] = seqs[i + 1];
      tokens[i] = tokens[i + 1];
      used[i] = used[i + 1];
    }
  }

  private boolean queueRetired(long seq) {
    if (retired.contains(seq) || retiredUnacked.contains(seq)) {
      return true;
    }
    return retired.size() + retiredUnacked.size() < Limits.RETIRED_CONN_IDS && retired.add(seq);
  }

  /** Number for the next RETIRE_CONNECTION_ID frame; -1 for none. Counts as unacknowledged then. */
  public long pollRetired() {
    long seq = retired.poll(-1);
    if (seq >= 0) {
      retiredUnacked.add(seq);
    }
    return seq;
  }

  /** Whether {@link #pollRetired} has a number. */
  public boolean retirePending() {
    return !retired.isEmpty();
  }

  /** The RETIRE_CONNECTION_ID for this number was acknowledged. */
  public void onRetireAcked(long seq) {
    for (int i = retiredUnacked.size(); i > 0; i--) {
      long s = retiredUnacked.poll(-1);
      if (s != seq) {
        retiredUnacked.add(s);
      }
    }
  }

  /** The RETIRE_CONNECTION_ID for this number was lost: it is due again. */
  public void onRetireLost(long seq) {
    if (retiredUnacked.contains(seq)) {
      onRetireAcked(seq);
      retired.add(seq);
    }
  }

  /** An unused id for another path: its sequence number, or -1. */
  public long spare() {
    for (int i = 0; i < count; i++) {
      if (!used[i]) {
        return seqs[i];
      }
    }
    return -1;
  }

  /** Whether a number is of an id that was given us and not retired. */
  public boolean live(long seq) {
    return indexOf(seq) >= 0;
  }

  /** The id of a live number; the empty id otherwise. */
  public ConnId id(long seq) {
    int i = indexOf(seq);
    return i >= 0 ? ids[i] : ConnId.EMPTY;
  }

  /** Marks a spare id as taken by a path that is being probed. */
  public void reserve(long seq) {
    int i = indexOf(seq);
    if (i >= 0) {
      mark(i);
    }
  }

  /**
   * Sends to another id from now on; the previous one stays until {@link #retire}.
   *
   * @return 0, or -EINVAL when the number is not live
   */
  public int use(long seq) {
    int i = indexOf(seq);
    if (i < 0) {
      return -EINVAL;
    }
    active = seq;
    mark(i);
    return 0;
  }

  /** Retires one id that is not active; false when it is active, unknown or the queue is full. */
  public boolean retire(long seq) {
    int i = indexOf(seq);
    if (i < 0 || seq == active || !queueRetired(seq)) {
      return false;
    }
    remove(i);
    return true;
  }

  /**
   * Retires every id below {@code prior}: the CONNECTION_ID option with dest set.
   *
   * @return 0, -EINVAL unless first &lt; prior &lt;= last, -EAGAIN when frames of earlier
   *     retirements are still on their way
   */
  public int retirePriorTo(long prior) {
    if (prior <= first() || count == 0 || prior > seqs[count - 1]) {
      return -EINVAL;
    }
    int n = 0;
    while (seqs[n] < prior) {
      n++;
    }
    if (retired.size() + retiredUnacked.size() + n > Limits.RETIRED_CONN_IDS) {
      return -EAGAIN;
    }
    for (; n > 0; n--) {
      queueRetired(seqs[0]);
      remove(0);
    }
    replaceActive();
    return 0;
  }

  /**
   * Whether the 16 bytes at {@code off} are the reset token of an id in use (RFC 9000 section
   * 10.3.1: never of an unused or retired one). Takes the same time whatever the bytes.
   */
  public boolean isResetToken(byte[] buf, int off) {
    if (off < 0 || buf.length - off < TOKEN) {
      return false;
    }
    boolean hit = false;
    for (int i = 0; i < count; i++) {
      if (used[i] && tokens[i].length == TOKEN) {
        hit |= equal(tokens[i], buf, off);
      }
    }
    return hit;
  }

  private static boolean equal(byte[] token, byte[] buf, int off) {
    int diff = 0;
    for (int i = 0; i < TOKEN; i++) {
      diff |= token[i] ^ buf[off + i];
    }
    return diff == 0;
  }

  private static byte[] copy(byte[] token, int off) {
    return java.util.Arrays.copyOfRange(token, off, off + TOKEN);
  }

  private int indexOf(long seq) {
    for (int i = 0; i < count; i++) {
      if (seqs[i] == seq) {
        return i;
      }
    }
    return -1;
  }
}
