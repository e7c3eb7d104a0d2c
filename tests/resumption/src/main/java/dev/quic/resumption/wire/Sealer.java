package dev.quic.resumption.wire;

import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.packet.HeaderWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds datagrams of what is queued. */
final class Sealer {
  /** RFC 9000 section 14.1: the size every path takes, and the least of an Initial. */
  private static final int DATAGRAM = 1_200;

  /** Packets in flight at once, so that nobody is flooded. */
  private static final int WINDOW = 24;

  private static final int PN_BYTES = 4;
  private static final int ACK_RANGES = 8;
  private static final int LEAST_PAYLOAD = 64;
  private static final int[] ORDER = {Link.INITIAL, Link.EARLY, Link.HANDSHAKE, Link.APP};

  private record Packet(int level, Writer payload, List<Piece> pieces) {
    boolean isEmpty() {
      return payload.position() == 0;
    }
  }

  private final Link link;

  Sealer(Link link) {
    this.link = link;
  }

  /** All that may be sent now. */
  List<byte[]> datagrams() {
    List<byte[]> out = new ArrayList<>();
    for (byte[] d = datagram(); d != null; d = datagram()) {
      out.add(d);
    }
    return out;
  }

  private byte @Nullable [] datagram() {
    if (link.allowance() < DATAGRAM) {
      return null;
    }
    List<Packet> packets = new ArrayList<>();
    int room = DATAGRAM;
    for (int level : ORDER) {
      int left = room - overhead(level);
      if (left < LEAST_PAYLOAD) {
        break;
      }
      Packet packet = packet(level, left);
      if (!packet.isEmpty()) {
        packets.add(packet);
        room = left - packet.payload.position();
      }
    }
    if (packets.isEmpty()) {
      return null;
    }
    if (packets.getFirst().level == Link.INITIAL) {
      packets.getLast().payload.zeros(room);
    }
    byte[] datagram = seal(packets);
    link.bytesOut += datagram.length;
    return datagram;
  }

  private int overhead(int level) {
    int header =
        level == Link.APP
            ? 1 + link.peer.length() + PN_BYTES
            : HeaderWriter.longSize(
                link.peer, link.own, link.token.length, level == Link.INITIAL, PN_BYTES);
    return header + PacketProtection.TAG;
  }

  private Packet packet(int level, int room) {
    Packet packet = new Packet(level, new Writer(new byte[DATAGRAM], 0, room), new ArrayList<>());
    Space space = link.space(level);
    // Data of the shared space goes out in 1-RTT as soon as there are keys.
    boolean hasKey = link.sendKeys[level] != null;
    boolean late = level == Link.EARLY && link.sendKeys[Link.APP] != null;
    if (!hasKey || late) {
      return packet;
    }
    if (space.ackDue && level != Link.EARLY) {
      FrameWriter.ack(packet.payload, space.numbers, 0, ACK_RANGES);
      space.ackDue = false;
    }
    Piece next = space.queue.peek();
    while (next != null
        && space.inFlight.size() < WINDOW
        && next.size() <= packet.payload.remaining()) {
      next.write(packet.payload);
      packet.pieces.add(space.queue.remove());
      next = space.queue.peek();
    }
    return packet;
  }

  private byte[] seal(List<Packet> packets) {
    byte[] out = new byte[DATAGRAM + PacketProtection.TAG];
    int at = 0;
    for (Packet packet : packets) {
      at = seal(out, at, packet);
    }
    return Arrays.copyOf(out, at);
  }

  private int seal(byte[] out, int start, Packet packet) {
    Space space = link.space(packet.level);
    PacketProtection key = link.sendKeys[packet.level];
    if (key == null) {
      return start;
    }
    long pn = space.numbers.takeNext();
    int length = packet.payload.position();
    int pnOff;
    if (packet.level == Link.APP) {
      pnOff = HeaderWriter.writeShort(out, start, link.peer, false, pn, PN_BYTES);
    } else {
      byte[] token = packet.level == Link.INITIAL ? link.token : new byte[0];
      int wire = Link.VERSION.wire();
      pnOff =
          HeaderWriter.writeLong(
              out, start, wire, packet.level, link.peer, link.own, token, PN_BYTES);
      int end = pnOff + PN_BYTES + length + PacketProtection.TAG;
      HeaderWriter.finishLong(out, pnOff, PN_BYTES, pn, end);
    }
    int end = pnOff + PN_BYTES + length;
    System.arraycopy(packet.payload.array(), 0, out, pnOff + PN_BYTES, length);
    key.seal(out, start, pnOff, end, pn);
    if (!packet.pieces.isEmpty()) {
      space.inFlight.put(pn, new Space.Flight(packet.level, packet.pieces));
    }
    if (packet.level == Link.EARLY) {
      link.sight.earlySent++;
      space.early.add(pn);
    }
    return end + PacketProtection.TAG;
  }

  /** CONNECTION_CLOSE at every level the peer may be able to read. */
  List<byte[]> close(boolean application, long error, String reason) {
    List<byte[]> out = new ArrayList<>();
    for (int level : ORDER) {
      if (link.sendKeys[level] == null || level == Link.EARLY) {
        continue;
      }
      // RFC 9000 section 10.2.3: the application's close is for 1-RTT only.
      boolean app = application && level == Link.APP;
      Writer payload = new Writer(new byte[DATAGRAM], 0, DATAGRAM - overhead(level));
      byte[] phrase = reason.getBytes(StandardCharsets.UTF_8);
      FrameWriter.close(payload, app, application && !app ? 0x0c : error, 0, phrase);
      if (level == Link.INITIAL) {
        payload.zeros(payload.remaining());
      }
      payload.u8(FrameType.PADDING).u8(FrameType.PADDING);
      out.add(seal(List.of(new Packet(level, payload, List.of()))));
    }
    return out;
  }
}
