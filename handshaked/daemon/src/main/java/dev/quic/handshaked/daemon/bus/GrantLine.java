package dev.quic.handshaked.daemon.bus;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The descriptor of a grant: packets of calls out, their answers and the peer's messages in. Calls
 * are collected and leave together; the answer to those nobody waits for is looked at when it
 * comes, which is before anything the calls caused. One thread at a time.
 */
final class GrantLine implements AutoCloseable {
  private static final long NANOS_PER_MS = 1_000_000;

  /**
   * Messages kept while an answer is awaited: what a peer can have sent is bounded by the CRYPTO
   * buffers of its levels, 64 KiB each, and comes in pieces of one packet at least.
   */
  private static final int MAX_KEPT = 1_024;

  /** How long the data plane may take for an answer: then it is stopped, or the grant is none. */
  private static final long MAX_ANSWER_MS = 10_000;

  private final SeqPacket data;
  private final DoorData header = new DoorData();

  /** Null when closed. */
  private byte @Nullable [] in = ReceiveBuffers.take();

  /** Bytes of it that may be other than zero. */
  private int used;

  private final List<DoorCall> collected = new ArrayList<>();
  private int collectedBytes;
  private int sent;
  private int answered;

  /** Nothing was received since the last packet left. */
  private boolean justSent;

  /** Packets are under way that are answered only if they fail. */
  private boolean unsure;

  private final ArrayDeque<HandshakePort.Message> messages = new ArrayDeque<>();

  /** Why the grant has nothing more to say; found when a packet was received. */
  private @Nullable HandshakePortException ended;

  GrantLine(SeqPacket data) {
    this.data = data;
  }

  /** Waits for the answers that come unasked ({@code Nl.FEATURE_AHEAD}). Before any call. */
  List<DoorCall> ahead() throws HandshakePortException {
    answered = Door.AHEAD_SEQ - 1;
    return replies();
  }

  int number() {
    return data.number();
  }

  /** Adds a call to those that leave with the next packet. */
  void collect(DoorCall call) throws HandshakePortException {
    if (collected.size() == Door.MAX_CALLS || collectedBytes + call.size() > Door.MAX_DATA) {
      write();
    }
    collected.add(call);
    collectedBytes += call.size();
  }

  /** Sends what was collected, without waiting for the answer: there is none unless one fails. */
  void write() throws HandshakePortException {
    if (!collected.isEmpty()) {
      write(Door.QUIET);
      unsure = true;
      answered = sent;
    }
  }

  private void write(int flags) throws HandshakePortException {
    byte[] packet = DoorCall.encode(collected, Door.DATA_HEADER);
    collected.forEach(DoorCall::wipe);
    collected.clear();
    collectedBytes = 0;
    header.reset(Door.DATA_CALLS).seq = ++sent;
    header.flags = flags;
    header.write(packet, 0);
    try {
      data.send(packet, 0, packet.length, -1);
      justSent = true;
    } catch (IOException e) {
      throw new HandshakePortException(Errno.EPIPE, String.valueOf(e.getMessage()));
    } finally {
      Arrays.fill(packet, (byte) 0);
    }
  }

  /**
   * Sends what was collected and waits until all calls were carried out.
   *
   * @return the replies of the last packet; an error among them is not thrown
   * @throws HandshakePortException for a call of an earlier packet
   */
  List<DoorCall> exchange() throws HandshakePortException {
    ask();
    return answers();
  }

  /** Sends what was collected; {@link #answers} is to follow. */
  void ask() throws HandshakePortException {
    if (collected.isEmpty() && unsure) {
      // A question whose answer comes after all that may have failed.
      collect(DoorCall.of(Door.OP_GETPEERNAME, 0, 0));
    }
    if (!collected.isEmpty()) {
      write(0);
    }
  }

  /** As {@link #exchange}, behind {@link #ask}; may be another thread than the one before. */
  List<DoorCall> answers() throws HandshakePortException {
    List<DoorCall> replies = replies();
    unsure = false;
    return replies;
  }

  private List<DoorCall> replies() throws HandshakePortException {
    List<DoorCall> replies = List.of();
    HandshakePortException first = null;
    long start = System.nanoTime();
    while (answered != sent) {
      long waited = (System.nanoTime() - start) / NANOS_PER_MS;
      if (waited >= MAX_ANSWER_MS) {
        throw new HandshakePortException(Errno.ETIMEDOUT, "the data plane does not answer");
      }
      List<DoorCall> got = next(MAX_ANSWER_MS - waited);
      if (got != null) {
        first = first == null && answered != sent ? failure(got) : first;
        replies = got;
      } else if (ended != null) {
        throw first == null ? ended : first;
      }
    }
    if (first != null) {
      throw first;
    }
    return replies;
  }

