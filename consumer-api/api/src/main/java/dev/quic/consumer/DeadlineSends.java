package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends that wait until a deadline. What the peer has no credit for is not tried again and again:
 * its first few bytes are left in the data plane, and their result is the news of credit. When time
 * runs out before, they have been taken, as bytes in a send buffer have. Any thread; one at a time
 * for a stream.
 */
final class DeadlineSends {
  /** Bytes left in the data plane for their result, at most. */
  static final int PROBE = 256;

  /** Streams of one socket with a probe in the data plane. */
  static final int MAX_PROBES = 128;

  private static final long LATE = Long.MAX_VALUE;
  private static final long MAX_ERRNO = 4095;

  private final DataLine line;
  private final Inbox inbox;

  /** Numbers of the results by stream. */
  private final Map<Long, Integer> probes = new ConcurrentHashMap<>();

  DeadlineSends(DataLine line, Inbox inbox) {
    this.line = line;
    this.inbox = inbox;
  }

  /** As {@link QuicSocket#sendBefore}. */
  int send(QuicMsg msg, byte[] buf, int off, int len, long deadline) throws QuicException {
    int done = 0;
    try {
      if (!probed(msg.streamId, deadline)) {
        throw new QuicException(Errno.EAGAIN, "sendmsg");
      }
      while (true) {
        int n = sendNow(msg, buf, off + done, len - done, deadline);
        done += Math.max(0, n);
        if (done == len && n >= 0) {
          return done;
        }
        int probe = Math.min(PROBE, len - done);
        if (!leave(piece(msg, done + probe == len), buf, off + done, probe, deadline)) {
          throw new QuicException(Errno.EAGAIN, "sendmsg");
        }
        if (!heard(msg.streamId, deadline)) {
          return done + probe;
        }
        done += probe;
        if (done == len) {
          return done;
        }
      }
    } catch (QuicException e) {
      if (done == 0) {
        throw e;
      }
      if (e.errno() == Errno.EINTR) {
        Thread.currentThread().interrupt();
      }
      return done;
    }
  }

  /** As {@link #probed}; an interrupt, too, leaves the probe where it is. */
  private boolean heard(long stream, long deadline) throws QuicException {
    try {
      return probed(stream, deadline);
    } catch (QuicException e) {
      if (e.errno() != Errno.EINTR) {
        throw e;
      }
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static QuicMsg piece(QuicMsg whole, boolean last) {
    int drop = last ? 0 : QuicUapi.MSG_QUIC_STREAM_FIN;
    QuicMsg m = QuicMsg.stream(whole.streamId, whole.streamFlags & ~drop);
    m.flags = whole.flags & ~drop;
    return m;
  }

  /** Bytes taken; negative when there is neither credit nor room. */
  private int sendNow(QuicMsg msg, byte[] buf, int off, int len, long deadline)
      throws QuicException {
    try {
      return line.sendNow(piece(msg, true), buf, off, len, deadline);
    } catch (QuicException e) {
      if (e.errno() != Errno.EAGAIN && e.errno() != Errno.ENOSPC) {
        throw e;
      }
      return -1;
    }
  }

  private boolean leave(QuicMsg msg, byte[] buf, int off, int len, long deadline)
      throws QuicException {
    while (probes.size() >= MAX_PROBES) {
      // Streams that were given up: one of them has to come to its end first, however it ends.
      Long other = probes.keySet().iterator().next();
      if (outcome(other, deadline) == LATE) {
        return false;
      }
    }
    int seq = line.leave(msg, buf, off, len, deadline);
    if (seq != 0) {
      probes.put(msg.streamId, seq);
    }
    return seq != 0;
  }

  /** Waits until nothing of a stream waits in the data plane. False when that took too long. */
  private boolean probed(long stream, long deadline) throws QuicException {
    long outcome = outcome(stream, deadline);
    if (outcome < 0) {
      throw new QuicException((int) -Math.max(outcome, -MAX_ERRNO), "sendmsg");
    }
    return outcome != LATE;
  }

  /** What became of a stream's probe: {@link #LATE}, or bytes taken, or a negated errno. */
  private long outcome(long stream, long deadline) throws QuicException {
    Integer seq = probes.get(stream);
    if (seq == null) {
      return 0;
    }
    Long result = inbox.takeExpected(seq, deadline);
    if (result == null) {
      return LATE;
    }
    probes.remove(stream, seq);
    return result;
  }
}
