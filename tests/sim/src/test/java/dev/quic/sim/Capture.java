package dev.quic.sim;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Every packet of a connection with its frames, read with the keys of {@link FakeTls}. */
final class Capture {
  private static final int LEVELS = 4;

  /** What a test may ask of a frame; the fields are those of {@link Frame}. */
  record Seen(
      int type, long id, long offset, long error, long size, int length, long low, ConnId given) {}

  /** One packet. */
  record Packet(
      long at,
      boolean fromServer,
      SockAddr from,
      SockAddr to,
      int datagram,
      int level,
      long number,
      ConnId dcid,
      List<Seen> frames) {

    boolean has(int type) {
      return frames.stream().anyMatch(f -> f.type() == type);
    }

    Stream<Seen> frames(int type) {
      return frames.stream().filter(f -> f.type() == type);
    }

    Stream<Seen> acks() {
      return frames.stream()
          .filter(f -> f.type() == FrameType.ACK || f.type() == FrameType.ACK_ECN);
    }

    /** Whether it does more than probe a path (RFC 9000 section 9.1). */
    boolean nonProbing() {
      return frames.stream().anyMatch(f -> !FrameType.isProbing(f.type()));
    }

    boolean eliciting() {
      return frames.stream().anyMatch(f -> FrameType.isAckEliciting(f.type()));
    }
  }

  /** In the order in which they were sent. */
  final List<Packet> packets = new ArrayList<>();

  /** Datagrams that are nothing a connection with these keys sends. */
  int foreign;

  private final Map<Integer, PacketProtection> keys = new HashMap<>();
  private final long[] largest = new long[2 * LEVELS];
  private final PacketHeader header = new PacketHeader();
  private final Frame f = new Frame();
  private final Reader reader = new Reader();
  private ConnId original = ConnId.EMPTY;

  Capture() {
    Arrays.fill(largest, -1);
  }

  /** Reads the traffic of a scenario, both ways, as it is sent. */
  static Capture of(Scenario s) {
    Capture c = new Capture();
    s.toServer =
        d -> {
          c.note(s.sim().now(), false, d);
          return true;
        };
    s.toClient =
        d -> {
          c.note(s.sim().now(), true, d);
          return true;
        };
    return c;
  }

  private PacketProtection key(int level, boolean fromServer) {
    return keys.computeIfAbsent(
        level * 2 + (fromServer ? 1 : 0),
        k ->
            level == QuicUapi.QUIC_CRYPTO_INITIAL
                ? InitialSecrets.protection(QuicVersion.V1, original.toBytes(), !fromServer)
                : PacketProtection.of(
                    QuicCipher.AES_128_GCM,
                    QuicVersion.V1,
                    FakeTls.constantSecret(level, fromServer)));
  }

  /** The packets of a datagram; none that cannot be read. */
  List<Packet> note(long now, boolean fromServer, Datagram d) {
    byte[] buf = d.bytes.clone();
    List<Packet> found = new ArrayList<>();
    int at = 0;
    while (at < buf.length) {
      Kind kind = header.parse(buf, at, buf.length);
      boolean keyed =
          kind == Kind.INITIAL
              || kind == Kind.ZERO_RTT
              || kind == Kind.HANDSHAKE
              || kind == Kind.SHORT;
      if (!keyed) {
        break;
      }
      if (original.isEmpty()) {
        original = header.dcid(buf);
      }
      at = header.end;
      Packet p = read(now, fromServer, d, buf);
      if (p != null) {
        found.add(p);
      }
    }
    foreign += found.isEmpty() ? 1 : 0;
    packets.addAll(found);
    return found;
  }

  private @org.jspecify.annotations.Nullable Packet read(
      long now, boolean fromServer, Datagram d, byte[] buf) {
    int level = header.level();
    int space = level == QuicUapi.QUIC_CRYPTO_EARLY ? QuicUapi.QUIC_CRYPTO_APP : level;
    int slot = 2 * space + (fromServer ? 1 : 0);
    PacketProtection k = key(level, fromServer);
    int pnLen = k.unprotect(buf, header.start, header.pnOff, header.end);
    if (pnLen == 0) {
      return null;
    }
    long number = PacketProtection.decodePn(buf, header.pnOff, pnLen, largest[slot]);
    int n = k.open(buf, header.start, header.pnOff, pnLen, header.end, number);
    if (n < 0) {
      return null;
    }
    largest[slot] = Math.max(largest[slot], number);
    List<Seen> frames = new ArrayList<>();
    reader.wrap(buf, header.pnOff + pnLen, n);
    while (reader.remaining() > 0 && f.parse(reader) == 0) {
      long low = f.type == FrameType.ACK || f.type == FrameType.ACK_ECN ? f.ackLow[0] : -1;
      boolean id = f.type == FrameType.NEW_CONNECTION_ID;
      ConnId given = id ? ConnId.of(buf, f.dataOff, f.dataLen) : ConnId.EMPTY;
      frames.add(new Seen(f.type, f.id, f.offset, f.error, f.size, f.dataLen, low, given));
    }
    ConnId dcid = header.dcid(buf);
    return new Packet(
        now, fromServer, d.from, d.to, d.length(), level, number, dcid, List.copyOf(frames));
  }

  /** Packets of one side that carry a frame. */
  List<Packet> of(boolean fromServer, int type) {
    return packets.stream().filter(p -> p.fromServer() == fromServer && p.has(type)).toList();
  }

  /** Packets of one side that acknowledge something. */
  List<Packet> acking(boolean fromServer) {
    return packets.stream()
        .filter(p -> p.fromServer() == fromServer && p.acks().findAny().isPresent())
        .toList();
  }

  /** Frames of one side and type. */
  List<Seen> frames(boolean fromServer, int type) {
    return of(fromServer, type).stream().flatMap(p -> p.frames(type)).toList();
  }
}
