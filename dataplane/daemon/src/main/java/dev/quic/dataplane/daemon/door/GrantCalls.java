package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that come on a grant's own descriptor, several in a packet. One packet at a time is
 * carried out; while it is with the shard nothing more is read, so answers leave in the order of
 * the questions. The conductor's thread, but for {@link #run}, during which the conductor leaves
 * the packet alone.
 */
final class GrantCalls {
  private final Conductor conductor;
  private final Handle handle;
  private final SocketCalls calls = new SocketCalls(false);
  private final DoorData header = new DoorData();

  private @Nullable ControlPacket packet;
  private byte @Nullable [] answer;
  private int seq;
  private boolean quiet;

  /** Ends the request; may be the last call. */
  private @Nullable DoorCall done;

  /** A call failed that its caller does not wait for: what it says next may not know of it. */
  private boolean failed;

  private boolean ended;

  private @Nullable GrantEnding ending;

  GrantCalls(Conductor conductor, DataDescriptor grant) {
    this.conductor = conductor;
    handle = new Handle(grant, false);
  }

  /** Allows DONE among the calls. */
  void ending(GrantEnding e) {
    ending = e;
  }

  /** Whether a packet waits for the shard, or its answer for room. */
  boolean isUnderWay() {
    return packet != null;
  }

  /**
   * Carries out a CALLS packet of {@code n} bytes, which is wiped.
   *
   * @param number of the packet, repeated in the answer
   * @param isQuiet nobody waits for the answer unless a call fails
   * @param answered runs on the conductor when the packet is through, at once or later
   */
  void start(SockFront front, byte[] in, int n, int number, boolean isQuiet, Runnable answered) {
    List<DoorCall> requests = DoorCall.parse(in, Door.DATA_HEADER, n);
    // Among the calls may be secrets.
    Arrays.fill(in, 0, n, (byte) 0);
    start(front, requests, number, isQuiet, answered);
  }

  /** As above, with calls; null for a packet that has none. */
  void start(
      SockFront front,
      @Nullable List<DoorCall> requests,
      int number,
      boolean isQuiet,
      Runnable answered) {
    ControlPacket p = new ControlPacket(requests, -1);
    packet = p;
    seq = number;
    quiet = isQuiet;
    if (front.link().onThread()) {
      front.link().runNow((net, now) -> run(p, now));
      finish(p, answered);
      return;
    }
    boolean posted =
        front
            .link()
            .post((net, now) -> {
              try {
                run(p, now);
              } finally {
                conductor.execute(() -> finish(p, answered));
              }
            });
    if (!posted) {
      if (p.advance()) {
        p.reply(-Errno.EIO);
      }
      finish(p, answered);
    }
  }

  private void run(ControlPacket p, long now) {
    while (p.advance()) {
      if (p.call().op() == Door.OP_DONE && ending != null) {
        // The conductor's; nothing comes behind it.
        done = p.call();
        return;
      }
      calls.run(p, handle, now);
    }
  }

  private void finish(ControlPacket p, Runnable answered) {
    DoorCall last = done;
    done = null;
    if (last != null && ending != null) {
      int errno = handle.isRevoked() ? Errno.EPIPE : ending.done(last.payload(), failed);
      ended = errno == 0;
      p.reply(-errno);
    }
    List<DoorCall> replies = p.replies();
    if (quiet && replies.get(replies.size() - 1).value() >= 0) {
      p.dispose();
      packet = null;
      answered.run();
      return;
    }
    failed |= quiet;
    byte[] bytes = DoorCall.encode(replies, Door.DATA_HEADER);
    header.reset(Door.DATA_REPLIES);
    header.seq = seq;
    header.write(bytes, 0);
    answer = bytes;
    answered.run();
  }

  /** Whether DONE was carried out: the grant is over once its answer is sent. */
  boolean isEnded() {
    return ended;
  }

  /** The packet to send; null for none. */
  byte @Nullable [] answer() {
    return answer;
  }

  /** The answer is sent, or nobody wants it. */
  void dispose() {
    ControlPacket p = packet;
    byte[] bytes = answer;
    if (p != null && bytes != null) {
      p.dispose();
      // It may hold a session ticket.
      Arrays.fill(bytes, (byte) 0);
      packet = null;
      answer = null;
    }
  }
}
