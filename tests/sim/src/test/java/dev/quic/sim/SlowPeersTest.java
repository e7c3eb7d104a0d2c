package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * RFC 9000 section 21.6: many clients that ask for much and take it a byte at a time, and a program
 * that reads nothing. What is held for each is bounded, and so is what is sent to them.
 */
class SlowPeersTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int CLIENTS = 40;
  private static final int ROUNDS = 200;
  private static final long MUCH = 100_000_000;
  private static final long ASKED = 1_000;
  private static final int WINDOW = 65_536;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final Map<Integer, ForgedClient> forgers = new TreeMap<>();
  private final Set<Integer> muted = new TreeSet<>();
  private long answered;
  private long sent;

  /** Connections whose clients the forgers then stand in for. */
  private void established(long bytesOut) {
    s.toServer =
        d -> {
          forgers.computeIfAbsent(d.from.port(), p -> new ForgedClient()).learn(d);
          return !muted.contains(d.from.port());
        };
    s.toClient = d -> !muted.contains(d.to.port());
    s.pair.listen(IDLE, k -> peer(k, true, bytesOut));
    for (int i = 0; i < CLIENTS; i++) {
      Peer c = s.pair.connect(IDLE, k -> peer(k, false, ASKED));
      s.sim().run(() -> c.transfer().received() > 0, Sim.SECONDS);
      muted.add(c.sock().sockname().port());
    }
    assertThat(s.pair.accepted()).hasSize(CLIENTS);
    s.toServer = d -> false;
    s.toClient =
        d -> {
          answered += d.length();
          return false;
        };
  }

  private static Peer peer(Sock k, boolean server, long out) {
    long in = server ? ASKED : 2 * MUCH;
    return new Peer(
        k,
        new FakeTls(k, server, TlsScript.plain()),
        new Transfer(k, server, 1, out, in, Scenario.SEED));
  }

  private void send(ForgedClient forger, Writer w, byte[] buf) {
    var d = forger.packet(APP, Arrays.copyOf(buf, w.position()), 0);
    sent += d.length();
    s.pair.server().accept(s.sim().now(), d);
  }

  private void assertAllAlive() {
    assertThat(s.pair.accepted()).allMatch(p -> p.sock().state() == QuicUapi.QUIC_SS_ESTABLISHED);
  }

  /** The server has much for each: its send buffers are all it holds, however slow they are. */
  @Test
  void acknowledgingOneByteAtATime() {
    s.pair.windows(WINDOW);
    Heap heap = new Heap();
    established(MUCH);
    byte[] buf = new byte[64];
    Writer w = new Writer();
    for (int round = 0; round < ROUNDS; round++) {
      for (Map.Entry<Integer, ForgedClient> e : forgers.entrySet()) {
        w.wrap(buf, 0, buf.length);
        // A byte more of credit, and the acknowledgement of nothing that matters.
        FrameWriter.one(w, FrameType.MAX_DATA, WINDOW + round);
        FrameWriter.two(w, FrameType.MAX_STREAM_DATA, 0, WINDOW / 2 + round);
        w.u8(FrameType.ACK).varint(0).varint(0).varint(0).varint(0);
        send(e.getValue(), w, buf);
      }
      s.sim().runFor(10 * Sim.MILLIS);
    }
    heap.assertBounded();
    assertAllAlive();
    assertThat(s.pair.server().net().held())
        .isLessThan(CLIENTS * (Limits.SEND_BUFFER_BYTES + 8_192L));
    // What is lost meanwhile, by their account, is sent again; not more for every byte asked for.
    assertThat(answered).isLessThan(40 * sent);
  }

  /** The program reads nothing: the windows are all that is held, in however small pieces. */
  @Test
  void programsThatNeverRead() {
    s.pair.windows(WINDOW);
    established(1_000);
    s.pair.accepted().forEach(p -> p.sock().watch(null));
    Heap heap = new Heap();
    byte[] buf = new byte[1_100];
    Writer w = new Writer();
    for (long off = ASKED + 1; off < 4 * WINDOW; off += 2) {
      for (ForgedClient f : forgers.values()) {
        w.wrap(buf, 0, buf.length);
        for (int i = 0; i < 20; i++) {
          FrameWriter.streamHeader(w, 4, off, 1, false, true);
          w.u8(7);
          off += 2;
        }
        send(f, w, buf);
      }
      s.sim().runFor(Sim.MILLIS);
    }
    heap.assertBounded();
    // Beyond the window is against the rules (RFC 9000 section 4.1).
    assertThat(s.pair.accepted()).noneMatch(p -> p.sock().state() == QuicUapi.QUIC_SS_ESTABLISHED);
  }
}
