package dev.quic.resumption.wire;

import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.pnspace.PnSpace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** One packet number space: what is to be sent, what is in flight, what is to be acknowledged. */
final class Space {
  /** RFC 9002 section 6.1.1. */
  private static final int PACKET_THRESHOLD = 3;

  /**
   * A packet in flight.
   *
   * @param level of its keys: 0-RTT and 1-RTT share a space
   */
  record Flight(int level, List<Piece> pieces) {}

  final PnSpace numbers = new PnSpace();
  final ArrayDeque<Piece> queue = new ArrayDeque<>();
  final TreeMap<Long, Flight> inFlight = new TreeMap<>();
  final Reassembly crypto = new Reassembly(1 << 18);
  long cryptoSent;
  boolean ackDue;

  /** Handshake bytes to send. */
  void crypto(byte[] bytes) {
    queue.addAll(Piece.crypto(cryptoSent, bytes));
    cryptoSent += bytes.length;
  }

  /**
   * Takes an ACK frame.
   *
   * @return levels, one for each packet newly acknowledged
   */
  List<Integer> acked(Frame ack) {
    List<Integer> levels = new ArrayList<>();
    for (int i = 0; i < ack.ackCount; i++) {
      var range = inFlight.subMap(ack.ackLow[i], true, ack.ackHigh[i], true);
      range.values().forEach(f -> levels.add(f.level()));
      range.clear();
    }
    numbers.onAcked(Math.min(ack.id, numbers.next() - 1));
    again(new ArrayList<>(inFlight.headMap(ack.id - PACKET_THRESHOLD, true).keySet()));
    return levels;
  }

  /** Everything in flight is sent again. */
  void allAgain() {
    again(new ArrayList<>(inFlight.keySet()));
  }

  /** What went out in packets of a level is sent again: the peer will never read those. */
  void again(int level) {
    List<Long> gone = new ArrayList<>();
    inFlight.forEach((number, flight) -> {
      if (flight.level() == level) {
        gone.add(number);
      }
    });
    again(gone);
  }

  private void again(List<Long> packets) {
    // Oldest first in the queue.
    for (long number : packets.reversed()) {
      Flight flight = inFlight.remove(number);
      if (flight != null) {
        flight.pieces().reversed().forEach(queue::addFirst);
      }
    }
  }

  void discard() {
    queue.clear();
    inFlight.clear();
    ackDue = false;
  }
}
