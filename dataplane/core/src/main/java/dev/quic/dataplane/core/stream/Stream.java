package dev.quic.dataplane.core.stream;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * One stream: the send machine (RFC 9000 section 3.1) and the receive machine (section 3.2), each
 * present only where the stream's type has it, their buffers and flow-control marks, and the places
 * it may be queued at. Pure state: errors come back as transport error codes.
 */
public final class Stream {
  /** Control frames a stream owes; bits of {@link #owed}. */
  public static final int OWES_RESET = 1;

  public static final int OWES_STOP = 2;
  public static final int OWES_MAX_DATA = 4;
  public static final int OWES_BLOCKED = 8;

  /** RFC 9218 section 4.1. */
  private static final int DEFAULT_URGENCY = 3;

  private final long id;
  private final boolean local;
  private final boolean canSend;
  private final boolean canRecv;
  private final ChunkPool sending;
  private final ChunkPool receiving;

  private int sendState = QuicUapi.QUIC_STREAM_SEND_STATE_READY;
  private @Nullable SendBuffer out;
  private long maxSend;
  private boolean finWritten;
  private boolean finSent;
  private boolean finAcked;
  private long sendError;
  private long sentFinal;

  private int recvState = QuicUapi.QUIC_STREAM_RECV_STATE_RECV;
  private @Nullable RecvBuffer in;
  private long maxRecv;
  private long window;
  private long raisedAt;
  private long finalSize = -1;
  private long recvError;
  private boolean stopSent;
  private long stopError;
  private boolean stopped;
  private boolean announced;

  private int urgency = DEFAULT_URGENCY;
  private boolean incremental = true;

  /** Control frames owed, {@code OWES_*}. */
  public int owed;

  /** Whether the stream is in the queue of the same name; kept by {@link StreamQueue}. */
  boolean[] queued = new boolean[StreamQueue.KINDS];

  final @Nullable Stream[] nextInQueue = new Stream[StreamQueue.KINDS];

  /**
   * @param local whether this side opened it
   * @param maxSend bytes the peer lets us send
   * @param window bytes we let the peer be ahead
   */
  Stream(
      long id, boolean local, long maxSend, long window, ChunkPool sending, ChunkPool receiving) {
    this.id = id;
    this.local = local;
    this.sending = sending;
    this.receiving = receiving;
    canSend = local || !StreamId.isUni(id);
    canRecv = !local || !StreamId.isUni(id);
    this.maxSend = canSend ? maxSend : 0;
    this.window = canRecv ? window : 0;
    maxRecv = this.window;
  }

  public long id() {
    return id;
  }

  public boolean isLocal() {
    return local;
  }

  /** 0, the most urgent, to 7. */
  public int urgency() {
    return urgency;
  }

  /** Whether it takes turns with others of its urgency; without priorities all do. */
  public boolean incremental() {
    return incremental;
  }

  void priority(int level, boolean takesTurns) {
    urgency = level;
    incremental = takesTurns;
  }

  public boolean canSend() {
    return canSend;
  }

  public boolean canRecv() {
    return canRecv;
  }

  // --- sending

  /** {@code QUIC_STREAM_SEND_STATE_*}. */
  public int sendState() {
    return sendState;
  }

  /** Send state for a stream in use: from READY to SEND. */
  public void startSending() {
    if (sendState == QuicUapi.QUIC_STREAM_SEND_STATE_READY) {
      sendState = QuicUapi.QUIC_STREAM_SEND_STATE_SEND;
    }
  }

  public SendBuffer out() {
    SendBuffer o = out;
    if (o == null) {
      o = new SendBuffer(sending);
      out = o;
    }
    return o;
  }

  /** Bytes written so far. */
  public long written() {
    return out == null ? 0 : out.end();
  }

  /** Bytes the peer's window still takes. */
  public long sendCredit() {
    return Math.max(0, maxSend - written());
  }

  public long maxSend() {
    return maxSend;
  }

  /** MAX_STREAM_DATA or a late transport parameter: true when it raised the limit. */
  public boolean raiseMaxSend(long limit) {
    if (limit <= maxSend) {
      return false;
    }
    maxSend = limit;
    return true;
  }

  /** A transport parameter, which replaces a remembered one. */
  void initialMaxSend(long limit) {
    maxSend = canSend ? limit : 0;
  }

  /** Whether bytes are written that the peer does not take yet. */
  boolean beyondLimit() {
    return out != null && out.unsent() > 0 && out.end() > maxSend;
  }

  /**
   * Nothing of what was sent counts: it is all to be sent anew.
   *
   * @return bytes by which the final size of a reset stream shrank
   */
  public long rewind() {
    if (sendState == QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT) {
      long n = sentFinal;
      sentFinal = 0;
      return n;
    }
    if (out != null) {
      out.rewind();
    }
    finSent = false;
    return 0;
  }

