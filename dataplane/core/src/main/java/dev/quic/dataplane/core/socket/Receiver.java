package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Drop;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.inqueue.Backlog;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.path.Path;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * Takes datagrams apart: coalesced packets, protection, duplicates; frames go to {@link Frames}.
 */
final class Receiver {
  private final Conn c;
  private final PacketHeader header = new PacketHeader();
  private boolean anyProcessed;

  /** Length of the next packet's number if its header is bare already, else 0. */
  private int bare;

  Receiver(Conn c) {
    this.c = c;
  }

  /** Whether any packet of this connection was ever authenticated. */
  boolean anyProcessed() {
    return anyProcessed;
  }

  /**
   * Processes 1-RTT packets that came by one path; bytes are decrypted in place.
   *
   * @return false, with nothing done, without keys or a path that is known
   */
  boolean onRun(long now, RxRun run) {
    PacketProtection rx = c.spaces[Conn.APP].rx;
    SockAddr local = run.local;
    SockAddr remote = run.remote;
    Path path = local == null || remote == null ? null : c.paths.find(local, remote);
    if (rx == null || path == null || !c.closer.live() || !c.life.complete()) {
      return false;
    }
    rx.unprotectRun(run.buf, run.start, run.pnOff, run.end, run.pnLen, run.from, run.to - run.from);
    for (int i = run.from; i < run.to; i++) {
      int off = run.start[i];
      int len = run.end[i] - off;
      bare = run.pnLen[i];
      if (!c.closer.live()) {
        onLateDatagram(now, run.buf, off, len);
        continue;
      }
      path.onReceived(len);
      header.oneRtt(run.buf, off, run.end[i]);
      if (!oneRtt(now, run.buf, run.ecn[i], path, rx)) {
        checkReset(now, run.buf, off, len);
      }
    }
    // The last may have been refused unopened.
    bare = 0;
    return true;
  }

  private boolean oneRtt(long now, byte[] buf, int ecn, Path path, PacketProtection rx) {
    if (c.bits.acceptsFixedBit(header.fixedBit)) {
      return process(now, rx, buf, Conn.APP, ecn, path);
    }
    drop(now, Drop.HEADER, header.end - header.start);
    return false;
  }

  /** Processes one datagram; bytes are decrypted in place. */
  void onDatagram(
      long now, byte[] buf, int off, int len, int ecn, SockAddr local, SockAddr remote, int port) {
    if (!c.closer.live()) {
      onLateDatagram(now, buf, off, len);
      return;
    }
    Path path = c.migration.pathOf(local, remote, port);
    if (path == null) {
      drop(now, Drop.LIMIT, len);
      return;
    }
    path.onReceived(len);
    int limit = off + len;
    int at = off;
    boolean first = true;
    ConnId dcid = ConnId.EMPTY;
    while (at < limit && c.closer.live()) {
      if (header.parse(buf, at, limit) == Kind.INVALID) {
        c.net.count(Mib.PKT_INV_HDR_DROP, 1);
        drop(now, Drop.HEADER, limit - at);
        checkReset(now, buf, off, len);
        return;
      }
      if (header.kind != Kind.SHORT || !first) {
        // RFC 9000 section 12.2: packets for another id are not ours to process.
        if (first) {
          dcid = header.dcid(buf);
        } else if (!dcid.matches(buf, header.dcidOff, header.dcidLen)) {
          drop(now, Drop.HEADER, limit - at);
          return;
        }
      }
      first = false;
      at = header.end;
      if (c.server && header.kind == Kind.INITIAL && len < Limits.MIN_INITIAL_DATAGRAM) {
        // RFC 9000 section 14.1, whatever comes behind it.
        drop(now, Drop.HEADER, at - header.start);
      } else if (!packet(now, buf, ecn, path)) {
        checkReset(now, buf, off, len);
      }
    }
  }

  private void onLateDatagram(long now, byte[] buf, int off, int len) {
    if (!c.closer.closing()) {
      return;
    }
    // While closing only a CONNECTION_CLOSE matters: it ends in draining.
    int limit = off + len;
    int at = off;
    while (at < limit && header.parse(buf, at, limit) != Kind.INVALID) {
      at = header.end;
      int level = header.level();
      PacketProtection rx = c.keys.rx(level);
      boolean numbered = header.kind != Kind.RETRY && header.kind != Kind.VERSION_NEGOTIATION;
      if (rx != null && numbered && header.kind != Kind.UNKNOWN_VERSION) {
        int n = open(now, rx, buf, level);
        if (n >= 0) {
          c.frames.closeOnly(now, level, buf, bodyOff, n);
        }
      }
    }
    c.closer.onDatagram();
  }

