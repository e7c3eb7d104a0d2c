package dev.quic.sim;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Sim;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads every packet of a connection as its sender made it, with the keys of the fake TLS, and
 * checks what RFC 9000, 9001 and 9002 forbid a sender. Knows what either side received, too. Counts
 * what was checked, so that a rule nobody could break is not taken for kept.
 */
final class WireRules {
  private static final int MIN_INITIAL = 1_200;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int EARLY = QuicUapi.QUIC_CRYPTO_EARLY;
  private static final int CONN_ID_LIMIT = 7;
  private static final int STATELESS_RESET = 64;

  /** max_ack_delay and a timer's grain. */
  private static final long ACK_DELAY = 26 * Sim.MILLIS;

  private final Map<Integer, PacketProtection> keys = new HashMap<>();
  private final PacketHeader header = new PacketHeader();
  private final Frame f = new Frame();
  private final Reader reader = new Reader();
  private final QuicCipher cipher;
  private ConnId original = ConnId.EMPTY;

  final WireSide client = new WireSide(false);
  final WireSide server = new WireSide(true);

  /** How often each rule was checked. */
  final Map<String, Long> checks = new TreeMap<>();

  /** The first breach of each rule. */
  final Map<String, String> breaches = new TreeMap<>();

  WireRules(QuicCipher cipher) {
    this.cipher = cipher;
  }

  private void rule(String name, boolean kept, String what) {
    checks.merge(name, 1L, Long::sum);
    if (!kept) {
      breaches.putIfAbsent(name, what);
    }
  }

  private PacketProtection key(WireSide by, int level) {
    return keys.computeIfAbsent(
        level * 2 + (by.server ? 1 : 0), k -> by.key(level, cipher, original));
  }

  private WireSide other(WireSide s) {
    return s == client ? server : client;
  }

  private static int space(int level) {
    return level == EARLY ? APP : level;
  }

  /** Unprotects the packet in {@link #header}; the payload's end, -1 when it does not open. */
  private int open(WireSide by, byte[] buf, long largest) {
    PacketProtection k = key(by, header.level());
    int pnLen = k.unprotect(buf, header.start, header.pnOff, header.end);
    if (pnLen == 0) {
      return -1;
    }
    number = PacketProtection.decodePn(buf, header.pnOff, pnLen, largest);
    numberLength = pnLen;
    int n = k.open(buf, header.start, header.pnOff, pnLen, header.end, number);
    body = header.pnOff + pnLen;
    return n < 0 ? -1 : body + n;
  }

  private long number;
  private int numberLength;
  private int body;

  // --- what arrives

  /** A datagram reached a side, perhaps damaged. */
  void arrived(boolean atServer, Datagram d, long now) {
    WireSide at = atServer ? server : client;
    at.bytesReceived += d.length();
    byte[] buf = d.bytes.clone();
    int off = 0;
    while (off < buf.length) {
      Kind kind = header.parse(buf, off, buf.length);
      if (kind == Kind.INVALID || kind == Kind.UNKNOWN_VERSION || kind == Kind.RETRY) {
        return;
      }
      if (kind == Kind.VERSION_NEGOTIATION) {
        return;
      }
      off = header.end;
      int level = header.level();
      int end = open(other(at), buf, at.receivedPn[space(level)]);
      if (end >= 0) {
        learn(at, level, buf, end, now);
      }
    }
  }

