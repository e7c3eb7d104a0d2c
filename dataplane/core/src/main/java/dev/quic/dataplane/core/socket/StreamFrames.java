package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.stream.Stream;
import dev.quic.dataplane.core.stream.StreamId;
import dev.quic.uapi.QuicUapi;

/** What received frames do to streams. Methods return 0 or a transport error code. */
final class StreamFrames {
  private static final int FLOW_CONTROL = QuicUapi.QUIC_TRANSPORT_ERROR_FLOW_CONTROL;

  private final Conn c;

  StreamFrames(Conn c) {
    this.c = c;
  }

  /** The stream of a frame, opened if need be; null with {@link #error} 0 for one that is over. */
  private @org.jspecify.annotations.Nullable Stream admit(long id, boolean forRecv) {
    Stream s = c.streams.get(id);
    if (s != null && (forRecv ? s.canRecv() : s.canSend())) {
      error = 0;
      return s;
    }
    boolean before = c.streams.wasOpened(id);
    error = c.streams.admit(id, forRecv);
    s = error == 0 ? c.streams.get(id) : null;
    if (s != null && !before) {
      c.sock.onPeerOpened(s);
    }
    return s;
  }

  private int error;

  int stream(long now, Frame f, byte[] buf) {
    Stream s = admit(f.id, true);
    if (s == null) {
      return error;
    }
    long end = f.offset + f.dataLen;
    int bad = s.checkEnd(end, f.fin);
    if (bad != 0) {
      return bad;
    }
    long grown = Math.max(0, end - s.received());
    boolean discards = s.recvState() >= QuicUapi.QUIC_STREAM_RECV_STATE_RECVD;
    if (!discards) {
      if (!c.flow.onReceived(grown)) {
        return FLOW_CONTROL;
      }
      int before = s.pieces();
      take(s, f, buf);
      c.migration.silence().onData(now);
      boolean fits = c.memory.pieces(s.pieces() - before);
      return fits && s.pieces() <= Limits.REASSEMBLY_PIECES
          ? 0
          : QuicUapi.QUIC_TRANSPORT_ERROR_INTERNAL;
    }
    return 0;
  }

  private void take(Stream s, Frame f, byte[] buf) {
    int before = s.recvState();
    if (s.announce()) {
      c.sock.notes().streamUpdate(s.id(), QuicUapi.QUIC_STREAM_RECV_STATE_RECV, 0, 0);
    }
    s.receive(f.offset, buf, f.dataOff, f.dataLen, f.fin);
    int after = s.recvState();
    if (after != before) {
      c.sock.notes().streamUpdate(s.id(), after, 0, s.finalSize());
    }
    if (s.readPending()) {
      c.flow.reading.add(s);
      c.sock.readable();
    }
  }

  int reset(long now, Frame f) {
    Stream s = admit(f.id, true);
    if (s == null) {
      return error;
    }
    int bad = s.checkEnd(f.size, true);
    if (bad != 0) {
      return bad;
    }
    long grown = Math.max(0, f.size - s.received());
    long unread = s.readable();
    long readOffset = s.received() == 0 ? 0 : s.in().readOffset();
    if (s.recvState() >= QuicUapi.QUIC_STREAM_RECV_STATE_RECVD) {
      // RFC 9000 section 3.2: all data is here; the reset may be ignored.
      return 0;
    }
    if (!c.flow.onReceived(grown)) {
      return FLOW_CONTROL;
    }
    int pieces = s.pieces();
    if (s.receiveReset(f.error, f.size)) {
      c.memory.pieces(-pieces);
      // What will never be read counts as consumed.
      c.flow.onConsumed(f.size - readOffset);
      c.flow.reading.remove(s);
      c.sock.notes().streamUpdate(s.id(), s.recvState(), f.error, f.size);
      if (unread > 0) {
        c.sock.readable();
      }
      c.flow.reclaim(s);
    }
    return 0;
  }

  int stopSending(Frame f) {
    Stream s = admit(f.id, false);
    if (s == null) {
      return error;
    }
    // RFC 9000 section 3.5: answer with RESET_STREAM and the same code.
    if (s.reset(f.error)) {
      s.onStopped();
      c.sock.streams().onStopped(s.id());
      c.flow.onReset(s);
      c.flow.control.add(s);
      c.sock.notes().streamUpdate(s.id(), s.sendState(), f.error, s.sentFinal());
      c.sock.unblocked();
    }
    return 0;
  }

  int maxStreamData(Frame f) {
    Stream s = admit(f.id, false);
    if (s == null) {
      return error;
    }
    if (s.raiseMaxSend(f.offset)) {
      c.flow.onLimitRaised();
      c.sock.notes().maxData(s.id(), f.offset);
      c.sock.unblocked();
    }
    return 0;
  }

  int dataBlocked(Frame f) {
    Stream s = admit(f.id, true);
    if (s != null && s.maxRecv() > f.offset) {
      // The peer has not seen the present limit.
      c.flow.owe(s, Stream.OWES_MAX_DATA);
    }
    return error;
  }

  int maxStreams(Frame f) {
    if (f.id > StreamId.MAX_COUNT) {
      // RFC 9000 section 19.11.
      return QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
    }
    boolean uni = f.type == FrameType.MAX_STREAMS_UNI;
    if (c.streams.raise(uni, f.id)) {
      c.flow.onLimitRaised();
      c.sock.notes().maxStreams(StreamId.of(f.id, StreamId.type(c.server, uni)));
      c.sock.unblocked();
    }
    return 0;
  }

  int streamsBlocked(Frame f) {
    boolean uni = f.type == FrameType.STREAMS_BLOCKED_UNI;
    if (f.id > StreamId.MAX_COUNT) {
      return QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
    }
    if (c.streams.canAdvertise(uni) || c.streams.advertised(uni) > f.id) {
      c.flow.owed |= uni ? Flow.OWES_STREAMS_UNI : Flow.OWES_STREAMS_BIDI;
    }
    return 0;
  }
}