  private void drop(long now, int reason, int bytes) {
    c.sink.packetDropped(now, c.cookie, reason, bytes);
  }

  /** RFC 9000 section 10.3.1: what cannot be processed may be a stateless reset. */
  private void checkReset(long now, byte[] buf, int off, int len) {
    if (len >= Limits.OWN_CONN_ID_BYTES + 13 && isReset(buf, off, len)) {
      c.closer.onReset(now);
    }
  }

  boolean isReset(byte[] buf, int off, int len) {
    return c.dcids.isResetToken(buf, off + len - 16);
  }

  /** Processes the packet {@link #header} describes; false when it was dropped. */
  private boolean packet(long now, byte[] buf, int ecn, Path path) {
    boolean versioned =
        header.kind != Kind.VERSION_NEGOTIATION && header.kind != Kind.UNKNOWN_VERSION;
    if (versioned && !c.bits.acceptsFixedBit(header.fixedBit)) {
      drop(now, Drop.HEADER, header.end - header.start);
      return false;
    }
    switch (header.kind) {
      case VERSION_NEGOTIATION -> c.versions.onNegotiation(now, buf, header);
      case RETRY -> onRetry(now, buf);
      case UNKNOWN_VERSION -> {
        drop(now, Drop.VERSION, header.end - header.start);
        return false;
      }
      default -> {
        return protectedPacket(now, buf, ecn, path);
      }
    }
    return true;
  }

  private boolean protectedPacket(long now, byte[] buf, int ecn, Path path) {
    int level = header.level();
    int bytes = header.end - header.start;
    boolean isLong = header.kind != Kind.SHORT;
    if (isLong && !c.versions.takes(header.version, level)) {
      drop(now, Drop.VERSION, bytes);
      return false;
    }
    PacketProtection rx = isLong ? c.versions.rx(header.version, level) : c.keys.rx(level);
    boolean early = level == Conn.APP && !c.life.complete();
    if (level == Conn.EARLY) {
      c.early.onPacket();
    }
    if (rx == null || early) {
      // RFC 9001 section 5.7: no 1-RTT packet is processed before the handshake is complete.
      boolean kept =
          (c.keys.mayCome(level) || early)
              && c.backlog.add(buf, header.start, header.end, level, ecn, path, now);
      if (kept) {
        c.net.count(Mib.PKT_RCV_BACKLOGS, 1);
      } else {
        c.net.count(Mib.PKT_RCV_DROP, 1);
        drop(now, Drop.NO_KEY, bytes);
      }
      return kept;
    }
    return process(now, rx, buf, level, ecn, path);
  }

  private int bodyOff;
  private long packetPn;

  private int open(long now, PacketProtection rx, byte[] buf, int level) {
    int pnOff = header.pnOff;
    int end = header.end;
    int pnLen = bare == 0 ? rx.unprotect(buf, header.start, pnOff, end) : bare;
    bare = 0;
    if (pnLen == 0) {
      return -1;
    }
    Space s = c.space(level);
    long pn = PacketProtection.decodePn(buf, pnOff, pnLen, s.pn.largest());
    packetPn = pn;
    bodyOff = pnOff + pnLen;
    if (level == Conn.APP) {
      return c.keys.openApp(now, buf, header.start, pnOff, pnLen, end, pn);
    }
    return rx.open(buf, header.start, pnOff, pnLen, end, pn);
  }

