package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that gives what it must give in the smallest pieces: credit byte by byte, one packet
 * acknowledged in a packet. The server answers no more than it is asked, in no smaller packets than
 * it has to, and holds no more for it.
 */
class TrickleTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final long BYTES = 50_000_000;
  private static final long ASKED = 1_000;
  private static final int ROUNDS = 10_000;
  private static final int ACKS = 6_000;
  private static final int SMALL = 600;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final ForgedClient forged = new ForgedClient();
  private final Capture seen = new Capture();
  private final Deque<Long> numbers = new ArrayDeque<>();
  private final byte[] buf = new byte[200];
  private final Writer w = new Writer();
  private long highest;
  private long datagrams;
  private long bytes;
  private long small;

  private static Peer peer(Sock k, boolean server) {
    long out = server ? BYTES : ASKED;
    Transfer t = new Transfer(k, server, 1, out, BYTES + ASKED - out, Scenario.SEED);
    return new Peer(k, new FakeTls(k, server, TlsScript.plain()), t);
  }

  /** A server with much to send; from here on the forger is its client. */
  private void begin() {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    s.toClient =
        d -> {
          note(d);
          return true;
        };
    s.pair.listen(IDLE, k -> peer(k, true));
    Peer client = s.pair.connect(IDLE, k -> peer(k, false));
    assertThat(s.sim().run(() -> client.transfer().received() > 0, Sim.MINUTES))
        .isEqualTo(Sim.End.GOAL);
    s.toServer = d -> false;
    s.toClient =
        d -> {
          note(d);
          return false;
        };
  }

  private void note(Datagram d) {
    datagrams++;
    bytes += d.length();
    small += d.length() < SMALL ? 1 : 0;
    for (Capture.Packet p : seen.note(s.sim().now(), true, d)) {
      p.frames().stream()
          .filter(f -> (f.type() & ~7) == FrameType.STREAM)
          .forEach(f -> highest = Math.max(highest, f.offset() + f.length()));
      if (p.level() == APP) {
        numbers.add(p.number());
      }
    }
    seen.packets.clear();
  }

  private Writer frames() {
    w.wrap(buf, 0, buf.length);
    return w;
  }

  /** Hands a packet to the server; its length. */
  private int send() {
    byte[] frames = Arrays.copyOf(buf, w.position());
    Datagram d = forged.packet(APP, frames, 0);
    int length = d.length();
    s.pair.server().accept(s.sim().now(), d);
    return length;
  }

  private void ack(long number) {
    w.u8(FrameType.ACK).varint(number).varint(0).varint(0).varint(0);
  }

  private void credit(long limit) {
    FrameWriter.one(w, FrameType.MAX_DATA, limit);
    FrameWriter.two(w, FrameType.MAX_STREAM_DATA, 0, limit);
  }

  private void ackAll() {
    while (!numbers.isEmpty()) {
      frames();
      ack(numbers.poll());
      send();
    }
  }

  private boolean alive() {
    return s.server().sock().state() == QuicUapi.QUIC_SS_ESTABLISHED;
  }

  /** Takes what the first windows let out, until the server has to wait. */
  private void exhaust() {
    long before = -1;
    while (before < highest) {
      before = highest;
      for (int i = 0; i < 200; i++) {
        s.sim().runFor(Sim.MILLIS);
        ackAll();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void creditByTheByte(boolean acknowledges) {
    begin();
    exhaust();
    Heap heap = new Heap();
    long start = highest;
    long in = 0;
    datagrams = 0;
    bytes = 0;
    for (int i = 1; i <= ROUNDS; i++) {
      frames();
      if (acknowledges && !numbers.isEmpty()) {
        ack(numbers.peekLast());
        numbers.clear();
      }
      credit(start + i);
      in += send();
      if (i % 10 == 0) {
        s.sim().runFor(Sim.MILLIS);
      }
    }
    heap.assertBounded();
    assertThat(alive()).isTrue();
    assertThat(highest).isLessThanOrEqualTo(start + ROUNDS);
    assertThat(datagrams).isLessThanOrEqualTo(ROUNDS);
    assertThat(bytes).isLessThan(3 * in);
    // What is there at last, goes.
    for (int i = 0; i < 3_000 && highest < start + ROUNDS; i++) {
      s.sim().runFor(Sim.MILLIS);
      ackAll();
    }
    assertThat(highest).isEqualTo(start + ROUNDS);
  }

  private enum Order {
    RISING,
    FALLING,
    EVERY_SECOND
  }

  @ParameterizedTest
  @EnumSource
  void acknowledgementsOneByOne(Order order) {
    begin();
    frames();
    credit(BYTES);
    send();
    long before = Heap.live();
    long acks = 0;
    boolean odd = false;
    datagrams = 0;
    small = 0;
    for (int ms = 0; ms < 60_000 && acks < ACKS && alive(); ms++) {
      s.sim().runFor(Sim.MILLIS);
      while (!numbers.isEmpty()) {
        frames();
        ack(order == Order.FALLING ? numbers.pollLast() : numbers.pollFirst());
        odd = !odd;
        if (order != Order.EVERY_SECOND || odd) {
          send();
          acks++;
        }
      }
    }
    // Whoever acknowledges what came is sent more at a time: the send buffer grows to its limit.
    assertThat(Heap.live() - before).isLessThan(Heap.BOUND + Limits.SEND_BUFFER_MAX_BYTES);
    assertThat(alive()).isTrue();
    assertThat(acks).isGreaterThan(100);
    assertThat(datagrams).isLessThan(2 * acks + 1_000);
    assertThat(small).isLessThan(100 + datagrams / 5);
  }

  /** The same acknowledgement over and over costs nothing but the reading. */
  @Test
  void acknowledgementsThatSayNothing() {
    begin();
    frames();
    credit(BYTES);
    send();
    s.sim().runFor(Sim.MILLIS);
    long first = numbers.getFirst();
    long before = datagrams;
    for (int i = 0; i < ROUNDS; i++) {
      frames();
      ack(first);
      send();
    }
    assertThat(alive()).isTrue();
    assertThat(datagrams - before).isLessThan(50);
  }
}
