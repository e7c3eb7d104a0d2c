package dev.quic.resumption.wire;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Opens datagrams and hands the frames on. Packets that came before their key wait for it. */
final class Opener {
  /** Packets that wait. */
  private static final int MAX_PARKED = 32;

  /** Takes frames of packets that were authentic. */
  interface Frames {
    void frame(int level, Frame frame, byte[] packet);

    /** The packet was malformed. */
    void broken(int level, int error);

    void retry(byte[] packet, PacketHeader header);

    void versionNegotiation();
  }

  private record Parked(int level, byte[] packet) {}

  private final Link link;
  private final Frames frames;
  private final PacketHeader header = new PacketHeader();
  private final Frame frame = new Frame();
  private List<Parked> parked = new ArrayList<>();
  private boolean earlyRefused;

  Opener(Link link, Frames frames) {
    this.link = link;
    this.frames = frames;
  }

  void datagram(byte[] datagram, long now) {
    link.bytesIn += datagram.length;
    int at = 0;
    while (at < datagram.length) {
      PacketHeader.Kind kind = header.parse(datagram, at, datagram.length);
      int end = header.end;
      byte[] packet = Arrays.copyOfRange(datagram, at, end);
      switch (kind) {
        case INITIAL, HANDSHAKE, ZERO_RTT, SHORT -> packet(header.level(), packet, now);
        case RETRY -> retry(packet);
        case VERSION_NEGOTIATION -> frames.versionNegotiation();
        default -> {
          return;
        }
      }
      at = end;
    }
  }

  /** Keys may have come: what waited for them is read. */
  void unpark(long now) {
    List<Parked> all = parked;
    parked = new ArrayList<>();
    for (Parked p : all) {
      packet(p.level, p.packet, now);
    }
  }

  /** Early data was refused: it is not waited for. */
  void forgetEarly() {
    int before = parked.size();
    parked.removeIf(p -> p.level == Link.EARLY);
    link.sight.earlyUnread += before - parked.size();
    earlyRefused = true;
  }

  private void retry(byte[] packet) {
    header.parse(packet, 0, packet.length);
    byte[] original = link.original.toBytes();
    if (!link.server
        && !link.peerKnown
        && RetryTag.verify(Link.VERSION, original, packet, 0, packet.length)) {
      frames.retry(packet, header);
    }
  }

  private void packet(int level, byte[] packet, long now) {
    PacketProtection key = link.recvKeys[level];
    if (key == null) {
      if (level == Link.EARLY && earlyRefused) {
        link.sight.earlyUnread++;
      } else if (parked.size() < MAX_PARKED) {
        parked.add(new Parked(level, packet));
      }
      return;
    }
    byte[] opened = packet.clone();
    header.parse(opened, 0, opened.length);
    int pnLen = key.unprotect(opened, 0, header.pnOff, opened.length);
    if (pnLen == 0) {
      return;
    }
    Space space = link.space(level);
    long pn = PacketProtection.decodePn(opened, header.pnOff, pnLen, space.numbers.largest());
    int length = key.open(opened, 0, header.pnOff, pnLen, opened.length, pn);
    if (length < 0 || space.numbers.isDuplicate(pn)) {
      return;
    }
    authentic(level, opened);
    if (frames(level, opened, header.pnOff + pnLen, length)) {
      space.ackDue = true;
    }
    space.numbers.receive(pn, now);
  }

  private void authentic(int level, byte[] packet) {
    if (level == Link.INITIAL && !link.peerKnown) {
      // RFC 9000 section 7.2.
      link.peer = header.scid(packet);
      link.peerKnown = true;
    }
    if (level == Link.HANDSHAKE) {
      link.validated = true;
      if (link.server) {
        // RFC 9001 section 4.9.1.
        link.discard(Link.INITIAL);
      }
    }
    if (level == Link.EARLY) {
      link.sight.earlyRead++;
    }
  }

  /** Hands frames on; whether any must be acknowledged. */
  private boolean frames(int level, byte[] packet, int off, int length) {
    Reader in = new Reader(packet, off, length);
    boolean eliciting = false;
    while (in.remaining() > 0) {
      int error = frame.parse(in);
      if (error == 0 && !FrameType.isAllowed(frame.type, level)) {
        error = QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
      }
      if (error != 0) {
        frames.broken(level, error);
        return false;
      }
      eliciting |= FrameType.isAckEliciting(frame.type);
      frames.frame(level, frame, packet);
    }
    return eliciting;
  }
}
