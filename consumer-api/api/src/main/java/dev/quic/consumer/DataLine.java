package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * sendmsg, recvmsg and accept over a data descriptor, with the kernel's semantics.
 *
 * <p>Blocking sends are pipelined: they return when the descriptor took the bytes, and an error of
 * theirs comes out of a later call. Small ones in quick succession are gathered first ({@link
 * Gatherer}), and handed over before anything else is done, or a millisecond later. Non-blocking
 * sends wait for the data plane's answer, so that EAGAIN and ENOSPC are exact. Any thread; sends of
 * several threads take place one after another.
 */
final class DataLine {
  /** A flag no sendmsg takes: refused before it can do anything, which makes it a barrier. */
  private static final int MSG_OOB = 1;

  /** How often one looks whether something gathered was left, ns. */
  private static final long LOOK_NANOS = 1_000_000;

  /** Looks in a row that found nothing after which nobody looks any more. */
  private static final int IDLE_LOOKS = 50;

  /** Sends of stream data after which one looks whether earlier ones failed. */
  private static final int SENDS_PER_LOOK = 64;

  /** How long a call that must not wait for the peer waits for the data plane, ms. */
  private static final long GRACE_MS = 100;

  private final DataDescriptor fd;
  private final Inbox inbox;
  private final DeadlineSends deadlines;
  private final ReentrantLock sending = new ReentrantLock();

  /** Guarded by {@link #sending}. */
  private final Gatherer gatherer = new Gatherer();

  /** Whether a thread looks after what is gathered. Guarded by {@link #sending}. */
  private boolean lookedAfter;

  /** Guarded by {@link #sending}. */
  private int lastSeq;

  /** Sends since somebody looked for errors of earlier ones. Guarded by {@link #sending}. */
  private int unlooked;

  /** Whether sends were handed over whose end is not known. Guarded by {@link #sending}. */
  private boolean pipelined;

  /** The barrier behind all of them, 0 when none was sent yet. Guarded by {@link #sending}. */
  private int barrierSeq;

  DataLine(DataDescriptor fd) {
    this.fd = fd;
    this.inbox = new Inbox(fd);
    this.deadlines = new DeadlineSends(this, inbox);
  }

  /** As {@link QuicSocket#sendBefore}. */
  int sendBefore(QuicMsg msg, byte[] buf, int off, int len, long deadline) throws QuicException {
    return deadlines.send(msg, buf, off, len, deadline);
  }

  /**
   * sendmsg.
   *
   * @return bytes taken
   */
  int send(QuicMsg msg, byte[] buf, int off, int len, boolean wait) throws QuicException {
    boolean datagram = (msg.flags & QuicUapi.MSG_QUIC_DATAGRAM) != 0;
    if (datagram && len > DataPacket.MAX_PAYLOAD) {
      throw new QuicException(Errno.EMSGSIZE, "sendmsg");
    }
    sending.lock();
    try {
      if (datagram || ++unlooked == SENDS_PER_LOOK) {
        // Who only sends would never hear that it fails.
        unlooked = 0;
        inbox.look();
      }
      inbox.surface("sendmsg");
      if (wait && gatherer.wants(msg, len, System.nanoTime())) {
        return gather(msg, buf, off, len);
      }
      handOverGathered(wait);
      int done = 0;
      do {
        int n = Math.min(len - done, DataPacket.MAX_PAYLOAD);
        DataPacket packet = piece(msg, done == 0, done + n == len);
        packet.payload(buf, off + done, n);
        int taken;
        try {
          taken = wait ? pipeline(packet) : roundTrip(packet);
        } catch (QuicException e) {
          if (done > 0) {
            break;
          }
          throw e;
        }
        done += taken;
        if (taken < n || newStream(msg)) {
          break;
        }
      } while (done < len);
      return done;
    } finally {
      sending.unlock();
    }
  }

  /** Whether the data plane picks the stream, so that only it knows where the rest would go. */
  private static boolean newStream(QuicMsg msg) {
    return msg.cmsg == QuicUapi.QUIC_STREAM_INFO && msg.streamId == -1;
  }

  /** The packet of one piece: only the first opens a stream, only the last ends it. */
  private static DataPacket piece(QuicMsg msg, boolean first, boolean last) {
    DataPacket packet = new DataPacket(DataPacket.SEND);
    packet.cmsg = msg.cmsg;
    int drop =
        (first ? 0 : QuicUapi.MSG_QUIC_STREAM_NEW) | (last ? 0 : QuicUapi.MSG_QUIC_STREAM_FIN);
    packet.flags = (msg.flags & ~drop) | (last ? 0 : QuicUapi.MSG_MORE);
    switch (msg.cmsg) {
      case QuicUapi.QUIC_STREAM_INFO -> {
        packet.streamId = msg.streamId;
        packet.streamFlags = msg.streamFlags & ~drop;
      }
      case QuicUapi.QUIC_HANDSHAKE_INFO -> packet.streamFlags = msg.cryptoLevel;
      default -> {}
    }
    return packet;
  }

