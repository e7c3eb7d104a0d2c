package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.outqueue.FrameFate;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.stream.RecvBuffer;
import dev.quic.uapi.QuicUapi;

/** The frame table at work: legality, then what each received frame does. */
final class Frames {
  private static final int PROTOCOL_VIOLATION = QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;

  private final Conn c;
  private final Reader reader = new Reader();
  private final Frame f = new Frame();
  private final StreamFrames streams;
  private final Fate fate;
  private final EarlyRepeats repeats;
  final BareProbes bareProbes;

  Frames(Conn c) {
    this.c = c;
    streams = new StreamFrames(c);
    fate = new Fate(c);
    repeats = new EarlyRepeats(c);
    bareProbes = new BareProbes(c);
  }

  /** Told what became of our own frames. */
  FrameFate fate() {
    return fate;
  }

  /**
   * Processes the frames of one authenticated packet.
   *
   * @param inOrder whether its number followed the largest before
   * @param newest whether its number is the largest so far
   */
  void process(
      long now,
      int level,
      byte[] buf,
      int off,
      int len,
      Path path,
      boolean inOrder,
      boolean newest,
      int ecn) {
    reader.wrap(buf, off, len);
    if (len == 0) {
      // RFC 9000 section 12.4.
      c.fail(now, PROTOCOL_VIOLATION, 0, "packet without frames");
      return;
    }
    boolean eliciting = false;
    boolean probing = true;
    boolean crypto = false;
    while (reader.remaining() > 0) {
      int error = f.parse(reader);
      if (error == 0 && !legal(level)) {
        error = PROTOCOL_VIOLATION;
      }
      if (error == 0) {
        error = one(now, level, buf, path);
      }
      if (error != 0) {
        c.net.count(Mib.PKT_INV_FRM_DROP, 1);
        c.fail(now, error, f.type, "frame 0x" + Integer.toHexString(f.type));
        return;
      }
      eliciting |= FrameType.isAckEliciting(f.type);
      probing &= FrameType.isProbing(f.type);
      crypto |= f.type == FrameType.CRYPTO;
      if (!c.closer.live()) {
        return;
      }
    }
    if (eliciting && level == Conn.INITIAL) {
      repeats.onInitial(now);
    }
    if (eliciting && !c.space(level).discarded) {
      // RFC 9000 section 13.2.1: at once for handshake levels, gaps, reordering and CE.
      boolean handshake = level == Conn.INITIAL || level == Conn.HANDSHAKE;
      boolean atOnce = handshake || !inOrder || ecn == 3;
      c.space(level).onEliciting(now, c.local.maxAckDelay, atOnce);
      if (handshake) {
        bareProbes.onEliciting(level, crypto);
      }
    }
    if (newest && !probing) {
      c.migration.onNonProbing(now, path);
    }
  }

  /** RFC 9000 table 3 and who may send what. */
  private boolean legal(int level) {
    return FrameType.isAllowed(f.type, level) && !(c.server && FrameType.isServerOnly(f.type));
  }

  /** Looks for CONNECTION_CLOSE only, while closing. */
  void closeOnly(long now, int level, byte[] buf, int off, int len) {
    reader.wrap(buf, off, len);
    while (reader.remaining() > 0 && f.parse(reader) == 0) {
      if ((f.type == FrameType.CONNECTION_CLOSE || f.type == FrameType.CONNECTION_CLOSE_APP)
          && legal(level)) {
        close(now, buf);
        return;
      }
    }
  }

  private int one(long now, int level, byte[] buf, Path path) {
    if (f.type >= FrameType.STREAM && f.type <= FrameType.STREAM_LAST) {
      return streams.stream(now, f, buf);
    }
    return switch (f.type) {
      case FrameType.ACK, FrameType.ACK_ECN -> ack(now, level);
      case FrameType.CRYPTO -> crypto(now, level, buf);
      case FrameType.RESET_STREAM -> streams.reset(now, f);
      case FrameType.STOP_SENDING -> streams.stopSending(f);
      case FrameType.MAX_STREAM_DATA -> streams.maxStreamData(f);
      case FrameType.STREAM_DATA_BLOCKED -> streams.dataBlocked(f);
      case FrameType.MAX_DATA -> {
        if (c.flow.raisePeerMax(f.id)) {
          c.sock.unblocked();
        }
        yield 0;
      }
      case FrameType.MAX_STREAMS_BIDI, FrameType.MAX_STREAMS_UNI -> streams.maxStreams(f);
      case FrameType.STREAMS_BLOCKED_BIDI, FrameType.STREAMS_BLOCKED_UNI ->
          streams.streamsBlocked(f);
      case FrameType.NEW_CONNECTION_ID -> newConnectionId(buf);
      case FrameType.RETIRE_CONNECTION_ID -> retire(path);
      case FrameType.PATH_CHALLENGE -> {
        c.migration.onChallenge(now, path, f.id);
        yield 0;
      }
      case FrameType.PATH_RESPONSE -> {
        c.migration.onResponse(now, f.id);
        yield 0;
      }
      case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APP -> {
        close(now, buf);
        yield 0;
      }
      case FrameType.HANDSHAKE_DONE -> {
        c.life.confirm(now);
        yield 0;
      }
      case FrameType.NEW_TOKEN -> newToken(buf);
      case FrameType.DATAGRAM, FrameType.DATAGRAM_LEN -> c.sock.datagrams().receive(f, buf);
      // PADDING, PING, DATA_BLOCKED: nothing to do.
      default -> 0;
    };
  }

