package dev.quic.consumer.connection;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConnectionClose;
import dev.quic.uapi.option.QuicEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What comes out of a connection's socket, sorted by stream. There is no thread: of those who wait,
 * one reads for all. Any thread.
 */
final class Incoming {
  /** Bytes held of streams nobody reads; beyond it nothing more is taken from the socket. */
  static final long MAX_HELD = 1 << 24;

  /** What a stream that nobody has accepted counts as, which it costs about. */
  static final int STREAM = 1_024;

  /** Datagrams and events held; the oldest go. */
  static final int MAX_ASIDE = 256;

  private static final int BUFFER = 1 << 16;
  private static final int CLOSE_STRUCT = 72;

  private final QuicSocket sock;
  private final boolean server;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final Map<Long, QuicStream> streams = new HashMap<>();
  private final ArrayDeque<QuicStream> arrived = new ArrayDeque<>();
  private final ArrayDeque<byte[]> datagrams = new ArrayDeque<>();
  private final ArrayDeque<ConnectionEvent> events = new ArrayDeque<>();
  private boolean reading;
  private long held;
  private long openings;
  private @Nullable ConnectionClosedException over;

  /** The reader's, whoever that is. */
  private final byte[] buf = new byte[BUFFER];

  private final QuicMsg msg = QuicMsg.plain();

  /** Makes the stream for an id. */
  private final StreamMaker maker;

  interface StreamMaker {
    QuicStream make(long id);
  }

  Incoming(QuicSocket sock, boolean server, StreamMaker maker) {
    this.sock = sock;
    this.server = server;
    this.maker = maker;
  }

  ReentrantLock lock() {
    return lock;
  }

  /**
   * Waits for a condition on what is guarded by the lock, which the caller holds once.
   *
   * @param deadline nanoTime, {@link Patience#NEVER} for none
   * @return whether it holds, or the connection is over; false after the deadline
   */
  boolean await(BooleanSupplier ready, long deadline, String what) throws IOException {
    while (!ready.getAsBoolean() && over == null) {
      long left = Patience.left(deadline);
      if (left == 0) {
        return false;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw Patience.interrupted(what);
      }
      if (reading || held >= MAX_HELD) {
        sleep(left, what);
      } else {
        read(left, what);
      }
    }
    return true;
  }

  private void sleep(long left, String what) throws IOException {
    try {
      if (left == Patience.NEVER) {
        changed.await();
      } else if (changed.awaitNanos(left) <= 0) {
        return;
      }
    } catch (InterruptedException e) {
      throw (IOException) Patience.interrupted(what).initCause(e);
    }
  }

  /** Takes one message, with the lock let go while it waits. */
  private void read(long left, String what) throws IOException {
    reading = true;
    lock.unlock();
    int n = -1;
    QuicException failure = null;
    try {
      if (sock.pollIn(Patience.millis(left))) {
        msg.flags = QuicUapi.MSG_DONTWAIT;
        n = sock.recvmsg(msg, buf, 0, buf.length);
      }
    } catch (QuicException e) {
      failure = e;
    } finally {
      lock.lock();
      reading = false;
      changed.signalAll();
    }
    if (failure == null && n >= 0) {
      take(n);
    } else if (failure != null && !isOfASend(failure.errno())) {
      if (failure.errno() == Errno.EINTR) {
        throw Patience.interrupted(what);
      }
      end(closed(failure));
    }
  }

  /**
   * Whether it is nothing to a receiver: sends to another process are handed over without waiting,
   * and an error of one comes out of whatever call is next. Writers learn it from their next write,
   * which fails as well.
   */
  private static boolean isOfASend(int errno) {
    return errno == Errno.EAGAIN
        || errno == Errno.EINVAL
        || errno == Errno.EMSGSIZE
        || errno == Errno.ENOSPC
        || errno == Errno.ENOSTR;
  }