  /** Takes bytes of the program, which checked {@link #sendCredit}. */
  public void write(byte[] src, int off, int len, boolean fin) {
    write(src, off, len, fin, null);
  }

  /**
   * As above; bytes that are lent are referred to where they are enough to be worth it.
   *
   * @param lease of the whole array; null when the bytes have to be copied
   */
  public void write(byte[] src, int off, int len, boolean fin, @Nullable Lease lease) {
    startSending();
    if (lease != null && len >= Limits.LEASE_BYTES) {
      out().append(src, off, len, lease);
    } else if (len > 0) {
      out().append(src, off, len);
    }
    if (fin) {
      finWritten = true;
      sendState = QuicUapi.QUIC_STREAM_SEND_STATE_SENT;
    }
  }

  public boolean finWritten() {
    return finWritten;
  }

  /** Whether a STREAM frame is to be sent. */
  public boolean sendPending() {
    if (sendState > QuicUapi.QUIC_STREAM_SEND_STATE_SENT) {
      return false;
    }
    return out != null && out.pending() || finWritten && !finSent;
  }

  /** Whether a frame of {@code len} bytes at {@code off} ends the stream. */
  public boolean finAt(long off, long len) {
    return finWritten && off + len == written();
  }

  public void onFinSent() {
    finSent = true;
  }

  /**
   * A STREAM frame was acknowledged.
   *
   * @return bytes freed
   */
  public long onAcked(long off, int len, boolean fin) {
    if (sendState > QuicUapi.QUIC_STREAM_SEND_STATE_SENT) {
      return 0;
    }
    long freed = out == null ? 0 : out.onAcked(off, len);
    finAcked |= fin;
    if (finAcked && (out == null || out.allAcked())) {
      sendState = QuicUapi.QUIC_STREAM_SEND_STATE_RECVD;
    }
    return freed;
  }

  /** A STREAM frame was lost. */
  public void onLost(long off, int len, boolean fin) {
    if (sendState > QuicUapi.QUIC_STREAM_SEND_STATE_SENT) {
      return;
    }
    if (out != null) {
      out.onLost(off, len);
    }
    if (fin && !finAcked) {
      finSent = false;
    }
  }

  /**
   * Resets the send side (by the program, or because of STOP_SENDING).
   *
   * @return false when it is over already
   */
  public boolean reset(long error) {
    if (!canSend || sendState >= QuicUapi.QUIC_STREAM_SEND_STATE_RECVD) {
      return false;
    }
    sendState = QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT;
    sendError = error;
    sentFinal = out == null ? 0 : out.next();
    owed = owed & ~OWES_BLOCKED | OWES_RESET;
    return true;
  }

  /** Final size of RESET_STREAM: what went on the wire. */
  public long sentFinal() {
    return sentFinal;
  }

  public long sendError() {
    return sendError;
  }

  /** RESET_STREAM was acknowledged. */
  public void onResetAcked() {
    if (sendState == QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT) {
      sendState = QuicUapi.QUIC_STREAM_SEND_STATE_RESET_RECVD;
    }
  }

  /** Whether nothing more will happen on the send side. */
  public boolean sendDone() {
    return !canSend
        || sendState == QuicUapi.QUIC_STREAM_SEND_STATE_RECVD
        || sendState == QuicUapi.QUIC_STREAM_SEND_STATE_RESET_RECVD;
  }

  // --- receiving

  /** {@code QUIC_STREAM_RECV_STATE_*}. */
  public int recvState() {
    return recvState;
  }

  public RecvBuffer in() {
    RecvBuffer i = in;
    if (i == null) {
      i = new RecvBuffer(receiving);
      in = i;
    }
    return i;
  }

  /** Pieces received out of order. */
  public int pieces() {
    return in == null ? 0 : in.pieces();
  }

  /** Highest offset received. */
  public long received() {
    return in == null ? 0 : in.highest();
  }