  private int ack(long now, int level) {
    long delay = f.offset << c.life.ackDelayExponent(level);
    boolean overflow = f.offset > Long.MAX_VALUE >> 32;
    long ns = overflow || delay > Long.MAX_VALUE / 1_000 ? Long.MAX_VALUE : delay * 1_000;
    int error = level == Conn.APP ? c.skips.onAck(f) : 0;
    error = error != 0 ? error : c.recovery.onAck(level, f, ns, now);
    if (error != 0) {
      return error;
    }
    c.space(level).pn.onAcked(f.id);
    if (level == Conn.APP) {
      c.keys.onAcked(f.id);
      if (!c.server && !c.life.confirmed() && c.keys.oneRttAcked()) {
        // RFC 9001 section 4.1.2: as good as a HANDSHAKE_DONE, which may be lost. Without either a
        // client behind a translator probes with Handshake packets that its server has no keys for,
        // and so never learns its new address by.
        c.life.confirm(now);
      }
    } else if (level == Conn.HANDSHAKE && !c.server) {
      // RFC 9002 section 6.2.2.1: the server has validated our address.
      c.pto.peerValidated();
    }
    c.sock.moved();
    return 0;
  }

  private int crypto(long now, int level, byte[] buf) {
    RecvBuffer in = c.spaces[level].cryptoIn;
    if (f.offset + f.dataLen - in.readOffset() > Limits.CRYPTO_BUFFER_BYTES
        || in.pieces() >= Limits.REASSEMBLY_PIECES) {
      // RFC 9000 section 7.5.
      return QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO_BUF_EXCEEDED;
    }
    if (outdated(level) && f.offset + f.dataLen > in.highest()) {
      // RFC 9001 section 4.1.3: TLS has gone on to another level; nothing new comes at this one.
      return PROTOCOL_VIOLATION;
    }
    long before = in.readable();
    in.insert(f.offset, buf, f.dataOff, f.dataLen);
    c.versions.onCrypto();
    c.sink.cryptoReceived(now, c.cookie, level, f.offset, f.dataLen);
    if (in.readable() > before) {
      return level == Conn.APP ? c.sock.tickets().onCrypto(in) : c.sock.handshakeReadable();
    }
    return 0;
  }

  private boolean outdated(int level) {
    return level == Conn.INITIAL && c.keys.rx(Conn.HANDSHAKE) != null
        || level == Conn.HANDSHAKE && c.life.complete();
  }

  private int newConnectionId(byte[] buf) {
    ConnId id = ConnId.of(buf, f.dataOff, f.dataLen);
    int error = c.dcids.add(f.id, f.offset, id, buf, f.tokenOff);
    c.migration.onIdsChanged();
    c.sock.notes().connectionId(true);
    return error;
  }

  private int retire(Path path) {
    int error = c.scids.onRetire(f.id, Migration.idOf(path), c.net::unroute);
    if (error == 0) {
      c.sock.notes().connectionId(false);
      c.life.issueIds();
    }
    return error;
  }

  private void close(long now, byte[] buf) {
    int n = Math.min(f.dataLen, Limits.CLOSE_PHRASE_BYTES);
    byte[] phrase = java.util.Arrays.copyOfRange(buf, f.dataOff, f.dataOff + n);
    boolean app = f.type == FrameType.CONNECTION_CLOSE_APP;
    c.closer.onPeerClose(now, app, f.error, f.offset, phrase);
  }

  private int newToken(byte[] buf) {
    if (f.dataLen == 0) {
      // RFC 9000 section 19.7.
      return QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
    }
    if (f.dataLen <= Limits.FOREIGN_TOKEN_BYTES) {
      c.sock.onNewToken(java.util.Arrays.copyOfRange(buf, f.dataOff, f.dataOff + f.dataLen));
    }
    return 0;
  }
}