  private void take(int n) {
    if (msg.isNotification()) {
      QuicEvent e = QuicEvent.decode(buf, n);
      if (e != null) {
        event(e);
      }
    } else if ((msg.flags & QuicUapi.MSG_QUIC_DATAGRAM) != 0) {
      add(datagrams, java.util.Arrays.copyOf(buf, n));
    } else if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO) {
      QuicStream s = stream(msg.streamId);
      if (s != null) {
        held -= s.input().held();
        s.input().add(buf, n, msg.isFin());
        held += s.input().held();
        settle(s);
      }
    }
  }

  private static <T> void add(ArrayDeque<T> queue, T item) {
    if (queue.size() >= MAX_ASIDE) {
      queue.remove();
    }
    queue.add(item);
  }

  /** The stream, a new one if the peer opened it; null for one of ours that is over. */
  private @Nullable QuicStream stream(long id) {
    QuicStream s = streams.get(id);
    boolean ours = (id & QuicUapi.QUIC_STREAM_TYPE_SERVER_MASK) == (server ? 1 : 0);
    if (s == null && !ours) {
      s = maker.make(id);
      streams.put(id, s);
      arrived.add(s);
      held += STREAM;
    }
    return s;
  }

  private void event(QuicEvent event) {
    switch (event) {
      case QuicEvent.StreamUpdate e -> update(e);
      case QuicEvent.StreamMaxData e -> {}
      case QuicEvent.StreamMaxStream e -> {
        openings++;
        add(events, new ConnectionEvent.StreamsAllowed(e.maxStream()));
      }
      case QuicEvent.ConnectionId e -> {}
      case QuicEvent.ConnectionClose e ->
          end(
              new ConnectionClosedException(
                  e.info().errcode(), describe(e.info().errcode(), e.info().phrase())));
      case QuicEvent.ConnectionMigration e -> add(events, new ConnectionEvent.Migrated(e.local()));
      case QuicEvent.KeyUpdate e -> add(events, new ConnectionEvent.KeysUpdated(e.phase()));
      case QuicEvent.NewToken e -> add(events, new ConnectionEvent.TokenReceived());
      case QuicEvent.NewSessionTicket e -> add(events, new ConnectionEvent.TicketReceived());
    }
  }

  private void update(QuicEvent.StreamUpdate e) {
    QuicStream s = streams.get(e.id());
    if (s == null) {
      return;
    }
    StreamResetException reset = new StreamResetException(e.id(), e.errcode());
    if (e.state() == QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD) {
      s.input().reset(reset);
    } else if (e.state() == QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT) {
      s.stopped(reset);
    }
    settle(s);
  }

  private ConnectionClosedException closed(QuicException e) {
    try {
      byte[] v =
          sock.getsockopt(
              QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, new byte[0], CLOSE_STRUCT);
      QuicConnectionClose c = QuicConnectionClose.decode(v);
      if (c.errcode() != 0 || !c.phrase().isEmpty()) {
        return new ConnectionClosedException(c.errcode(), describe(c.errcode(), c.phrase()));
      }
    } catch (QuicException gone) {
      return new ConnectionClosedException(0, String.valueOf(e.getMessage()));
    }
    return new ConnectionClosedException(0, String.valueOf(e.getMessage()));
  }

  private static String describe(long code, String phrase) {
    return "the peer closed the connection with code "
        + code
        + (phrase.isEmpty() ? "" : ": " + phrase);
  }

  /** The connection is over, for this reason if there was none yet. */
  void end(ConnectionClosedException why) {
    lock.lock();
    try {
      if (over == null) {
        over = why;
        add(events, new ConnectionEvent.Closed(why.code(), String.valueOf(why.getMessage())));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // With the lock held.

  /** Adds a stream of ours. */
  void opened(QuicStream s) {
    streams.put(s.id(), s);
  }

  /** Forgets a stream both directions of which are over. */
  void settle(QuicStream s) {
    if (s.isOver()) {
      streams.remove(s.id());
    }
    changed.signalAll();
  }

  /** Bytes were read or given up. */
  void consumed(long bytes) {
    held -= bytes;
    if (bytes > 0) {
      changed.signalAll();
    }
  }

  /** Why nothing more comes; null while it may. */
  @Nullable ConnectionClosedException over() {
    return over;
  }

  long openings() {
    return openings;
  }

  ArrayDeque<QuicStream> arrived() {
    return arrived;
  }

  /** The next stream that the peer opened; null for none. */
  @Nullable QuicStream accept() {
    QuicStream s = arrived.poll();
    consumed(s == null ? 0 : STREAM);
    return s;
  }

  ArrayDeque<byte[]> datagrams() {
    return datagrams;
  }

  ArrayDeque<ConnectionEvent> events() {
    return events;
  }
}