  /** Fails with the first call that failed, which is the last that was answered. */
  static void check(List<DoorCall> replies) throws HandshakePortException {
    HandshakePortException failure = failure(replies);
    if (failure != null) {
      throw failure;
    }
  }

  private static @Nullable HandshakePortException failure(List<DoorCall> replies) {
    int result = replies.isEmpty() ? 0 : replies.get(replies.size() - 1).value();
    if (result >= 0) {
      return null;
    }
    int op = replies.get(replies.size() - 1).op();
    return new HandshakePortException(-result, name(op) + ": " + Errno.name(-result));
  }

  private static String name(int op) {
    return switch (op) {
      case Door.OP_SENDMSG -> "sendmsg";
      case Door.OP_SETSOCKOPT -> "setsockopt";
      case Door.OP_GETSOCKOPT -> "getsockopt";
      case Door.OP_GETPEERNAME -> "getpeername";
      case Door.OP_DONE -> "DONE";
      default -> "a call";
    };
  }

  /**
   * Sends what was collected and waits for the peer's next message.
   *
   * @return null when {@code deadlineNanos} passed
   */
  HandshakePort.@Nullable Message receive(long deadlineNanos) throws HandshakePortException {
    if (messages.isEmpty()) {
      write();
    }
    while (messages.isEmpty()) {
      if (ended != null) {
        throw ended;
      }
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0 && !data.awaitReadable(0)) {
        return null;
      }
      // Rounded up, or the last millisecond would be spent in a busy loop.
      List<DoorCall> replies = next(left <= 0 ? 0 : (left + NANOS_PER_MS - 1) / NANOS_PER_MS);
      if (replies != null) {
        check(replies);
      }
    }
    return messages.poll();
  }

  /**
   * Takes one packet, or none.
   *
   * @return the replies it brought; null for anything else
   */
  private @Nullable List<DoorCall> next(long timeoutMs) throws HandshakePortException {
    byte[] in = this.in;
    if (in == null) {
      throw new HandshakePortException(Errno.EBADF, "the grant was given back");
    }
    // What answers a packet is not there as soon as it is sent.
    int n = justSent ? data.receiveLater(in, timeoutMs) : data.receive(in, timeoutMs);
    justSent = false;
    used = Math.max(used, n);
    discard(data.takeDescriptor());
    if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
      return null;
    }
    if (n <= 0) {
      ended =
          new HandshakePortException(
              n == 0 ? Errno.EPIPE : -n, "the data plane took the request back");
      return null;
    }
    if (!header.read(in, 0, n)) {
      return null;
    }
    if (header.type == Door.DATA_REPLIES) {
      List<DoorCall> replies = DoorCall.parse(in, Door.DATA_HEADER, n);
      Arrays.fill(in, 0, n, (byte) 0);
      answered = header.seq;
      return replies == null ? List.of() : replies;
    }
    if (header.type == Door.DATA_RESULT && header.streamId < 0) {
      throw new HandshakePortException(
          (int) -header.streamId, "the data plane does not understand calls on a grant");
    }
    if (header.type == Door.DATA_CLOSED) {
      int errno = header.streamId == Errno.ETIMEDOUT ? Errno.ETIMEDOUT : Errno.ENOTCONN;
      ended = new HandshakePortException(errno, "the connection was closed");
    } else {
      message(in, n);
    }
    return null;
  }

  /** Drops what is no handshake message, which a grant never sees or may ignore. */
  private void message(byte[] in, int n) throws HandshakePortException {
    if (header.type != Door.DATA_RECV
        || header.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO
        || header.streamFlags < 0
        || header.streamFlags >= QuicUapi.QUIC_CRYPTO_MAX) {
      return;
    }
    if (messages.size() == MAX_KEPT) {
      throw new HandshakePortException(Errno.ENOBUFS, "more messages than a handshake can have");
    }
    messages.add(
        new HandshakePort.Message(
            CryptoLevel.of(header.streamFlags), Arrays.copyOfRange(in, Door.DATA_HEADER, n)));
  }

  private static void discard(int descriptor) {
    if (descriptor >= 0) {
      SeqPacket.closeDescriptor(descriptor);
    }
  }

  @Override
  public void close() {
    collected.forEach(DoorCall::wipe);
    collected.clear();
    data.close();
    byte[] last = in;
    in = null;
    if (last != null) {
      ReceiveBuffers.give(last, used);
    }
  }
}
