package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What comes out of a data descriptor, sorted: messages for the receiver, results for the sender
 * that waits, the end of the connection for both. Of the threads that wait, one reads the
 * descriptor for all. Any thread.
 */
final class Inbox {
  /**
   * Packets a waiting sender puts aside for the receiver: more than a descriptor's window holds.
   */
  static final int MAX_ASIDE = 4096;

  /** Packets that a sender puts aside in search of errors. */
  static final int MAX_LOOKED = 16;

  /**
   * Payload bytes beyond which a send with a deadline puts no more aside, but waits for a reader.
   */
  static final long MAX_BYTES_ASIDE = 1 << 24;

  private static final int ALIVE = -1;

  private final DataDescriptor fd;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by the lock.
  private final ArrayDeque<DataPacket> messages = new ArrayDeque<>();
  private boolean reading;
  private long bytesAside;

  /** Results that somebody will ask for, by number; null while they have not come. */
  private final Map<Integer, @Nullable Long> expected = new HashMap<>();

  private long news;

  private int resultSeq;
  private long result;

  /** Positive errno of a pipelined send, 0 for none. */
  private int sendError;

  /** Closed here: what comes is nobody's. */
  private boolean over;

  /** Positive errno the connection died of, 0 for an orderly end. */
  private int closedBy = ALIVE;

  Inbox(DataDescriptor fd) {
    this.fd = fd;
  }

  int receive(QuicMsg msg, byte[] buf, int off, int len, boolean wait) throws QuicException {
    boolean peek = (msg.flags & QuicUapi.MSG_PEEK) != 0;
    lock.lock();
    try {
      // A look leaves the message where it is, so its bytes must not be the caller's.
      DataPacket packet = next(DataPacket.RECV, wait, "recvmsg", buf, off, peek ? 0 : len);
      boolean placed = packet.isIn(buf, off);
      int n = placed ? packet.length() : packet.copyTo(buf, off, len);
      boolean whole = n == packet.length();
      boolean stream = packet.cmsg == QuicUapi.QUIC_STREAM_INFO;
      msg.cmsg = packet.cmsg;
      msg.flags = packet.flags;
      msg.streamId = stream ? packet.streamId : -1;
      msg.streamFlags = stream ? packet.streamFlags : 0;
      msg.cryptoLevel = packet.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO ? packet.streamFlags : 0;
      if (!whole) {
        // The rest comes with the next call, and with it the end.
        msg.flags &= ~(QuicUapi.MSG_EOR | QuicUapi.MSG_QUIC_STREAM_FIN);
        msg.streamFlags &= ~QuicUapi.MSG_QUIC_STREAM_FIN;
      }
      if (!peek) {
        packet.consume(n);
        bytesAside -= n;
        if (whole) {
          messages.remove();
        }
        if (whole && !placed) {
          fd.recycle(packet);
        }
        changed.signalAll();
      }
      return n;
    } finally {
      lock.unlock();
    }
  }

