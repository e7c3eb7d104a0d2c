package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENOSTR;

import dev.quic.dataplane.core.stream.SendSchedule;
import dev.quic.dataplane.core.stream.Stream;

/** Our own options about streams and paths; structs in docs/protocol.md. */
final class StreamOptions {
  /** u64 stream id, u8 urgency, u8 incremental, padding. */
  static final int PRIORITY_BYTES = 16;

  /** u64 four times. */
  static final int MEMORY_BYTES = 32;

  private StreamOptions() {}

  /** Sets the priority of a stream that can send: 0, -EINVAL, or -ENOSTR for one that is over. */
  static int setPriority(QuicSock sock, byte[] v) {
    Conn c = sock.conn();
    int urgency = OptionBytes.get8(v, 8);
    int incremental = OptionBytes.get8(v, 9);
    if (c == null || v.length < 10 || urgency >= SendSchedule.LEVELS || incremental > 1) {
      return -EINVAL;
    }
    long id = OptionBytes.get64(v, 0);
    Stream s = c.streams.get(id);
    if (s == null) {
      return id >= 0 && c.streams.wasOpened(id) ? -ENOSTR : -EINVAL;
    }
    if (!s.canSend()) {
      return -EINVAL;
    }
    c.flow.sending.prioritize(s, urgency, incremental == 1);
    return 0;
  }

  /** Bytes held: to send, received, of the whole net; pieces out of order. */
  static int getMemory(QuicSock sock, byte[] v, int len) {
    Conn c = sock.conn();
    byte[] out = new byte[MEMORY_BYTES];
    if (c != null) {
      OptionBytes.put64(out, 0, c.memory.sending().held());
      OptionBytes.put64(out, 8, c.memory.receiving().held());
      OptionBytes.put64(out, 24, c.memory.pieces());
    }
    OptionBytes.put64(out, 16, sock.net().chunks().held());
    return OptionBytes.answer(out, v, len);
  }

  /** Reads it back; the stream id comes in {@code v}. */
  static int getPriority(QuicSock sock, byte[] v, int len) {
    Conn c = sock.conn();
    Stream s = c == null || v.length < 8 ? null : c.streams.get(OptionBytes.get64(v, 0));
    if (s == null || len < 8) {
      return -EINVAL;
    }
    byte[] out = new byte[PRIORITY_BYTES];
    OptionBytes.put64(out, 0, s.id());
    out[8] = (byte) s.urgency();
    out[9] = (byte) (s.incremental() ? 1 : 0);
    return OptionBytes.answer(out, v, len);
  }
}
