package dev.quic.sim;

import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;

/** The long headers of a direction, as a capture shows them: "Initial/1", "Handshake/2". */
final class LongHeaders {
  private final List<String> seen = new ArrayList<>();

  /** Notes every packet of a datagram. */
  void note(byte[] datagram) {
    PacketHeader h = new PacketHeader();
    int at = 0;
    while (at < datagram.length) {
      Kind kind = h.parse(datagram, at, datagram.length);
      if (kind == Kind.INVALID || kind == Kind.SHORT) {
        return;
      }
      seen.add(name(kind) + "/" + version(h.version));
      at = h.end;
    }
  }

  private static String name(Kind kind) {
    return switch (kind) {
      case INITIAL -> "Initial";
      case ZERO_RTT -> "0-RTT";
      case HANDSHAKE -> "Handshake";
      case RETRY -> "Retry";
      case VERSION_NEGOTIATION -> "Negotiation";
      default -> "Unknown";
    };
  }

  private static String version(int wire) {
    return switch (wire) {
      case QuicUapi.QUIC_VERSION_V1 -> "1";
      case QuicUapi.QUIC_VERSION_V2 -> "2";
      default -> "?";
    };
  }

  /** In order, what repeats itself once. */
  List<String> distinct() {
    return seen.stream().distinct().toList();
  }

  long count(String what) {
    return seen.stream().filter(what::equals).count();
  }
}