  DataPacket accept(boolean wait) throws QuicException {
    lock.lock();
    try {
      DataPacket packet = next(DataPacket.ACCEPT, wait, "accept", DataDescriptor.NOWHERE, 0, 0);
      bytesAside -= packet.length();
      messages.remove();
      return packet;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The first message, which stays where it is.
   *
   * @param into where its payload may go if it has yet to come
   */
  private DataPacket next(int type, boolean wait, String call, byte[] into, int off, int len)
      throws QuicException {
    while (true) {
      DataPacket packet = messages.peek();
      if (packet != null && packet.type == type) {
        return packet;
      }
      if (packet != null) {
        // Neither a connection on a stream nor data on a listener: nobody's to have.
        bytesAside -= packet.length();
        messages.remove().discard();
        continue;
      }
      surface(call);
      if (closedBy != ALIVE) {
        String why = closedBy == 0 ? "" : " (" + Errno.name(closedBy) + ")";
        // A listener has no connection to lose but that to the data plane.
        String what =
            type == DataPacket.ACCEPT
                ? "the listener is closed, or the data plane is gone"
                : "the connection is closed";
        throw new QuicException(Errno.ENOTCONN, call + ": " + what + why);
      }
      if (!pump(wait ? -1 : 0, into, off, len) && !wait) {
        throw new QuicException(Errno.EAGAIN, call);
      }
    }
  }

  /**
   * Waits for the result of the send with this number.
   *
   * @param timeoutMs negative waits for ever
   * @return false when it did not come in time; else {@link #result} has it
   */
  boolean awaitResult(int seq, long timeoutMs) throws QuicException {
    long end = end(timeoutMs);
    lock.lock();
    try {
      while (resultSeq != seq) {
        if (closedBy != ALIVE) {
          throw new QuicException(Errno.EPIPE, "sendmsg");
        }
        boolean full = messages.size() >= MAX_ASIDE;
        if (full && timeoutMs < 0) {
          throw new QuicException(Errno.ENOBUFS, "sendmsg: too much unread");
        }
        long left = Math.max(0, (end - System.nanoTime() + 999_999) / 1_000_000);
        boolean came = full ? awaitReader(left) : pump(timeoutMs < 0 ? -1 : left);
        if (!came && timeoutMs >= 0 && System.nanoTime() - end >= 0) {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Has the result with this number kept; before its send is handed over. */
  void expect(int seq) {
    lock.lock();
    try {
      expected.put(seq, null);
    } finally {
      lock.unlock();
    }
  }

  /** Drops an expectation: its send was not handed over. */
  void forget(int seq) {
    lock.lock();
    try {
      expected.remove(seq);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for an expected result and takes it.
   *
   * @param deadline nanoTime; {@link Long#MAX_VALUE} for none
   * @return bytes taken or a negated errno; null when it did not come in time
   */
  @Nullable Long takeExpected(int seq, long deadline) throws QuicException {
    lock.lock();
    try {
      while (true) {
        Long came = expected.get(seq);
        if (came != null || !expected.containsKey(seq)) {
          // Or another thread that had to wait for it took it.
          expected.remove(seq);
          return came == null ? Long.valueOf(0) : came;
        }
        if (closedBy != ALIVE) {
          throw new QuicException(Errno.EPIPE, "sendmsg");
        }
        long ms = millis(deadline);
        if (ms == 0) {
          return null;
        }
        var unused = pumpAside(ms);
      }
    } finally {
      lock.unlock();
    }
  }

  /** How often there was news of room, credit or streams. Who looks before it asks misses none. */
  long news() {
    lock.lock();
    try {
      return news;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for news.
   *
   * @param seen what {@link #news} said before
   * @param deadline nanoTime; {@link Long#MAX_VALUE} for none
   * @return false when there was none in time
   */
  boolean awaitNews(long seen, long deadline, String call) throws QuicException {
    lock.lock();
    try {
      while (news == seen) {
        if (closedBy != ALIVE) {
          throw new QuicException(Errno.EPIPE, call);
        }
        long ms = millis(deadline);
        if (ms == 0) {
          return false;
        }
        var unused = pumpAside(ms);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Lets one packet come in for somebody else, or waits for a reader when those are too many. */
  private boolean pumpAside(long ms) throws QuicException {
    boolean roomy = messages.size() < MAX_ASIDE && bytesAside < MAX_BYTES_ASIDE;
    return roomy ? pump(ms) : awaitReader(ms);
  }

  /** For a wait: milliseconds until then rounded up, at most a day of them; -1 for ever. */
  static long millis(long deadline) {
    if (deadline == Long.MAX_VALUE) {
      return -1;
    }
    long left = deadline - System.nanoTime();
    return left <= 0 ? 0 : Math.min(86_400_000, (left + 999_999) / 1_000_000);
  }

  /** The nanoTime at which a timeout is over; one of centuries is no overflow. */
  private static long end(long timeoutMs) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(Math.max(timeoutMs, 0));
    return System.nanoTime() + Math.min(nanos, Long.MAX_VALUE / 2);
  }

  /** Bytes taken, or a negated errno, of the send last awaited. */
  long result() {
    lock.lock();
    try {
      return result;
    } finally {
      lock.unlock();
    }
  }

  boolean poll(long timeoutMs) throws QuicException {
    long end = end(timeoutMs);
    lock.lock();
    try {
      while (messages.isEmpty() && closedBy == ALIVE && sendError == 0) {
        // Rounded up, or the last millisecond would be spent in a busy loop.
        long left = Math.max(0, (end - System.nanoTime() + 999_999) / 1_000_000);
        if (!pump(timeoutMs < 0 ? -1 : left) && timeoutMs >= 0 && System.nanoTime() - end >= 0) {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes what is there without waiting, a little at most: an error of a pipelined send, maybe. */
  void look() throws QuicException {
    lock.lock();
    try {
      boolean more = true;
      while (more && !reading && closedBy == ALIVE && messages.size() < MAX_LOOKED) {
        more = pump(0);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Throws the error of a pipelined send, once. */
  void surface(String call) throws QuicException {
    lock.lock();
    try {
      if (sendError != 0) {
        int error = sendError;
        sendError = 0;
        throw new QuicException(error, call + ": an earlier sendmsg failed");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of what nobody took, connections among it. The descriptor is closed by now. */
  void close() {
    lock.lock();
    try {
      over = true;
      closedBy = Math.max(closedBy, 0);
      messages.forEach(DataPacket::discard);
      messages.clear();
      bytesAside = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets one packet come in, read here or by the thread that reads already. The lock is let go
   * meanwhile.
   *
   * @return false when nothing changed in time
   */
  private boolean pump(long timeoutMs) throws QuicException {
    return pump(timeoutMs, DataDescriptor.NOWHERE, 0, 0);
  }

  private boolean pump(long timeoutMs, byte[] into, int off, int len) throws QuicException {
    if (reading) {
      return awaitReader(timeoutMs);
    }
    reading = true;
    DataPacket packet = null;
    boolean hungUp = false;
    boolean interrupted = false;
    lock.unlock();
    try {
      packet = fd.receive(timeoutMs, into, off, len);
    } catch (InterruptedIOException e) {
      interrupted = true;
    } catch (IOException e) {
      hungUp = true;
    } finally {
      lock.lock();
      reading = false;
      changed.signalAll();
    }
    if (interrupted) {
      throw new QuicException(Errno.EINTR, "interrupted");
    }
    if (hungUp) {
      // The data plane is gone, or this socket was closed here; a CLOSED packet knew better.
      closedBy = Math.max(closedBy, 0);
      return true;
    }
    if (packet == null) {
      return false;
    }
    take(packet);
    return true;
  }

  private boolean awaitReader(long timeoutMs) throws QuicException {
    if (timeoutMs == 0) {
      return false;
    }
    try {
      if (timeoutMs < 0) {
        changed.await();
        return true;
      }
      return changed.await(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QuicException(Errno.EINTR, "interrupted");
    }
  }

  private void take(DataPacket packet) {
    if (over) {
      packet.discard();
      return;
    }
    switch (packet.type) {
      case DataPacket.RECV, DataPacket.ACCEPT -> {
        messages.add(packet);
        bytesAside += packet.length();
      }
      case DataPacket.RESULT -> {
        if (expected.containsKey(packet.seq)) {
          expected.put(packet.seq, packet.streamId);
        } else if (packet.seq != 0) {
          resultSeq = packet.seq;
          result = packet.streamId;
        } else if (packet.streamId < 0 && sendError == 0) {
          sendError = errno(-packet.streamId);
        }
      }
      case DataPacket.NEWS -> news++;
      case DataPacket.CLOSED -> closedBy = errno(packet.streamId);
      default -> packet.discard();
    }
  }

  private static int errno(long value) {
    return (int) Math.min(Math.max(value, 0), Integer.MAX_VALUE);
  }
}
