package dev.quic.resumption.wire;

import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.pnspace.PnSpace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One packet number space: what is to be sent, what is in flight, what is to be acknowledged. */
final class Space {
  /** RFC 9002 section 6.1.1. */
  private static final int PACKET_THRESHOLD = 3;

  /** Answers to PATH_CHALLENGE that wait: a peer that acknowledges nothing may ask for ever. */
  private static final int MAX_RESPONSES = 16;

  /**
   * A packet in flight.
   *
   * @param level of its keys: 0-RTT and 1-RTT share a space
   */
  record Flight(int level, List<Piece> pieces) {}

  final PnSpace numbers = new PnSpace();
  final ArrayDeque<Piece> queue = new ArrayDeque<>();
  final TreeMap<Long, Flight> inFlight = new TreeMap<>();

  /** 0-RTT packets not acknowledged, whether their frames were sent again or not. */
  final TreeSet<Long> early = new TreeSet<>();

  final Reassembly crypto = new Reassembly(1 << 18);
  long cryptoSent;
  boolean ackDue;

  /** Handshake bytes to send. */
  void crypto(byte[] bytes) {
    queue.addAll(Piece.crypto(cryptoSent, bytes));
    cryptoSent += bytes.length;
  }

  /** Answers a PATH_CHALLENGE, unless too many wait for their answers. */
  void challenged(long data) {
    long waiting = queue.stream().filter(Piece.Path.class::isInstance).count();
    if (waiting < MAX_RESPONSES) {
      queue.add(new Piece.Path(FrameType.PATH_RESPONSE, data));
    }
  }

  /**
   * Takes an ACK frame.
   *
   * @return how many 0-RTT packets it is the first to acknowledge
   */
  int acked(Frame ack) {
    int news = 0;
    for (int i = 0; i < ack.ackCount; i++) {
      inFlight.subMap(ack.ackLow[i], true, ack.ackHigh[i], true).clear();
      Set<Long> read = early.subSet(ack.ackLow[i], true, ack.ackHigh[i], true);
      news += read.size();
      read.clear();
    }
    numbers.onAcked(Math.min(ack.id, numbers.next() - 1));
    again(new ArrayList<>(inFlight.headMap(ack.id - PACKET_THRESHOLD, true).keySet()));
    return news;
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
        // RFC 9000 section 13.3: an answer to a challenge is sent once.
        flight.pieces().reversed().stream()
            .filter(piece -> !(piece instanceof Piece.Path))
            .forEach(queue::addFirst);
      }
    }
  }

  void discard() {
    queue.clear();
    inFlight.clear();
    ackDue = false;
  }
}
