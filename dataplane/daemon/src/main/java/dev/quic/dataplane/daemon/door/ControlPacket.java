package dev.quic.dataplane.daemon.door;

import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uds.SeqPacket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A control packet while it is carried out: its requests in order, the replies so far, and the
 * descriptors that came and go. One thread at a time.
 */
final class ControlPacket {
  private static final byte[] NOTHING = new byte[0];

  private final List<DoorCall> calls;
  private final List<DoorCall> replies = new ArrayList<>();
  private int next;
  private boolean stopped;
  private int answerBytes;
  private int came;
  private @Nullable SeqPacket leaving;

  /**
   * @param calls null for a packet that is none; it is answered with EINVAL
   * @param came descriptor that came along, -1 for none
   */
  ControlPacket(@Nullable List<DoorCall> calls, int came) {
    this.came = came;
    if (calls == null || calls.size() > DoorLimits.REQUESTS_PER_PACKET) {
      this.calls = List.of();
      replies.add(new DoorCall(0, 0, -Errno.EINVAL, NOTHING));
      stopped = true;
    } else {
      this.calls = calls;
    }
  }

  /** Moves to the next request. @return false after the last one, or after an error */
  boolean advance() {
    if (stopped || next == calls.size()) {
      return false;
    }
    next++;
    return true;
  }

  DoorCall call() {
    return calls.get(next - 1);
  }

  /** The request after the current one, if it names a socket: that socket; else -1. */
  int nextShardSocket() {
    if (stopped || next == calls.size()) {
      return -1;
    }
    DoorCall c = calls.get(next);
    // SEND is not among them: the conductor has to read the descriptor first.
    boolean shard = c.op() >= Door.OP_BIND && c.op() <= Door.OP_SENDMSG && c.op() != Door.OP_ADOPT;
    return shard ? c.value() : -1;
  }

  /** Whether the request after the current one is a BIND, which may have to be done elsewhere. */
  boolean nextBinds() {
    return next < calls.size() && calls.get(next).op() == Door.OP_BIND;
  }

  /** The descriptor that came along, now the caller's; -1 for none. */
  int takeDescriptor() {
    int d = came;
    came = -1;
    return d;
  }

  boolean passes() {
    return leaving != null;
  }

  /** Passes a descriptor on with the answer; closes it here then. */
  void pass(SeqPacket descriptor) {
    leaving = descriptor;
  }

  int passing() {
    return leaving == null ? -1 : leaving.number();
  }

  /**
   * Answers the current request; an error is the last answer. What does not fit into the packet any
   * more is EMSGSIZE.
   */
  void reply(int result, byte[] payload) {
    boolean fits = answerBytes + padded(payload) <= Door.MAX_PACKET - Door.CALL_HEADER;
    int told = fits ? result : -Errno.EMSGSIZE;
    byte[] tells = fits ? payload : NOTHING;
    answerBytes += padded(tells);
    replies.add(new DoorCall(call().op(), call().seq(), told, tells));
    if (told < 0) {
      stopped = true;
    }
  }

  /** Bytes of a reply on the wire. */
  private static int padded(byte[] payload) {
    return Door.CALL_HEADER + (payload.length + 7 & ~7);
  }

  void reply(int result) {
    reply(result, NOTHING);
  }

  List<DoorCall> replies() {
    return replies;
  }

  byte[] answer() {
    return DoorCall.encode(replies);
  }

  /** Forgets what came, secrets among it, and closes what is left of the descriptors. */
  void dispose() {
    calls.forEach(c -> Arrays.fill(c.payload(), (byte) 0));
    if (came >= 0) {
      SeqPacket.closeDescriptor(came);
      came = -1;
    }
    if (leaving != null) {
      leaving.close();
      leaving = null;
    }
  }
}
