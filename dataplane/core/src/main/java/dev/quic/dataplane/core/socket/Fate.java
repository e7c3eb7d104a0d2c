package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.outqueue.FrameFate;
import dev.quic.dataplane.core.outqueue.SentPackets;
import dev.quic.dataplane.core.stream.Stream;
import dev.quic.uapi.QuicUapi;

/** What the acknowledgement or loss of our frames means (RFC 9000 section 13.3). */
final class Fate implements FrameFate {
  private final Conn c;

  Fate(Conn c) {
    this.c = c;
  }

  @Override
  public void acked(int level, int kind, long id, long offset, int len, boolean fin) {
    switch (kind) {
      case SentPackets.STREAM -> streamAcked(id, offset, len, fin);
      case SentPackets.CRYPTO -> c.spaces[level].cryptoOut.onAcked(offset, len);
      case SentPackets.ACK -> c.spaces[level].pn.onAckAcked(id);
      case SentPackets.RESET_STREAM -> {
        Stream s = c.streams.get(id);
        if (s != null) {
          s.onResetAcked();
          c.sock.notes().streamUpdate(id, s.sendState(), s.sendError(), s.sentFinal());
          c.flow.reclaim(s);
        }
      }
      case SentPackets.STOP_SENDING -> {
        Stream s = c.streams.get(id);
        if (s != null) {
          s.onStopAcked();
        }
      }
      case SentPackets.RETIRE_CONNECTION_ID -> c.dcids.onRetireAcked(id);
      case SentPackets.NEW_TOKEN -> c.tokenUnacked = false;
      default -> {}
    }
  }

  private void streamAcked(long id, long offset, int len, boolean fin) {
    Stream s = c.streams.get(id);
    if (s == null) {
      return;
    }
    int before = s.sendState();
    c.flow.onFreed(s.onAcked(offset, len, fin));
    if (s.sendState() != before) {
      c.sock.notes().streamUpdate(id, s.sendState(), 0, s.written());
      c.flow.reclaim(s);
    }
  }

  @Override
  public void lost(int level, int kind, long id, long offset, int len, boolean fin) {
    switch (kind) {
      case SentPackets.STREAM -> {
        Stream s = c.streams.get(id);
        if (s != null) {
          c.net.count(Mib.FRM_RETRANS, 1);
          s.onLost(offset, len, fin);
          c.flow.enqueue(s);
        }
      }
      case SentPackets.CRYPTO -> {
        c.net.count(Mib.FRM_RETRANS, 1);
        c.spaces[level].cryptoOut.onLost(offset, len);
      }
      case SentPackets.MAX_DATA -> c.flow.owed |= Flow.OWES_MAX_DATA;
      case SentPackets.MAX_STREAMS ->
          c.flow.owed |= id == 0 ? Flow.OWES_STREAMS_BIDI : Flow.OWES_STREAMS_UNI;
      case SentPackets.STREAMS_BLOCKED, SentPackets.DATA_BLOCKED, SentPackets.PING -> {}
      case SentPackets.MAX_STREAM_DATA, SentPackets.RESET_STREAM, SentPackets.STOP_SENDING ->
          streamControlLost(kind, id);
      // Once, however many copies were lost: they would push out ids that were never sent.
      case SentPackets.NEW_CONNECTION_ID -> c.newIds.addOnce(id);
      case SentPackets.RETIRE_CONNECTION_ID -> c.dcids.onRetireLost(id);
      case SentPackets.HANDSHAKE_DONE -> c.flow.owed |= Flow.OWES_DONE;
      case SentPackets.NEW_TOKEN -> c.flow.owed |= Flow.OWES_TOKEN;
      default -> {}
    }
  }

  private void streamControlLost(int kind, long id) {
    Stream s = c.streams.get(id);
    if (s == null) {
      return;
    }
    boolean receiving = s.recvState() == QuicUapi.QUIC_STREAM_RECV_STATE_RECV;
    if (kind == SentPackets.MAX_STREAM_DATA && receiving) {
      c.flow.owe(s, Stream.OWES_MAX_DATA);
    } else if (kind == SentPackets.RESET_STREAM
        && s.sendState() == QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT) {
      c.flow.owe(s, Stream.OWES_RESET);
    } else if (kind == SentPackets.STOP_SENDING
        && s.recvState() <= QuicUapi.QUIC_STREAM_RECV_STATE_SIZE_KNOWN) {
      c.flow.owe(s, Stream.OWES_STOP);
    }
  }
}