  private int gather(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    if (!gatherer.fits(msg, len)) {
      handOverGathered(true);
    }
    boolean enough = gatherer.add(msg, buf, off, len);
    pipelined = true;
    barrierSeq = 0;
    if (enough) {
      try {
        handOverGathered(true);
      } catch (QuicException e) {
        // This send was taken; a later one says what became of it.
        if (e.errno() == Errno.EINTR) {
          Thread.currentThread().interrupt();
        }
      }
    }
    if (!gatherer.isEmpty() && !lookedAfter) {
      lookedAfter = true;
      Thread.ofVirtual().name("quic-gathered").start(this::lookAfter);
    }
    return len;
  }

  /** Hands over what its sender left; ends when there is nothing for a while. */
  private void lookAfter() {
    int idle = 0;
    while (idle < IDLE_LOOKS) {
      LockSupport.parkNanos(LOOK_NANOS);
      idle = gatherer.isEmpty() ? idle + 1 : 0;
      if (!gatherer.isEmpty() && sending.tryLock()) {
        try {
          if (gatherer.isOld(System.nanoTime())) {
            handOverGathered(true);
          }
        } catch (QuicException e) {
          // Over: later calls say so.
          gatherer.clear();
        } finally {
          sending.unlock();
        }
      }
    }
    sending.lock();
    try {
      lookedAfter = false;
      if (!gatherer.isEmpty()) {
        lookedAfter = true;
        Thread.ofVirtual().name("quic-gathered").start(this::lookAfter);
      }
    } finally {
      sending.unlock();
    }
  }

  private void handOverGathered(boolean wait) throws QuicException {
    if (gatherer.isEmpty()) {
      return;
    }
    try {
      handOver(gatherer.packet(), wait);
    } catch (QuicException e) {
      if (e.errno() == Errno.EPIPE) {
        gatherer.clear();
      }
      throw e;
    }
    gatherer.clear();
  }

  /** Hands over what was gathered, as far as that goes without waiting: something else comes. */
  void flush() {
    if (gatherer.isEmpty() || !sending.tryLock()) {
      return;
    }
    try {
      handOverGathered(false);
    } catch (QuicException e) {
      // Full: whoever looks after it waits. Over: later calls say so.
      return;
    } finally {
      sending.unlock();
    }
  }

  private int pipeline(DataPacket packet) throws QuicException {
    handOver(packet, true);
    pipelined = true;
    barrierSeq = 0;
    return packet.length();
  }

  /**
   * As a non-blocking {@link #send}, but waits for its turn until a deadline.
   *
   * @return bytes taken
   */
  int sendNow(QuicMsg msg, byte[] buf, int off, int len, long deadline) throws QuicException {
    lockBefore(deadline);
    try {
      while (!settledBefore(deadline)) {
        if (Inbox.millis(deadline) == 0) {
          throw new QuicException(Errno.EAGAIN, "sendmsg");
        }
      }
      return send(msg, buf, off, len, false);
    } finally {
      sending.unlock();
    }
  }

  /**
   * Hands a piece over that waits in the data plane for credit.
   *
   * @return the number of its result, which the inbox keeps; 0 when there was no room in time
   */
  int leave(QuicMsg msg, byte[] buf, int off, int len, long deadline) throws QuicException {
    lockBefore(deadline);
    try {
      DataPacket packet = piece(msg, true, true);
      packet.payload(buf, off, len);
      mark(packet);
      inbox.expect(packet.seq);
      boolean left = false;
      try {
        left = handOverBefore(packet, deadline);
      } finally {
        if (!left) {
          inbox.forget(packet.seq);
        }
      }
      pipelined = true;
      barrierSeq = 0;
      return left ? packet.seq : 0;
    } finally {
      sending.unlock();
    }
  }

  private boolean handOverBefore(DataPacket packet, long deadline) throws QuicException {
    while (true) {
      try {
        handOver(packet, false);
        return true;
      } catch (QuicException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
      }
      if (!awaitRoom(deadline)) {
        return false;
      }
    }
  }

  private boolean awaitRoom(long deadline) throws QuicException {
    long ms = Inbox.millis(deadline);
    if (ms == 0) {
      return false;
    }
    if (!fd.awaitRoom(ms) && Thread.currentThread().isInterrupted()) {
      throw new QuicException(Errno.EINTR, "sendmsg: interrupted");
    }
    return true;
  }