  private void learn(WireSide at, int level, byte[] buf, int end, long now) {
    int s = space(level);
    boolean fresh = !at.received[s].get((int) number);
    at.received[s].set((int) number);
    at.arrived.putIfAbsent(number << 2 | s, now);
    at.receivedPn[s] = Math.max(at.receivedPn[s], number);
    at.peerHandshakeSeen |= level == HANDSHAKE;
    boolean eliciting = false;
    reader.wrap(buf, body, end - body);
    while (reader.remaining() > 0 && f.parse(reader) == 0) {
      eliciting |= FrameType.isAckEliciting(f.type);
      switch (f.type) {
        case FrameType.ACK, FrameType.ACK_ECN -> at.ackedPn[s] = Math.max(at.ackedPn[s], f.id);
        case FrameType.MAX_DATA -> at.maxData = Math.max(at.maxData, f.id);
        case FrameType.MAX_STREAMS_BIDI -> at.maxBidi = Math.max(at.maxBidi, f.id);
        case FrameType.MAX_STREAM_DATA -> at.maxStream.merge(f.id, f.offset, Math::max);
        case FrameType.NEW_CONNECTION_ID -> at.ids.add(ConnId.of(buf, f.dataOff, f.dataLen));
        case FrameType.RETIRE_CONNECTION_ID -> at.retired.add(f.id);
        case FrameType.HANDSHAKE_DONE -> at.receivedDone = true;
        case FrameType.CRYPTO -> at.peerFinishedSeen |= level == HANDSHAKE;
        case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APP -> at.receivedClose = true;
        default -> {}
      }
    }
    if (fresh && eliciting) {
      at.elicitingReceived[s]++;
      if (s == APP && at.acksOneRtt) {
        at.unacked.put(number, now);
      }
    }
    if (at.ids.isEmpty() && level != APP) {
      at.ids.add(header.scid(buf));
    }
  }

  // --- what is sent

  /** A side sent a datagram. */
  void sent(boolean byServer, Datagram d, long now) {
    WireSide by = byServer ? server : client;
    byte[] buf = d.bytes.clone();
    int off = 0;
    boolean initial = false;
    boolean elicitingInitial = false;
    ConnId first = ConnId.EMPTY;
    if (byServer && d.bytes[0] >= 0 && d.length() <= STATELESS_RESET && !opens(by, buf.clone())) {
      // The listener's answer to what damage, or delay, made a packet of nobody.
      return;
    }
    if (header.parse(buf, 0, buf.length) != Kind.VERSION_NEGOTIATION) {
      rule("nothing after the end", !by.receivedClose, "a datagram while draining");
    }
    while (off < buf.length) {
      Kind kind = header.parse(buf, off, buf.length);
      rule("whole packets", kind != Kind.INVALID, "bytes that are no packet");
      if (kind == Kind.INVALID || kind == Kind.VERSION_NEGOTIATION) {
        return;
      }
      if (original.isEmpty()) {
        original = header.dcid(buf);
        rule("first destination id", original.length() >= 8, "of " + original.length());
      }
      ConnId dcid = header.dcid(buf);
      rule("one id a datagram", off == 0 || dcid.equals(first), "coalesced for two ids");
      first = dcid;
      off = header.end;
      boolean eliciting = packet(by, kind, buf, now);
      initial |= kind == Kind.INITIAL;
      elicitingInitial |= kind == Kind.INITIAL && eliciting;
    }
    if (initial && !byServer || elicitingInitial) {
      rule("size of Initial datagrams", d.length() >= MIN_INITIAL, d.length() + " bytes");
    }
    by.bytesSent += d.length();
    if (byServer && !by.peerHandshakeSeen) {
      rule("three times", by.bytesSent <= 3 * by.bytesReceived, by.bytesSent + " bytes");
    }
    ackTimes(by, now);
  }

  private boolean opens(WireSide by, byte[] buf) {
    header.parse(buf, 0, buf.length);
    return open(by, buf, by.sentPn[APP]) >= 0;
  }

  private void ackTimes(WireSide by, long now) {
    Map.Entry<Long, Long> e = by.unacked.isEmpty() ? null : by.unacked.firstEntry();
    if (e != null && !by.sentClose && !by.receivedClose) {
      rule("acknowledged in time", now - e.getValue() <= ACK_DELAY, "packet " + e.getKey());
    }
  }

