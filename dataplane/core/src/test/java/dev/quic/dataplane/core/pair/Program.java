package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A program at a socket, call by call, as it would be written in C. */
final class Program {
  private static final long SECOND = 1_000_000_000;

  /** What one recvmsg gave. */
  record Got(int n, int flags, int cmsg, long stream, int streamFlags, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.US_ASCII);
    }

    boolean event(int type) {
      return (flags & QuicUapi.MSG_QUIC_NOTIFICATION) != 0 && bytes[0] == type;
    }

    boolean fin() {
      return (streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0;
    }

    long get64(int off) {
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(off);
    }

    int get32(int off) {
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(off);
    }
  }

  final World world;
  final Sock sock;
  private final Msg msg = new Msg();

  Program(World world, Sock sock) {
    this.world = world;
    this.sock = sock;
    sock.watch(null);
  }

  // Sending.

  /** With a STREAM_INFO control message. */
  int send(String text, long stream, int streamFlags) {
    return send(text.getBytes(StandardCharsets.US_ASCII), stream, streamFlags, 0);
  }

  int send(byte[] b, long stream, int streamFlags, int flags) {
    msg.reset().stream(stream, streamFlags);
    msg.flags = flags;
    return sock.sendmsg(world.now, msg, b, 0, b.length);
  }

  /** As send(2), without a control message. */
  int plain(String text, int flags) {
    return plain(text.getBytes(StandardCharsets.US_ASCII), flags);
  }

  int plain(byte[] b, int flags) {
    msg.reset();
    msg.flags = flags;
    return sock.sendmsg(world.now, msg, b, 0, b.length);
  }

  int handshake(int level, int bytes) {
    msg.reset().handshake(level);
    return sock.sendmsg(world.now, msg, new byte[bytes], 0, bytes);
  }

  /** With a control message of an unknown type. */
  int strange() {
    msg.reset();
    msg.cmsg = 7;
    return sock.sendmsg(world.now, msg, new byte[1], 0, 1);
  }

  // Receiving.

  Got recvNow(int room, int flags) {
    byte[] b = new byte[room];
    msg.reset();
    msg.flags = flags;
    int n = sock.recvmsg(world.now, msg, b, 0, room);
    byte[] got = Arrays.copyOf(b, Math.max(n, 0));
    return new Got(n, msg.flags, msg.cmsg, msg.streamId, msg.streamFlags, got);
  }

  /** Blocks, for two seconds of the world at most. */
  Got recv() {
    Got[] got = {recvNow(65_536, 0)};
    world.run(
        2 * SECOND,
        () -> {
          if (got[0].n == -Errno.EAGAIN) {
            got[0] = recvNow(65_536, 0);
          }
          return got[0].n != -Errno.EAGAIN;
        });
    return got[0];
  }

  // Options.

  int set(int name, byte[] value) {
    return sock.setsockopt(world.now, QuicUapi.SOL_QUIC, name, value);
  }

  int get(int name, byte[] value) {
    return sock.getsockopt(world.now, QuicUapi.SOL_QUIC, name, value, value.length);
  }

  static byte[] bytes(int size, Object... fields) {
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (Object f : fields) {
      switch (f) {
        case Byte v -> b.put(v);
        case Short v -> b.putShort(v);
        case Integer v -> b.putInt(v);
        case Long v -> b.putLong(v);
        default -> throw new IllegalArgumentException(String.valueOf(f));
      }
    }
    return b.array();
  }

  int event(int type, boolean on) {
    return set(QuicUapi.QUIC_SOCKOPT_EVENT, new byte[] {(byte) type, (byte) (on ? 1 : 0)});
  }

  /** STREAM_OPEN: the id, or a negated errno. */
  long open(long id, int flags) {
    byte[] v = bytes(16, id, flags);
    int n = get(QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, v);
    return n < 0 ? n : ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  int reset(long id, int error) {
    return set(QuicUapi.QUIC_SOCKOPT_STREAM_RESET, bytes(16, id, error));
  }

  int stop(long id, int error) {
    return set(QuicUapi.QUIC_SOCKOPT_STREAM_STOP_SENDING, bytes(16, id, error));
  }

  int ids(boolean dest, int active, int prior) {
    return set(QuicUapi.QUIC_SOCKOPT_CONNECTION_ID, bytes(12, dest ? 1 : 0, active, prior));
  }

  /** First live and active number of the CONNECTION_ID option. */
  int[] ids(boolean dest) {
    byte[] v = bytes(12, dest ? 1 : 0);
    int n = get(QuicUapi.QUIC_SOCKOPT_CONNECTION_ID, v);
    ByteBuffer b = ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN);
    return n < 0 ? new int[] {n} : new int[] {b.getInt(8), b.getInt(4)};
  }

  int migrate(SockAddr to) {
    return set(QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION, SockAddrCodec.encode(to));
  }

  int keyUpdate() {
    return set(QuicUapi.QUIC_SOCKOPT_KEY_UPDATE, new byte[0]);
  }

  static byte[] closeInfo(int code, String phrase) {
    byte[] v = bytes(72, code);
    byte[] p = phrase.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(p, 0, v, 8, p.length);
    return v;
  }

  /** Waits so much virtual time. */
  void pause(long nanos) {
    world.run(nanos, () -> false);
  }
}