  /**
   * Checks a STREAM or RESET_STREAM frame against final size and window.
   *
   * @param end offset behind its last byte, or the final size
   * @param fin whether it ends the stream
   * @return 0 or a transport error code (FINAL_SIZE, FLOW_CONTROL)
   */
  public int checkEnd(long end, boolean fin) {
    // RFC 9000 section 4.5.
    if (finalSize >= 0 && (end > finalSize || fin && end != finalSize)) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_FINAL_SIZE;
    }
    if (fin && end < received()) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_FINAL_SIZE;
    }
    return end > maxRecv ? QuicUapi.QUIC_TRANSPORT_ERROR_FLOW_CONTROL : 0;
  }

  /** Takes a checked frame. Data after a reset is dropped. */
  public void receive(long off, byte[] src, int pos, int len, boolean fin) {
    if (recvState > QuicUapi.QUIC_STREAM_RECV_STATE_SIZE_KNOWN) {
      return;
    }
    if (fin) {
      finalSize = off + len;
      recvState = QuicUapi.QUIC_STREAM_RECV_STATE_SIZE_KNOWN;
    }
    if (len > 0) {
      in().insert(off, src, pos, len);
    }
    if (finalSize >= 0 && (in == null ? 0 : in.ready()) == finalSize) {
      recvState = QuicUapi.QUIC_STREAM_RECV_STATE_RECVD;
    }
  }

  /**
   * Takes a checked RESET_STREAM.
   *
   * @return false when it changes nothing any more
   */
  public boolean receiveReset(long error, long size) {
    if (recvState >= QuicUapi.QUIC_STREAM_RECV_STATE_RECVD) {
      return false;
    }
    finalSize = size;
    recvError = error;
    recvState = QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD;
    if (in != null) {
      in.clear();
    }
    return true;
  }

  /** -1 while unknown. */
  public long finalSize() {
    return finalSize;
  }

  public long recvError() {
    return recvError;
  }

  /** Bytes the program can read now. */
  public long readable() {
    return in == null ? 0 : in.readable();
  }

  /** Whether the end of the stream is the next thing to read. */
  public boolean atEnd() {
    return recvState == QuicUapi.QUIC_STREAM_RECV_STATE_RECVD && readable() == 0;
  }

  /** Whether recvmsg has something to return for this stream. */
  public boolean readPending() {
    return readable() > 0 || recvState == QuicUapi.QUIC_STREAM_RECV_STATE_RECVD;
  }

  /** The end was delivered to the program. */
  public void onEndRead() {
    if (recvState == QuicUapi.QUIC_STREAM_RECV_STATE_RECVD) {
      recvState = QuicUapi.QUIC_STREAM_RECV_STATE_READ;
    } else if (recvState == QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD) {
      recvState = QuicUapi.QUIC_STREAM_RECV_STATE_RESET_READ;
    }
  }

  /** Whether nothing more will happen on the receive side. */
  public boolean recvDone() {
    return !canRecv
        || recvState == QuicUapi.QUIC_STREAM_RECV_STATE_READ
        || recvState == QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD
        || recvState == QuicUapi.QUIC_STREAM_RECV_STATE_RESET_READ;
  }

  /** Limit advertised to the peer. */
  public long maxRecv() {
    return maxRecv;
  }

  /** Whether so much was read that a new limit is worth a frame: a quarter of the window. */
  public boolean wantsMaxData() {
    if (recvState != QuicUapi.QUIC_STREAM_RECV_STATE_RECV || in == null) {
      return false;
    }
    return in.readOffset() + window - maxRecv >= Math.max(1, window / 4);
  }

  /** Bytes the peer may be ahead of the reader. */
  public long window() {
    return window;
  }

  /** When the limit was last raised, ns. */
  public long raisedAt() {
    return raisedAt;
  }

  /**
   * Raises the limit by what was read and returns it.
   *
   * @param larger the window from now on, bytes
   * @param offered how much of it to advertise
   */
  public long raiseMaxRecv(long now, long larger, long offered) {
    long read = in == null ? 0 : in.readOffset();
    if (read + offered > maxRecv) {
      window = larger;
      maxRecv = read + offered;
      raisedAt = now;
    }
    return maxRecv;
  }

  /** STOP_SENDING was acknowledged: it may be sent again. */
  public void onStopAcked() {
    stopSent = false;
  }

  /** The peer's STOP_SENDING reset the send side. */
  public void onStopped() {
    stopped = true;
  }

  /** Whether the send side was reset because of a STOP_SENDING. */
  public boolean stopped() {
    return stopped;
  }

  /** Whether a STOP_SENDING is owed or under way. */
  public boolean stopSent() {
    return stopSent;
  }

  public long stopError() {
    return stopError;
  }

  public void stop(long error) {
    stopSent = true;
    stopError = error;
    owed |= OWES_STOP;
  }

  /** True once: the first data of the stream, for the event. */
  public boolean announce() {
    boolean first = !announced;
    announced = true;
    return first;
  }

  /** Both sides are over: the table may forget the stream. */
  public boolean done() {
    return sendDone() && recvDone();
  }

  /** Gives the buffers back. */
  void free() {
    if (out != null) {
      out.clear();
    }
    if (in != null) {
      in.clear();
    }
  }

  /** Frees what is held for sending after a reset; returns how many bytes that was. */
  public long dropUnsent() {
    if (out == null) {
      return 0;
    }
    long n = out.held();
    out.clear();
    return n;
  }
}