  private boolean packet(WireSide by, Kind kind, byte[] buf, long now) {
    int level = header.level();
    int s = space(level);
    ids(by, kind, buf);
    levels(by, kind);
    boolean tokenless = !by.server || kind != Kind.INITIAL || header.tokenLen == 0;
    rule("no token of a server", tokenless, "an Initial with a token");
    rule("fixed bit", header.fixedBit, "not set");
    int end = open(by, buf, by.sentPn[s]);
    rule("keys of the level", end >= 0, "packet of level " + level + " at " + now);
    if (end < 0) {
      return false;
    }
    int reserved = kind == Kind.SHORT ? 0x18 : 0x0c;
    rule("reserved bits", (buf[header.start] & reserved) == 0, "set");
    rule("numbers increase", number > by.sentPn[s], number + " after " + by.sentPn[s]);
    by.sentPn[s] = number;
    long range = 1L << 8 * numberLength;
    long distance = number - by.ackedPn[s];
    rule("length of numbers", range > 2 * distance || numberLength == 4, "for " + distance);
    rule("at least one frame", end > body, "none");
    by.sentHandshake |= kind == Kind.HANDSHAKE;
    return frames(by, level, buf, end, now);
  }

  private void ids(WireSide by, Kind kind, byte[] buf) {
    ConnId dcid = header.dcid(buf);
    if (kind != Kind.SHORT) {
      ConnId scid = header.scid(buf);
      rule("source id stays", by.scid.isEmpty() || by.scid.equals(scid), kind + " from another");
      by.scid = scid;
      rule("ids of 20 bytes at most", dcid.length() <= 20 && scid.length() <= 20, "longer");
    }
    boolean known = by.ids.isEmpty() ? dcid.equals(original) && !by.server : by.ids.contains(dcid);
    rule("destination id is the peer's", known, "to " + dcid);
  }

  private void levels(WireSide by, Kind kind) {
    if (kind == Kind.INITIAL) {
      boolean over = by.server ? by.peerHandshakeSeen : by.sentHandshake;
      rule("no Initial after Handshake", !over || by.sentClose, "sent");
    } else if (kind == Kind.HANDSHAKE) {
      boolean over = by.sentDone || by.receivedDone;
      rule("no Handshake once confirmed", !over, "sent");
    } else if (kind == Kind.ZERO_RTT) {
      rule("0-RTT of clients only", !by.server, "of the server");
    }
  }

  private boolean frames(WireSide by, int level, byte[] buf, int end, long now) {
    int s = space(level);
    boolean eliciting = false;
    boolean ack = false;
    boolean close = false;
    boolean reset = false;
    reader.wrap(buf, body, end - body);
    while (reader.remaining() > 0) {
      int error = f.parse(reader);
      rule("frames can be read", error == 0, "type " + f.type);
      if (error != 0) {
        return eliciting;
      }
      boolean allowed = FrameType.isAllowed(f.type, level);
      rule("frames fit their packets", allowed, f.type + " at level " + level);
      rule("server's frames", by.server || !FrameType.isServerOnly(f.type), "type " + f.type);
      eliciting |= FrameType.isAckEliciting(f.type);
      ack |= f.type == FrameType.ACK || f.type == FrameType.ACK_ECN;
      reset |= f.type == FrameType.RESET_STREAM;
      close |= f.type == FrameType.CONNECTION_CLOSE || f.type == FrameType.CONNECTION_CLOSE_APP;
      frame(by, level, buf, now);
    }
    rule("no RESET_STREAM of its own", !reset, "sent");
    rule("only the close while closing", close || !by.sentClose, "something else");
    by.sentClose |= close;
    if (ack && !eliciting && !close) {
      long only = ++by.ackOnlySent[s];
      rule("one ACK for each eliciting packet", only <= by.elicitingReceived[s], only + " sent");
    }
    return eliciting;
  }

  private void frame(WireSide by, int level, byte[] buf, long now) {
    switch (f.type) {
      case FrameType.ACK, FrameType.ACK_ECN -> ack(by, level, now);
      case FrameType.CRYPTO -> {
        newestLevel(by, level);
        boolean same = by.crypto[level].put(f.offset, buf, f.dataOff, f.dataLen);
        rule("CRYPTO data never changes", same, "at " + f.offset);
      }
      case FrameType.NEW_CONNECTION_ID -> newId(by, buf);
      case FrameType.RESET_STREAM -> reset(by);
      case FrameType.HANDSHAKE_DONE -> {
        rule("HANDSHAKE_DONE when complete", by.peerFinishedSeen, "before Finished");
        by.sentDone = true;
      }
      case FrameType.NEW_TOKEN -> rule("tokens are not empty", f.dataLen > 0, "empty");
      default -> {
        if (f.type >= FrameType.STREAM && f.type <= FrameType.STREAM_LAST) {
          stream(by, buf);
        }
      }
    }
  }