  private void lockBefore(long deadline) throws QuicException {
    try {
      long nanos = deadline == Long.MAX_VALUE ? deadline : deadline - System.nanoTime();
      if (!sending.tryLock() && !sending.tryLock(nanos, TimeUnit.NANOSECONDS)) {
        throw new QuicException(Errno.EAGAIN, "sendmsg");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QuicException(Errno.EINTR, "sendmsg: interrupted");
    }
  }

  private boolean settledBefore(long deadline) throws QuicException {
    try {
      return settled(Inbox.millis(deadline));
    } catch (QuicException e) {
      if (e.errno() != Errno.EAGAIN) {
        throw e;
      }
    }
    // Not even the barrier fits into the descriptor.
    return !awaitRoom(deadline) && settled(0);
  }

  private int roundTrip(DataPacket packet) throws QuicException {
    // Behind a send that waits for credit there would be no answer until it got some.
    if (!settled(GRACE_MS)) {
      throw new QuicException(Errno.EAGAIN, "sendmsg");
    }
    packet.flags |= QuicUapi.MSG_DONTWAIT;
    mark(packet);
    handOver(packet, false);
    awaitAnswer(packet.seq);
    long answer = inbox.result();
    if (answer < 0) {
      throw new QuicException((int) -answer, "sendmsg");
    }
    return (int) Math.min(answer, packet.length());
  }

  /**
   * Waits for the data plane's answer, which does not wait for the peer. An interrupt stays the
   * thread's: who heard of it alone would not know what was taken, and send it again.
   */
  private void awaitAnswer(int seq) throws QuicException {
    boolean interrupted = false;
    try {
      for (boolean came = false; !came; ) {
        try {
          came = inbox.awaitResult(seq, -1);
        } catch (QuicException e) {
          if (e.errno() != Errno.EINTR) {
            throw e;
          }
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void mark(DataPacket packet) {
    lastSeq = lastSeq == Integer.MAX_VALUE ? 1 : lastSeq + 1;
    packet.seq = lastSeq;
    packet.flags |= DataPacket.WANT_RESULT;
  }

  private void handOver(DataPacket packet, boolean wait) throws QuicException {
    boolean taken;
    try {
      taken = fd.send(packet, wait);
    } catch (InterruptedIOException e) {
      // Nothing of this packet went.
      throw new QuicException(Errno.EINTR, "sendmsg: interrupted");
    } catch (IOException e) {
      throw new QuicException(Errno.EPIPE, "sendmsg");
    }
    if (!taken) {
      throw new QuicException(Errno.EAGAIN, "sendmsg");
    }
  }

  /** Whether every pipelined send was carried out; waits a little for that. */
  private boolean settled(long timeoutMs) throws QuicException {
    if (!pipelined) {
      return true;
    }
    handOverGathered(false);
    if (barrierSeq == 0) {
      DataPacket packet = new DataPacket(DataPacket.SEND);
      packet.flags = MSG_OOB;
      mark(packet);
      handOver(packet, false);
      barrierSeq = packet.seq;
    }
    if (!inbox.awaitResult(barrierSeq, timeoutMs)) {
      return false;
    }
    pipelined = false;
    barrierSeq = 0;
    return true;
  }

  /**
   * Lets earlier sends be carried out first, so that a control call does not overtake them; gives
   * up after {@value #GRACE_MS} ms when they wait for the peer.
   */
  void barrier() {
    if (!sending.tryLock()) {
      // Another thread waits inside a send: in the kernel, too, this call would go first.
      return;
    }
    try {
      if (!settled(GRACE_MS)) {
        return;
      }
    } catch (QuicException e) {
      // Full, or over: nothing there to wait for.
      return;
    } finally {
      sending.unlock();
    }
  }

  /**
   * recvmsg.
   *
   * @return bytes delivered
   */
  int receive(QuicMsg msg, byte[] buf, int off, int len, boolean wait) throws QuicException {
    flush();
    return inbox.receive(msg, buf, off, len, wait);
  }

  /** A listener's waiting connection, as the packet that carries its descriptor. */
  DataPacket accept(boolean wait) throws QuicException {
    return inbox.accept(wait);
  }

  /** As {@link Inbox#news}. */
  long news() {
    return inbox.news();
  }

  /** As {@link Inbox#awaitNews}. */
  boolean awaitNews(long seen, long deadline, String call) throws QuicException {
    return inbox.awaitNews(seen, deadline, call);
  }

  /** Waits until {@link #receive} or {@link #accept} would return. False when time ran out. */
  boolean pollIn(long timeoutMs) throws QuicException {
    flush();
    return inbox.poll(timeoutMs);
  }

  void close() {
    fd.close();
    inbox.close();
  }
}
