package dev.quic.dataplane.core.frame;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/**
 * One received frame, parsed into fields that the next {@link #parse} overwrites. Bytes are not
 * copied: {@link #dataOff} and {@link #dataLen} point into the packet.
 */
public final class Frame {
  private static final int FEW_RANGES = 4;

  /** {@code FrameType.*}; stream and other flags included. */
  public int type;

  /** Stream id, sequence number, limit, largest acknowledged, challenge data or error code. */
  public long id;

  /** Offset, limit of a stream, retire_prior_to, ACK delay, or frame type of CONNECTION_CLOSE. */
  public long offset;

  /**
   * Final size of RESET_STREAM, bytes of a whole DATAGRAM frame, error code of RESET_STREAM and
   * STOP_SENDING in {@link #error}.
   */
  public long size;

  public long error;
  public boolean fin;

  /** Data of CRYPTO, STREAM, DATAGRAM, token, connection id or reason phrase. */
  public int dataOff;

  public int dataLen;

  /** Offset of the 16-byte token of NEW_CONNECTION_ID. */
  public int tokenOff;

  /** ACK ranges, newest first: lowest and highest number of each. Grown as they are needed. */
  public long[] ackLow = new long[FEW_RANGES];

  public long[] ackHigh = new long[FEW_RANGES];
  public int ackCount;

  /** ECN counts, meaningful for ACK_ECN. */
  public long ect0;

  public long ect1;
  public long ce;

  /**
   * Parses the frame the reader stands at.
   *
   * @return 0, or the transport error code FRAME_ENCODING
   */
  public int parse(Reader r) {
    int first = r.peek();
    long t = r.varint();
    // RFC 9000 section 12.4: a type in a longer encoding than needed may be refused.
    if (!r.ok() || !FrameType.isKnown(t) || t != first) {
      type = t > 0 && t <= Integer.MAX_VALUE ? (int) t : 0;
      return QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
    }
    type = (int) t;
    boolean ok = type >= FrameType.STREAM && type <= FrameType.STREAM_LAST ? stream(r) : body(r);
    return ok && r.ok() ? 0 : QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
  }

  private boolean body(Reader r) {
    switch (type) {
      case FrameType.PADDING -> {
        while (r.peek() == 0) {
          r.skip(1);
        }
      }
      case FrameType.ACK, FrameType.ACK_ECN -> {
        return ack(r);
      }
      case FrameType.RESET_STREAM -> {
        id = r.varint();
        error = r.varint();
        size = r.varint();
      }
      case FrameType.STOP_SENDING -> {
        id = r.varint();
        error = r.varint();
      }
      case FrameType.CRYPTO -> {
        offset = r.varint();
        data(r, r.length());
        return offset + dataLen <= MAX_OFFSET;
      }
      case FrameType.NEW_TOKEN -> data(r, r.length());
      case FrameType.DATAGRAM, FrameType.DATAGRAM_LEN -> {
        int at = r.position() - 1;
        data(r, type == FrameType.DATAGRAM ? r.remaining() : r.length());
        size = r.position() - at;
      }
      case FrameType.MAX_STREAM_DATA, FrameType.STREAM_DATA_BLOCKED -> {
        id = r.varint();
        offset = r.varint();
      }
      case FrameType.NEW_CONNECTION_ID -> {
        return newConnectionId(r);
      }
      case FrameType.PATH_CHALLENGE, FrameType.PATH_RESPONSE -> id = r.u64();
      case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APP -> {
        error = r.varint();
        offset = type == FrameType.CONNECTION_CLOSE ? r.varint() : 0;
        data(r, r.length());
      }
      case FrameType.PING, FrameType.HANDSHAKE_DONE -> {}
      // MAX_DATA, MAX_STREAMS, DATA_BLOCKED, STREAMS_BLOCKED, RETIRE_CONNECTION_ID.
      default -> id = r.varint();
    }
    return true;
  }

  private static final long MAX_OFFSET = (1L << 62) - 1;

  private void data(Reader r, int len) {
    dataOff = r.position();
    dataLen = len;
    r.skip(len);
  }

  private boolean stream(Reader r) {
    id = r.varint();
    offset = (type & FrameType.STREAM_OFF) != 0 ? r.varint() : 0;
    data(r, (type & FrameType.STREAM_LEN) != 0 ? r.length() : r.remaining());
    fin = (type & FrameType.STREAM_FIN) != 0;
    return offset + dataLen <= MAX_OFFSET;
  }

  private boolean newConnectionId(Reader r) {
    id = r.varint();
    offset = r.varint();
    int len = r.u8();
    if (len < 1 || len > Limits.CONN_ID_BYTES || offset > id) {
      return false;
    }
    data(r, len);
    tokenOff = r.position();
    r.skip(16);
    return true;
  }

  private boolean ack(Reader r) {
    long largest = r.varint();
    id = largest;
    offset = r.varint();
    long more = r.varint();
    long low = largest - r.varint();
    ackCount = 0;
    if (!r.ok() || low < 0 || more > r.remaining()) {
      return false;
    }
    range(low, largest);
    for (long i = 0; i < more; i++) {
      // RFC 9000 section 19.3.1.
      long high = low - r.varint() - 2;
      low = high - r.varint();
      if (!r.ok() || low < 0) {
        return false;
      }
      range(low, high);
    }
    if (type == FrameType.ACK_ECN) {
      ect0 = r.varint();
      ect1 = r.varint();
      ce = r.varint();
    }
    return true;
  }

  private void range(long low, long high) {
    if (ackCount == ackLow.length && ackCount < Limits.ACK_RANGES_READ) {
      int more = Math.min(Limits.ACK_RANGES_READ, 2 * ackCount);
      ackLow = Arrays.copyOf(ackLow, more);
      ackHigh = Arrays.copyOf(ackHigh, more);
    }
    if (ackCount < ackLow.length) {
      ackLow[ackCount] = low;
      ackHigh[ackCount] = high;
      ackCount++;
    }
  }
}
