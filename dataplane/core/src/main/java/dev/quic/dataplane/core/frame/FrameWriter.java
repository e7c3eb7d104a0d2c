package dev.quic.dataplane.core.frame;

import dev.quic.dataplane.core.common.Varint;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.pnspace.PnSpace;

/** Writes frames. A frame that does not fit leaves the writer failed; callers check sizes. */
public final class FrameWriter {
  private FrameWriter() {}

  /** Largest header of a CRYPTO frame: type, offset, 2-byte length. */
  public static final int CRYPTO_OVERHEAD = 1 + 8 + 2;

  /**
   * Writes an ACK frame of what a space received, newest ranges first, as many as fit.
   *
   * @param delay encoded ACK delay
   * @param maxRanges at least 1
   * @return false, with nothing written, when not even one range fits
   */
  public static boolean ack(Writer w, PnSpace space, long delay, int maxRanges) {
    int start = w.position();
    boolean ecn = space.hasEcn();
    int tail = ecn ? 24 : 0;
    long high = space.rangeHigh(0);
    long low = space.rangeLow(0);
    int need = 1 + Varint.size(high) + Varint.size(delay) + 2 + Varint.size(high - low) + tail;
    if (w.remaining() < need) {
      return false;
    }
    w.u8(ecn ? FrameType.ACK_ECN : FrameType.ACK).varint(high).varint(delay);
    int countAt = w.position();
    w.varint(0, 1).varint(high - low);
    int ranges = 0;
    int most = Math.min(Math.min(space.rangeCount(), maxRanges) - 1, 63);
    for (int i = 1; i <= most; i++) {
      long gap = low - space.rangeHigh(i) - 2;
      long length = space.rangeHigh(i) - space.rangeLow(i);
      if (w.remaining() < Varint.size(gap) + Varint.size(length) + tail) {
        break;
      }
      w.varint(gap).varint(length);
      low = space.rangeLow(i);
      ranges++;
    }
    w.array()[countAt] = (byte) ranges;
    if (ecn) {
      w.varint(space.ect0()).varint(space.ect1()).varint(space.ce());
    }
    if (!w.ok()) {
      w.position(start);
    }
    return w.ok();
  }

  /** PING, HANDSHAKE_DONE: nothing but a type. */
  public static void bare(Writer w, int type) {
    w.u8(type);
  }

  /** MAX_DATA, MAX_STREAMS, DATA_BLOCKED, STREAMS_BLOCKED, RETIRE_CONNECTION_ID. */
  public static void one(Writer w, int type, long value) {
    w.u8(type).varint(value);
  }

  /** MAX_STREAM_DATA, STREAM_DATA_BLOCKED, STOP_SENDING. */
  public static void two(Writer w, int type, long a, long b) {
    w.u8(type).varint(a).varint(b);
  }

  public static void resetStream(Writer w, long id, long error, long finalSize) {
    w.u8(FrameType.RESET_STREAM).varint(id).varint(error).varint(finalSize);
  }

  /** Header of a CRYPTO frame; {@code len} bytes must follow, below 16384. */
  public static void cryptoHeader(Writer w, long offset, int len) {
    w.u8(FrameType.CRYPTO).varint(offset).varint(len, 2);
  }

  /** Bytes of a STREAM frame's header without its length field. */
  public static int streamHeaderSize(long id, long offset) {
    return 1 + Varint.size(id) + (offset == 0 ? 0 : Varint.size(offset));
  }

  /**
   * Header of a STREAM frame; {@code len} bytes must follow.
   *
   * @param withLength whether to write the length; without, the frame must be the packet's last
   */
  public static void streamHeader(
      Writer w, long id, long offset, int len, boolean fin, boolean withLength) {
    int type = FrameType.STREAM | (fin ? FrameType.STREAM_FIN : 0);
    type |= (offset == 0 ? 0 : FrameType.STREAM_OFF) | (withLength ? FrameType.STREAM_LEN : 0);
    w.u8(type).varint(id);
    if (offset != 0) {
      w.varint(offset);
    }
    if (withLength) {
      w.varint(len, 2);
    }
  }

  /**
   * Header of a STREAM frame that fills the packet and does not end the stream.
   *
   * @return where its data begins
   */
  public static int fillingStream(byte[] buf, int at, long id, long offset) {
    buf[at] = (byte) (FrameType.STREAM | (offset == 0 ? 0 : FrameType.STREAM_OFF));
    int body = Varint.write(buf, at + 1, id);
    return offset == 0 ? body : Varint.write(buf, body, offset);
  }

  public static void newToken(Writer w, byte[] token) {
    w.u8(FrameType.NEW_TOKEN).varint(token.length).bytes(token);
  }

  public static void newConnectionId(
      Writer w, long seq, long retirePriorTo, ConnId id, byte[] token) {
    w.u8(FrameType.NEW_CONNECTION_ID).varint(seq).varint(retirePriorTo).u8(id.length());
    w.bytes(id.toBytes()).bytes(token);
  }

  /** PATH_CHALLENGE, PATH_RESPONSE. */
  public static void path(Writer w, int type, long data) {
    w.u8(type).u64(data);
  }

  /**
   * CONNECTION_CLOSE.
   *
   * @param frameType of 0x1c: the frame that caused it, 0 for none
   * @param phrase reason, cut to the room there is
   */
  public static void close(Writer w, boolean app, long error, long frameType, byte[] phrase) {
    w.u8(app ? FrameType.CONNECTION_CLOSE_APP : FrameType.CONNECTION_CLOSE).varint(error);
    if (!app) {
      w.varint(frameType);
    }
    int room = Math.max(0, w.remaining() - 2);
    int len = Math.min(phrase.length, room);
    w.varint(len).bytes(phrase, 0, len);
  }

  /** DATAGRAM with a length. */
  public static void datagram(Writer w, byte[] data) {
    w.u8(FrameType.DATAGRAM_LEN).varint(data.length).bytes(data);
  }
}