  private boolean process(
      long now, PacketProtection rx, byte[] buf, int level, int ecn, Path path) {
    int start = header.start;
    int bytes = header.end - start;
    boolean isLong = header.kind != Kind.SHORT;
    Space s = c.space(level);
    int n = open(now, rx, buf, level);
    if (n < 0) {
      c.net.count(Mib.PKT_DEC_DROP, 1);
      drop(now, Drop.DECRYPT, bytes);
      if (c.keys.wornOut()) {
        c.fail(now, QuicUapi.QUIC_TRANSPORT_ERROR_AEAD_LIMIT, 0, "forged packets");
      }
      return false;
    }
    long pn = packetPn;
    if ((buf[start] & (isLong ? 0x0c : 0x18)) != 0) {
      // RFC 9000 sections 17.2 and 17.3.1: reserved bits, checked once authenticated.
      c.fail(now, QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION, 0, "reserved bits");
      return false;
    }
    if (s.pn.isDuplicate(pn)) {
      c.net.count(Mib.PKT_INV_NUM_DROP, 1);
      drop(now, Drop.DUPLICATE, bytes);
      return true;
    }
    if (isLong && !onLongHeader(now, buf, level, path)) {
      return true;
    }
    anyProcessed = true;
    if (!isLong) {
      path.arrivedBy(ConnId.key(buf, header.dcidOff));
    }
    c.net.count(isLong ? Mib.PKT_RCV_BACKLOGS : Mib.PKT_RCV_FASTPATHS, isLong ? 0 : 1);
    c.details.frames(now, false, level, pn, buf, bodyOff, n);
    c.sink.packetReceived(now, c.cookie, level, pn, bytes);
    boolean inOrder = pn == s.pn.largest() + 1;
    boolean newest = pn > s.pn.largest();
    s.pn.receive(pn, now);
    s.pn.countEcn(ecn);
    c.life.onReceived(now);
    if (level == Conn.APP) {
      c.early.onOneRtt(now);
      if (newest) {
        c.bits.onNewest(buf[start], path);
      }
    }
    c.frames.process(now, level, buf, bodyOff, n, path, inOrder, newest, ecn);
    return true;
  }

  /** What the first authenticated packets of a level bring about. */
  private boolean onLongHeader(long now, byte[] buf, int level, Path path) {
    if (c.peerScid == null) {
      ConnId scid = header.scid(buf);
      c.peerScid = scid;
      c.dcids.replaceFirst(scid);
    } else if (!c.peerScid.matches(buf, header.scidOff, header.scidLen)) {
      // RFC 9000 section 7.2: a different source id is discarded.
      drop(now, Drop.HEADER, header.end - header.start);
      return false;
    }
    c.versions.onAuthenticated(now, header.version);
    if (level == Conn.INITIAL && c.server && header.tokenLen == 0) {
      return true;
    }
    if (level == Conn.INITIAL && !c.server && header.tokenLen != 0) {
      // RFC 9000 section 17.2.2: servers send no token.
      c.fail(now, QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION, 0, "token of a server");
      return false;
    }
    if (level == Conn.HANDSHAKE && c.server) {
      // RFC 9000 section 8.1 and RFC 9001 section 4.9.1.
      c.migration.onHandshakePacket(path);
      c.keys.discard(now, Conn.INITIAL);
    }
    return true;
  }

  private void onRetry(long now, byte[] buf) {
    // RFC 9000 section 17.2.5.2: at most one, before any other packet, with another source id.
    int tokenLen = header.end - header.pnOff - RetryTag.LENGTH;
    if (c.server || anyProcessed || c.retryScid != null || tokenLen <= 0) {
      return;
    }
    if (!c.scids.current().matches(buf, header.dcidOff, header.dcidLen)
        || c.originalDcid.matches(buf, header.scidOff, header.scidLen)
        || header.version != c.wire) {
      return;
    }
    int len = header.end - header.start;
    if (!RetryTag.verify(c.version, c.originalDcid.toBytes(), buf, header.start, len)) {
      drop(now, Drop.DECRYPT, len);
      return;
    }
    if (tokenLen > Limits.FOREIGN_TOKEN_BYTES) {
      drop(now, Drop.LIMIT, len);
      return;
    }
    byte[] token = java.util.Arrays.copyOfRange(buf, header.pnOff, header.pnOff + tokenLen);
    c.life.onRetry(header.scid(buf), token);
    c.net.touch(c.sock);
  }

  /** A key arrived: processes what waited for it. */
  void replay(long now, int level) {
    @Nullable PacketProtection rx = c.keys.rx(level);
    boolean tooEarly = level == Conn.APP && !c.life.complete();
    Backlog.Packet p;
    while (rx != null && !tooEarly && c.closer.live() && (p = c.backlog.poll(level)) != null) {
      header.parse(p.bytes(), 0, p.bytes().length);
      if (level == Conn.HANDSHAKE && header.version != c.wire) {
        // Kept before it was known in which version the handshake goes on.
        drop(now, Drop.VERSION, p.bytes().length);
        continue;
      }
      process(now, rx, p.bytes(), level, p.ecn(), p.path());
      rx = c.keys.rx(level);
    }
  }
}
