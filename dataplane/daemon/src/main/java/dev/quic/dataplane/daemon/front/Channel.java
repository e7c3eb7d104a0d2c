package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One user's end of a socket: messages to send, messages received, results, and what the user needs
 * to know without asking the shard. The user's methods are for one sending and one receiving thread
 * at a time; {@link #service} is the shard's.
 *
 * <p>Flow control is end to end: the shard moves received bytes here only while there is room, so
 * QUIC credit follows the reader; and it leaves messages here while the socket refuses them, so
 * writers wait for the peer.
 */
public final class Channel {
  /** The user wants a {@link ResultRing} entry. */
  public static final int WANT_RESULT = 1;

  /** EAGAIN and ENOSPC are waited out instead of answered. */
  public static final int WAIT = 2;

  /** Chunks each way: up to 512 KiB. */
  static final int CHUNKS = 8;

  /** Least room offered to recvmsg: an event, a handshake message's start, a small datagram. */
  private static final int LEAST_ROOM = 4096;

  /** Sends of one channel in one visit, so that one socket does not hold the shard. */
  private static final int SENDS_PER_VISIT = 128;

  /** Bytes of one visit from which on a sleeping reader may be left asleep for another. */
  private static final int HOLD_LEAST = 16_384;

  /** Visits it is left asleep: one before the next turn's datagrams are taken in, one behind. */
  private static final int HOLD_VISITS = 2;

  /** Bytes that wait from which on it is woken in any case. */
  private static final int HOLD_MOST = 2 * ChunkPool.CHUNK_BYTES;

  /** Connections handed over in one visit. */
  private static final int ACCEPTS_PER_VISIT = 64;

  /** What a channel may read and send. */
  public enum Mode {
    /** A consumer in this process: handshake messages are read only when asked for. */
    ON_DEMAND,
    /** A descriptor: whatever can be read is moved at once. */
    EAGER,
    /** A handshake grant: handshake messages only. */
    GRANT
  }

  private final Mode mode;
  private final ChannelUser user;
  private final MsgQueue tx;
  private final MsgQueue rx;
  private final ResultRing results = new ResultRing();

  /** Pipelined sends that failed; taken by the user. */
  private final AtomicReference<@Nullable SendFailure> failures = new AtomicReference<>();

  /** Errno that ends reading, 0 while it goes on. Read after the queue was seen empty. */
  private volatile int end;

  /** {@link Sock#error} at the end. */
  private volatile int deathErrno;

  private volatile int pollBits;
  private volatile boolean demand;
  private volatile boolean prefetching;
  private volatile boolean revoked;
  private volatile boolean listens;

  private volatile boolean news;

  // The shard's.
  private final Msg msg = new Msg();
  private final StreamWaits waits = new StreamWaits();
  private boolean seenAlive;
  private boolean rxFull;

  /** Bytes moved to the reader in this visit. */
  private int filled;

  /** Visits for which the reader is not woken for what waits. */
  private int patience;

  private boolean txParked;
  private boolean newsWanted;

  /** Why the message that was refused last was. */
  private int refused = -Errno.EAGAIN;

  public Channel(Mode mode, ChannelUser user, ChunkPool pool) {
    this.mode = mode;
    this.user = user;
    tx = new MsgQueue(pool, CHUNKS);
    rx = new MsgQueue(pool, CHUNKS);
  }

  ChannelUser user() {
    return user;
  }

  // The user's side.

  public Mode mode() {
    return mode;
  }

  public MsgQueue tx() {
    return tx;
  }

  public MsgQueue rx() {
    return rx;
  }

  public ResultRing results() {
    return results;
  }

  /** Takes the errno of a failed pipelined send, 0 for none. */
  public int takeSendError() {
    SendFailure f = takeSendFailures();
    return f == null ? 0 : f.errno();
  }

  /** Takes what pipelined sends failed of, the last one first; null for nothing. */
  public @Nullable SendFailure takeSendFailures() {
    return failures.get() == null ? null : failures.getAndSet(null);
  }

  /** Errno that ends reading once the queue is empty; 0 while there may be more. */
  public int end() {
    return end;
  }

  /** The errno the connection died of, 0 for an orderly end; meaningful once {@link #end}. */
  public int deathErrno() {
    return deathErrno;
  }

  /** {@code Sock.POLL_*} as of the last visit. */
  public int pollBits() {
    return pollBits;
  }

  /** Asks for one message although nothing is moved ahead of demand yet. */
  public void demand() {
    demand = true;
  }

  /** Whether messages are moved ahead of demand. */
  public boolean prefetching() {
    return prefetching;
  }

  /** Ends the use of this channel: sends answer EPIPE, reading ends. Any thread. */
  public void revoke() {
    revoked = true;
    end = Errno.EPIPE;
    user.wake(ChannelUser.READABLE | ChannelUser.WRITABLE | ChannelUser.CLOSED);
  }

  public boolean isRevoked() {
    return revoked;
  }

  /** Whether it is, or was, a listener's. */
  public boolean listens() {
    return listens;
  }

  /** Whether the socket has room, credit or streams since a stream was refused; once. */
  public boolean takeNews() {
    boolean was = news;
    if (was) {
      news = false;
    }
    return was;
  }

  /** The news could not be passed on yet. */
  public void keepNews() {
    news = true;
  }

  // The shard's side.

  /** The socket has been connected, accepted or made a listener: from here on its end is an end. */
  void alive() {
    seenAlive = true;
    end = 0;
  }

  /**
   * Moves what can be moved both ways.
   *
   * @param gated nothing may be received: another channel runs the handshake
   * @return true when more could be sent at once, but another visit shall do it
   */
  boolean service(Sock sock, ShardLink link, long now, boolean gated) {
    int wake = drain(sock, now);
    boolean more = (wake & MORE) != 0;
    filled = 0;
    if (sock.state() == QuicUapi.QUIC_SS_LISTENING) {
      wake |= accept(sock, link, now);
    } else if (!gated) {
      wake |= fill(sock, now);
    }
    int bits = sock.poll();
    if (gated) {
      bits &= ~Sock.POLL_IN;
    }
    if ((bits & ~pollBits & Sock.POLL_IN) != 0) {
      wake |= ChannelUser.READABLE;
    }
    pollBits = bits;
    wake = held(wake & ~MORE);
    if (wake != 0) {
      user.wake(wake);
    }
    return more || patience > 0;
  }

  /**
   * Leaves a sleeping reader asleep for a turn where so much came that more is likely to follow at
   * once. To wake a thread costs as much as the packets of a batch, and it takes the processor from
   * those who would bring more.
   *
   * @return what to wake the user for now
   */
  private int held(int wake) {
    boolean was = patience > 0;
    if (filled > 0) {
      patience = filled >= HOLD_LEAST ? HOLD_VISITS : 0;
    } else if (was) {
      patience--;
    }
    if (rx.waitingBytes() >= HOLD_MOST || end != 0 || !user.readerSleeps()) {
      patience = 0;
    }
    if (patience > 0) {
      return wake & ~ChannelUser.READABLE;
    }
    return was ? wake | ChannelUser.READABLE : wake;
  }

  private static final int MORE = 1 << 16;

  /** Poll bits that let a grant's reading find something: a message, or the end. */
  private static final int GRANT_IN = Sock.POLL_HANDSHAKE | Sock.POLL_HUP;

  /** Not a flag of sendmsg here: its refusal tells a user that earlier sends are done with. */
  private static final int MSG_OOB = 1;

  /** The socket is being destroyed. */
  void destroyed(int errno) {
    deathErrno = errno;
    end = Errno.EBADF;
    pollBits = Sock.POLL_IN | Sock.POLL_OUT | Sock.POLL_HUP | Sock.POLL_RDHUP | Sock.POLL_ERR;
    user.wake(
        ChannelUser.READABLE | ChannelUser.WRITABLE | ChannelUser.RESULT | ChannelUser.CLOSED);
  }

  // Sending.

  private int drain(Sock sock, long now) {
    int wake = retry(sock, now);
    int budget = SENDS_PER_VISIT;
    while (tx.hasNext()) {
      if (budget-- == 0) {
        wake |= MORE;
        break;
      }
      if (!results.hasRoom()) {
        break;
      }
      int kind = tx.kind();
      tx.header(msg);
      int n = behind(msg) ? why(msg) : sendOne(sock, now);
      if (again(n) && (kind & WAIT) != 0) {
        refused = n;
        if (putAside(sock)) {
          tx.drop();
          continue;
        }
        txParked = true;
        break;
      }
      txParked = false;
      int total = tx.taken();
      int result = n >= 0 || total > 0 ? total : n;
      int seq = tx.seq();
      tx.drop();
      wake |= tell(kind, seq, result);
    }
    return tx.takeStalled() ? wake | ChannelUser.WRITABLE : wake;
  }

  private int tell(int kind, int seq, int result) {
    if ((kind & WANT_RESULT) != 0) {
      results.put(seq, result);
      return ChannelUser.RESULT;
    }
    if (result < 0) {
      var unused = failures.updateAndGet(f -> SendFailure.of(msg, -result, f));
      return ChannelUser.RESULT;
    }
    return 0;
  }

  /** The user was refused a stream, and waits for {@link #takeNews}. */
  void tellWhenGrown() {
    newsWanted = true;
  }

  /** The socket has room or credit again; a consumer in this process may wait for it elsewhere. */
  void grew() {
    news |= newsWanted;
    if (newsWanted || mode == Mode.ON_DEMAND) {
      newsWanted = false;
      user.wake(ChannelUser.GREW);
    }
  }

  /** Whether the current message must not pass one that was put aside. */
  private boolean behind(Msg m) {
    if (waits.isEmpty()) {
      return false;
    }
    boolean stream = m.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO;
    boolean other = (m.flags & (QuicUapi.MSG_QUIC_DATAGRAM | MSG_OOB)) != 0;
    return stream && !other && (!StreamWaits.names(m) || waits.holds(m.streamId));
  }

  /** What refused the message before; ENOSPC is only for those that name their stream. */
  private int why(Msg m) {
    return m.cmsg == QuicUapi.QUIC_STREAM_INFO ? refused : -Errno.EAGAIN;
  }

  /** Why a message has to stay behind what waits: 0, or EAGAIN or ENOSPC negated. Shard thread. */
  int holdsBack(Msg next) {
    return tx.hasNext() || behind(next) ? why(next) : 0;
  }

  /** Makes way for other streams when only the stream of the current message has no credit. */
  private boolean putAside(Sock sock) {
    tx.header(msg);
    return mode != Mode.GRANT
        && StreamWaits.names(msg)
        && (waits.holds(msg.streamId) || StreamWaits.streamOnly(sock))
        && waits.add(msg, tx);
  }

  /** Tries what was put aside again, each stream in its order. */
  private int retry(Sock sock, long now) {
    int wake = 0;
    waits.start();
    StreamWaits.Held h;
    while (results.hasRoom() && (h = waits.next()) != null) {
      int left = h.bytes.length - h.off;
      h.header(msg);
      if (h.begun()) {
        continueStream(msg);
      }
      int n = revoked ? -Errno.EPIPE : sock.sendmsg(now, msg, h.bytes, h.off, left);
      h.off += Math.max(0, n);
      boolean all = n >= left;
      if (again(n) || n >= 0 && !all) {
        refused = again(n) ? n : refused;
        waits.refused(h);
        continue;
      }
      waits.done(h);
      wake |= tell(h.kind, h.seq, h.begun() || all ? h.before + h.off : n);
    }
    return wake;
  }

  private static boolean again(int n) {
    return n == -Errno.EAGAIN || n == -Errno.ENOSPC;
  }

  /**
   * Sends the current message as far as the socket takes it.
   *
   * @return 0 or more when all of it was taken, else the errno that stopped it
   */
  private int sendOne(Sock sock, long now) {
    if (revoked) {
      return -Errno.EPIPE;
    }
    while (true) {
      tx.header(msg);
      if (mode == Mode.GRANT && msg.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
        return -Errno.EPERM;
      }
      if (tx.taken() > 0) {
        continueStream(msg);
      }
      int length = tx.length();
      msg.lease = tx.lease();
      int n = sock.sendmsg(now, msg, tx.buffer(), tx.offset(), length);
      msg.lease = null;
      if (n < 0) {
        return n;
      }
      tx.take(Math.min(n, length));
      if (n >= length) {
        return 0;
      }
      if (n == 0) {
        return -Errno.EAGAIN;
      }
    }
  }

  /** The rest of a message goes to the stream its beginning opened, and opens no other. */
  private static void continueStream(Msg m) {
    m.streamFlags &= ~QuicUapi.MSG_QUIC_STREAM_NEW;
    m.flags &= ~QuicUapi.MSG_QUIC_STREAM_NEW;
    if (m.cmsg == QuicUapi.QUIC_STREAM_INFO && m.streamId == -1) {
      m.cmsg = Msg.CMSG_NONE;
      m.flags |= m.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN;
    }
  }

  /** Whether a message waits for the socket to take it. */
  public boolean isParked() {
    return txParked || !waits.isEmpty();
  }

  /** Bytes to send that the socket has not taken. Shard thread. */
  long waitingToSend() {
    return tx.waitingBytes() + waits.bytes();
  }

  // Receiving.

  private int fill(Sock sock, long now) {
    if (end != 0) {
      return 0;
    }
    int state = sock.state();
    if (state != QuicUapi.QUIC_SS_CLOSED) {
      seenAlive = true;
    }
    if (!prefetching
        && (mode != Mode.ON_DEMAND ? seenAlive : state == QuicUapi.QUIC_SS_ESTABLISHED)) {
      prefetching = true;
    }
    int moved = 0;
    rxFull = false;
    int readable = mode == Mode.GRANT ? GRANT_IN : Sock.POLL_IN;
    // Room is made when there is something to move: a socket at rest needs none here, and one that
    // was emptied waits for the reader to make it.
    while ((prefetching || demand) && (sock.poll() & readable) != 0) {
      if (!rx.reserve(LEAST_ROOM)) {
        rxFull = true;
        break;
      }
      int n = receiveOne(sock, now);
      if (n < 0) {
        rx.cancel();
      }
      if (n == -Errno.EAGAIN) {
        break;
      }
      if (n < 0) {
        demand = false;
        deathErrno = sock.error();
        end = -n;
        return ChannelUser.READABLE;
      }
      rx.commit(msg, 0, 0, n);
      moved++;
      filled += n;
      demand = false;
      if (n == 0 && !isEnd(msg)) {
        break;
      }
    }
    return moved > 0 ? ChannelUser.READABLE : 0;
  }

  private int receiveOne(Sock sock, long now) {
    if (revoked) {
      return -Errno.EPIPE;
    }
    msg.reset();
    byte[] buf = rx.writeBuffer();
    int off = rx.writeOffset();
    int room = rx.writeRoom();
    return mode == Mode.GRANT
        ? sock.recvHandshake(now, msg, buf, off, room)
        : sock.recvmsg(now, msg, buf, off, room);
  }

  private static boolean isEnd(Msg m) {
    return ((m.streamFlags | m.flags) & QuicUapi.MSG_QUIC_STREAM_FIN) != 0;
  }

  /** Whether the reader's progress must bring the shard back. */
  public boolean readerProgress() {
    return rx.takeStalled();
  }

  private int accept(Sock listener, ShardLink link, long now) {
    seenAlive = true;
    listens = true;
    int taken = 0;
    while (taken < ACCEPTS_PER_VISIT && user.acceptRoom()) {
      Sock s = listener.accept(now);
      if (s == null) {
        break;
      }
      user.accepted(s, link, now);
      taken++;
    }
    return taken > 0 ? ChannelUser.READABLE : 0;
  }
}
