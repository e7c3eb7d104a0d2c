package dev.quic.dataplane.core.stream;

import dev.quic.dataplane.core.common.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Streams with STREAM frames to send, in the order of RFC 9218: by urgency, 0 first; within one
 * urgency, incremental streams take turns, others are sent one after another. A turn lasts for a
 * batch of datagrams, so that its reader gets it in one piece and its loss stops one stream and not
 * all of them; where a flush lets out less than that, which on a slow path is two packets, it lasts
 * for the flush. Each stream is in it once.
 */
public final class SendSchedule {
  /** Levels of urgency; 0 is the most urgent. */
  public static final int LEVELS = 8;

  // Each made when it is first used.
  private final @Nullable StreamQueue[] queues = new StreamQueue[LEVELS];
  private int occupied;

  /** Bytes of datagrams in the present turn. */
  private int turn;

  /** A turn came to its end in this flush. */
  private boolean wholeTurn;

  private StreamQueue queue(int level) {
    StreamQueue q = queues[level];
    if (q == null) {
      q = new StreamQueue(StreamQueue.SEND);
      queues[level] = q;
    }
    return q;
  }

  public boolean isEmpty() {
    return occupied == 0;
  }

  /** Whose turn it is. */
  public @Nullable Stream head() {
    return occupied == 0 ? null : queue(first(0)).head();
  }

  private int first(int from) {
    return Integer.numberOfTrailingZeros(occupied & -1 << from);
  }

  /** The stream after {@code s}, for looking through all of them. */
  public @Nullable Stream next(Stream s) {
    Stream n = queue(s.urgency()).next(s);
    if (n != null) {
      return n;
    }
    int level = first(s.urgency() + 1);
    return level < LEVELS ? queue(level).head() : null;
  }

  /** Adds unless it is in already. */
  public void add(Stream s) {
    queue(s.urgency()).add(s);
    occupied |= 1 << s.urgency();
  }

  private void update(int level) {
    if (queue(level).isEmpty()) {
      occupied &= ~(1 << level);
    }
  }

  /** Takes the head out. */
  public void poll() {
    if (occupied != 0) {
      int level = first(0);
      queue(level).poll();
      update(level);
      turn = 0;
    }
  }

  /**
   * The head filled a packet, or what was left of one.
   *
   * @param mtu bytes of a datagram
   */
  public void onPacket(int mtu) {
    turn += mtu;
    if (turn + mtu > Limits.RUN_BYTES) {
      endTurn();
      wholeTurn = true;
    }
  }

  /**
   * A flush is over. Who had less than a turn goes on in the next one if others had a whole turn in
   * this one.
   */
  public void onFlushed() {
    if (!wholeTurn) {
      endTurn();
    }
    wholeTurn = false;
  }

  private void endTurn() {
    Stream s = head();
    if (turn > 0 && s != null && s.incremental()) {
      queue(s.urgency()).rotate();
    }
    turn = 0;
  }

  public void remove(Stream s) {
    queue(s.urgency()).remove(s);
    update(s.urgency());
  }

  /** Changes a stream's place; it goes to the back of its new urgency. */
  public void prioritize(Stream s, int urgency, boolean incremental) {
    boolean in = s.queued[StreamQueue.SEND];
    if (in) {
      remove(s);
    }
    s.priority(urgency, incremental);
    if (in) {
      add(s);
    }
  }

  public void clear() {
    for (StreamQueue q : queues) {
      if (q != null) {
        q.clear();
      }
    }
    occupied = 0;
  }
}