  /** RFC 9001 section 4.9: below the highest level in use there is nothing but repetition. */
  private void newestLevel(WireSide by, int level) {
    boolean fresh = f.offset + f.dataLen > by.crypto[level].highest;
    boolean above = level != APP && by.crypto[APP].highest > 0;
    above |= level == INITIAL && by.crypto[HANDSHAKE].highest > 0;
    rule("new data at the highest level", !fresh || !above, "level " + level);
  }

  private void ack(WireSide by, int level, long now) {
    // In units of 8 microseconds where the exponent is not 0.
    long delay = level == APP ? f.offset * 8_000 : f.offset * 1_000;
    Long arrived = by.arrived.get(f.id << 2 | level);
    boolean own = arrived != null && delay <= now - arrived;
    rule("ACK delays are our own", own, "packet " + f.id + ": " + delay);
    boolean truth = true;
    for (int i = 0; i < f.ackCount; i++) {
      truth &= by.received[level].nextClearBit((int) f.ackLow[i]) > f.ackHigh[i];
      if (level == APP) {
        Map<Long, Long> told = by.unacked.subMap(f.ackLow[i], true, f.ackHigh[i], true);
        told.forEach(
            (pn, at) -> rule("acknowledged in time", now - at <= ACK_DELAY, "packet " + pn));
        told.clear();
      }
    }
    by.acksOneRtt |= level == APP;
    rule("only received packets are acknowledged", truth, "up to " + f.id);
  }

  private void newId(WireSide by, byte[] buf) {
    String all = Arrays.toString(Arrays.copyOfRange(buf, f.dataOff, f.tokenOff + 16));
    String before = by.newIds.putIfAbsent(f.id, all);
    rule("a sequence number means one id", before == null || before.equals(all), "seq " + f.id);
    if (before == null) {
      rule("sequence numbers grow by one", f.id == by.newIds.size(), "seq " + f.id);
      String token = Arrays.toString(Arrays.copyOfRange(buf, f.tokenOff, f.tokenOff + 16));
      boolean fresh = by.tokens.add(token) && !by.scid.matches(buf, f.dataOff, f.dataLen);
      rule("ids and reset tokens are new", fresh, "seq " + f.id);
      long active = by.newIds.size() + 1 - by.retired.size();
      rule("no more ids than the peer takes", active <= CONN_ID_LIMIT, active + " active");
    }
  }

  private void reset(WireSide by) {
    WireSide.Bytes b = by.stream(f.id);
    byte[] content = (f.error + "/" + f.size).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    boolean same = b.reset.length == 0 || Arrays.equals(b.reset, content);
    rule("RESET_STREAM never changes", same, "stream " + f.id);
    b.reset = content;
  }

  private void stream(WireSide by, byte[] buf) {
    WireSide.Bytes b = by.stream(f.id);
    long end = f.offset + f.dataLen;
    boolean same = b.put(f.offset, buf, f.dataOff, f.dataLen);
    rule("stream data never changes", same, "stream " + f.id + " at " + f.offset);
    rule("no STREAM after RESET_STREAM", b.reset.length == 0, "stream " + f.id);
    rule("final size", b.finalSize < 0 || end <= b.finalSize, "stream " + f.id + " to " + end);
    if (f.fin) {
      rule("final size", b.finalSize < 0 || b.finalSize == end, "stream " + f.id);
      b.finalSize = end;
    }
    rule("the stream's limit", end <= by.streamLimit(f.id), "stream " + f.id + " to " + end);
    long all = by.streamBytes();
    rule("the connection's limit", all <= by.maxData, all + " of " + by.maxData);
    boolean own = (f.id & 1) == (by.server ? 1 : 0);
    rule("the number of streams", !own || f.id / 4 < by.maxBidi, "stream " + f.id);
  }
}
