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

  GrantCalls(Conductor conductor, DataDescriptor grant) {
    this.conductor = conductor;
    handle = new Handle(grant, false);
  }

  /** Whether a packet waits for the shard, or its answer for room. */
  boolean isUnderWay() {
    return packet != null;
  }

  /**
   * Carries out a CALLS packet of {@code n} bytes, which is wiped.
   *
   * @param number of the packet, repeated in the answer
   * @param answered runs on the conductor when {@link #answer} has something, at once or later
   */
  void start(SockFront front, byte[] in, int n, int number, Runnable answered) {
    List<DoorCall> requests = DoorCall.parse(in, Door.DATA_HEADER, n);
    // Among the calls may be secrets.
    Arrays.fill(in, 0, n, (byte) 0);
    ControlPacket p = new ControlPacket(requests, -1);
    packet = p;
    seq = number;
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
      calls.run(p, handle, now);
    }
  }

  private void finish(ControlPacket p, Runnable answered) {
    List<DoorCall> replies = p.replies();
    byte[] bytes = DoorCall.encode(replies, Door.DATA_HEADER);
    header.reset(Door.DATA_REPLIES);
    header.seq = seq;
    header.write(bytes, 0);
    answer = bytes;
    answered.run();
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
