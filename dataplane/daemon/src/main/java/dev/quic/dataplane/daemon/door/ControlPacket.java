package dev.quic.dataplane.daemon.door;

import dev.quic.uapi.Errno;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A control packet while it is carried out: its requests in order, the replies so far, and the
 * descriptors that came and go. One thread at a time.
 */
final class ControlPacket {
  static final int HEADER = 16;

  /** The requests of {@code docs/protocol.md}. */
  static final int SOCKET = 1;

  static final int BIND = 2;
  static final int CONNECT = 3;
  static final int LISTEN = 4;
  static final int GETSOCKOPT = 5;
  static final int SETSOCKOPT = 6;
  static final int SHUTDOWN = 7;
  static final int GETSOCKNAME = 8;
  static final int GETPEERNAME = 9;
  static final int IOCTL = 10;
  static final int ADOPT = 11;
  static final int SENDMSG = 12;
  static final int CLOSE = 13;

  private static final byte[] NOTHING = new byte[0];

  private final byte[] in;
  private final ByteBuffer view;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);
  private final ArrayDeque<Line.Passed> came;
  private final List<Line.Passed> leave = new ArrayList<>();

  private int next;
  private int requests;
  private boolean stopped;
  private int at;

  ControlPacket(byte[] in, List<Line.Passed> came) {
    this.in = in;
    view = ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN);
    this.came = new ArrayDeque<>(came);
  }

  /**
   * Moves to the next request.
   *
   * @return false after the last one, after an error, or when what follows is no request, which is
   *     answered with EINVAL
   */
  boolean advance() {
    if (stopped || next >= in.length) {
      return false;
    }
    at = next;
    int left = in.length - at;
    if (left < HEADER
        || ++requests > DoorLimits.REQUESTS_PER_PACKET
        || length() < 0
        || length() > left - HEADER) {
      malformed(left);
      return false;
    }
    next = at + HEADER + (length() + 7 & ~7);
    return true;
  }

  private void malformed(int left) {
    int op = left >= 2 ? view.getShort(at) : 0;
    int seq = left >= 8 ? view.getInt(at + 4) : 0;
    append(op, seq, -Errno.EINVAL, NOTHING, 0);
    stopped = true;
  }

  /** Looks at the request after the current one: its socket, or -1 when it is not for a shard. */
  int nextShardSocket() {
    if (stopped || next > in.length - HEADER) {
      return -1;
    }
    int op = view.getShort(next) & 0xffff;
    boolean shardOp = op >= BIND && op <= SENDMSG && op != ADOPT;
    return shardOp ? view.getInt(next + 8) : -1;
  }

  int op() {
    return view.getShort(at) & 0xffff;
  }

  int socket() {
    return view.getInt(at + 8);
  }

  byte[] bytes() {
    return in;
  }

  int offset() {
    return at + HEADER;
  }

  int length() {
    return view.getInt(at + 12);
  }

  /** The u32 at an offset into the payload; the caller has checked {@link #length}. */
  int u32(int offset) {
    return view.getInt(at + HEADER + offset);
  }

  long s64(int offset) {
    return view.getLong(at + HEADER + offset);
  }

  byte[] copy(int from) {
    return Arrays.copyOfRange(in, offset() + from, offset() + length());
  }

  /** The next descriptor that came along; null when there is none. */
  Line.@Nullable Passed takePassed() {
    return came.poll();
  }

  void pass(Line.Passed descriptor) {
    leave.add(descriptor);
  }

  /** Answers the current request; an error is the last answer. */
  void reply(int result, byte[] payload, int length) {
    append(op(), view.getInt(at + 4), result, payload, length);
    if (result < 0) {
      stopped = true;
    }
  }

  void reply(int result) {
    reply(result, NOTHING, 0);
  }

  private void append(int op, int seq, int result, byte[] payload, int length) {
    ByteBuffer h = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    h.putShort((short) op).putShort((short) 0).putInt(seq).putInt(result).putInt(length);
    out.writeBytes(h.array());
    out.write(payload, 0, length);
    out.write(NOTHING_PADDED, 0, -length & 7);
  }

  private static final byte[] NOTHING_PADDED = new byte[8];

  byte[] answer() {
    return out.toByteArray();
  }

  List<Line.Passed> leaving() {
    return leave;
  }

  /** Forgets what came, secrets among it, and closes what is left of the descriptors. */
  void dispose() {
    Arrays.fill(in, (byte) 0);
    came.forEach(Line.Passed::close);
    came.clear();
    leave.forEach(Line.Passed::close);
    leave.clear();
  }
}
