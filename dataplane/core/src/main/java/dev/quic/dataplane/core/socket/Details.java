package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.TransportParams;

/**
 * Reads packets and parameters once more for listeners who want to know what is in them; costs one
 * question a packet where there are none.
 */
final class Details {
  private static final long MILLISECOND = 1_000_000;

  private final Conn c;
  private final Frame f = new Frame();
  private final Reader reader = new Reader();

  Details(Conn c) {
    this.c = c;
  }

  /**
   * Tells the frames of a packet in plain text, before the packet itself is told.
   *
   * @param sent whether it is ours
   * @param level {@code QUIC_CRYPTO_*}
   */
  void frames(long now, boolean sent, int level, long pn, byte[] buf, int off, int len) {
    if (!c.sink.detailed()) {
      return;
    }
    reader.wrap(buf, off, len);
    for (int i = 0; i < Limits.FRAMES_TOLD && reader.remaining() > 0; i++) {
      int before = reader.remaining();
      if (f.parse(reader) != 0) {
        return;
      }
      tell(now, sent, level, pn, buf, before - reader.remaining());
    }
  }

  private void tell(long now, boolean sent, int level, long pn, byte[] buf, int length) {
    EventSink to = c.sink;
    int what = f.type | level << 8;
    switch (f.type) {
      case FrameType.ACK, FrameType.ACK_ECN -> {
        long exponent = sent ? ownExponent(level) : c.life.ackDelayExponent(level);
        to.frame(now, c.cookie, what, pn, f.id, f.offset << exponent, f.ackLow[0]);
        for (int r = 1; r < Math.min(f.ackCount, Limits.ACK_RANGES_TOLD); r++) {
          to.ackRange(now, c.cookie, level, pn, f.ackLow[r], f.ackHigh[r]);
        }
      }
      case FrameType.RESET_STREAM -> to.frame(now, c.cookie, what, pn, f.id, f.error, f.size);
      case FrameType.STOP_SENDING -> to.frame(now, c.cookie, what, pn, f.id, f.error, 0);
      case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APP ->
          to.frame(now, c.cookie, what, pn, f.error, f.offset, 0);
      case FrameType.NEW_CONNECTION_ID -> {
        ConnId id = ConnId.of(buf, f.dataOff, f.dataLen);
        what |= f.dataLen << 16;
        to.frame(now, c.cookie, what, pn, f.id, f.offset, id.word(0));
      }
      case FrameType.PADDING -> to.frame(now, c.cookie, what, pn, 0, 0, length);
      case FrameType.CRYPTO -> to.frame(now, c.cookie, what, pn, 0, f.offset, f.dataLen);
      case FrameType.DATAGRAM, FrameType.DATAGRAM_LEN, FrameType.NEW_TOKEN ->
          to.frame(now, c.cookie, what, pn, 0, 0, f.dataLen);
      default -> {
        boolean stream = f.type >= FrameType.STREAM && f.type <= FrameType.STREAM_LAST;
        what |= stream && f.fin ? 1 << 12 : 0;
        to.frame(now, c.cookie, what, pn, f.id, f.offset, stream ? f.dataLen : 0);
      }
    }
  }

  private long ownExponent(int level) {
    return level == Conn.APP ? c.local.ackDelayExponent : 0;
  }

  /** Tells the parameters of both sides, when the peer's are known. */
  void parameters(long now) {
    TransportParams peer = c.remote;
    if (peer != null && c.sink.detailed()) {
      side(now, true, c.local);
      side(now, false, peer);
    }
  }

  private void side(long now, boolean local, TransportParams p) {
    one(now, local, 0x01, p.maxIdleTimeout / MILLISECOND);
    one(now, local, 0x03, p.maxUdpPayloadSize);
    one(now, local, 0x04, p.maxData);
    one(now, local, 0x05, p.maxStreamDataBidiLocal);
    one(now, local, 0x06, p.maxStreamDataBidiRemote);
    one(now, local, 0x07, p.maxStreamDataUni);
    one(now, local, 0x08, p.maxStreamsBidi);
    one(now, local, 0x09, p.maxStreamsUni);
    one(now, local, 0x0a, p.ackDelayExponent);
    one(now, local, 0x0b, p.maxAckDelay / MILLISECOND);
    one(now, local, 0x0c, p.disableActiveMigration ? 1 : 0);
    one(now, local, 0x0e, p.activeConnIdLimit);
    one(now, local, 0x20, p.maxDatagramFrameSize);
    one(now, local, 0x2ab2, p.greaseQuicBit ? 1 : 0);
    c.sink.parametersSet(now, c.cookie, local);
  }

  private void one(long now, boolean local, int id, long value) {
    c.sink.parameter(now, c.cookie, local, id, value);
  }
}
