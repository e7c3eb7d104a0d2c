package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client with good keys that sends as much of one thing as it can: the server's live heap stays,
 * its answers are no amplification, and what is against the rules ends the connection.
 */
class FrameFloodTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int PACKETS = 20_000;
  private static final int ROOM = 1_150;
  private static final int PER_MOMENT = 50;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final ForgedClient forged = new ForgedClient();
  private long answered;
  private long sent;

  private Peer established() {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    // From here on the forger is the client: the real one hears and says nothing.
    s.toServer = d -> false;
    s.toClient =
        d -> {
          answered += d.length();
          return false;
        };
    return client;
  }

  private boolean alive() {
    return s.server().sock().state() == QuicUapi.QUIC_SS_ESTABLISHED;
  }

  private void send(byte[] frames) {
    byte[] bytes = forged.packet(APP, frames, 0).bytes;
    sent += bytes.length;
    s.pair.server().accept(s.sim().now(), forged.packet(APP, frames, 0));
  }

  /** Sends packets until there are enough or the server has had enough; how many. */
  private int flood(int packets, BiConsumer<Writer, Integer> frames) {
    byte[] buf = new byte[ROOM];
    Writer w = new Writer();
    int i = 0;
    for (; i < packets && alive(); i++) {
      w.wrap(buf, 0, buf.length);
      frames.accept(w, i);
      send(Arrays.copyOf(buf, w.position()));
      if (i % PER_MOMENT == 0) {
        s.sim().runFor(Sim.MILLIS);
      }
    }
    s.sim().runFor(Sim.MILLIS);
    return i;
  }

  private static void fill(Writer w, int least, Runnable frame) {
    while (w.remaining() > least) {
      frame.run();
    }
  }

  @Test
  void tinyFrames() {
    established();
    Heap heap = new Heap();
    int n = flood(PACKETS, (w, i) -> fill(w, 2, () -> FrameWriter.bare(w, FrameType.PING)));
    heap.assertBounded();
    assertThat(n).isEqualTo(PACKETS);
    assertThat(alive()).isTrue();
    // One ACK for every second packet at most, none for each of a thousand frames.
    assertThat(answered).isLessThan(sent / 10);
  }

  @Test
  void pathChallenges() {
    established();
    Heap heap = new Heap();
    int n =
        flood(
            PACKETS / 10,
            (w, i) -> fill(w, 12, () -> FrameWriter.path(w, FrameType.PATH_CHALLENGE, i)));
    heap.assertBounded();
    assertThat(n).isEqualTo(PACKETS / 10);
    assertThat(alive()).isTrue();
    assertThat(answered).isLessThan(3 * sent);
  }

  /** RFC 9000 section 5.1.2: a limit of ids to retire that nobody acknowledges. */
  @Test
  void connectionIds() {
    established();
    Heap heap = new Heap();
    long[] seq = {1};
    int n =
        flood(
            PACKETS,
            (w, i) ->
                fill(
                    w,
                    40,
                    () -> {
                      byte[] token = new byte[16];
                      token[0] = (byte) seq[0];
                      token[1] = (byte) (seq[0] >> 8);
                      FrameWriter.newConnectionId(w, seq[0], seq[0], ConnId.ofKey(seq[0]++), token);
                    }));
    heap.assertBounded();
    assertThat(n).isLessThan(10);
    assertThat(alive()).isFalse();
  }

  /** Opens streams and resets them at once, again and again ("rapid reset"). */
  @Test
  void rapidReset() {
    established();
    Heap heap = new Heap();
    long[] id = {4};
    flood(
        PACKETS,
        (w, i) ->
            fill(
                w,
                40,
                () -> {
                  FrameWriter.streamHeader(w, id[0], 0, 1, false, true);
                  w.u8(7);
                  FrameWriter.resetStream(w, id[0], 1, 1);
                  FrameWriter.two(w, FrameType.STOP_SENDING, id[0], 1);
                  id[0] += 4;
                }));
    heap.assertBounded();
    // Never more than the limit: the forger gets no credit it can read, and is thrown out.
    assertThat(alive()).isFalse();
    assertThat(id[0] / 4).isLessThan(10_000);
  }

  /**
   * Within the limit of streams: each opened with bytes in far corners, which count for the
   * connection's window as if all before them had come (RFC 9000 section 4.1), so it is soon over.
   */
  @Test
  void sparseStreams() {
    established();
    Heap heap = new Heap();
    int n =
        flood(
            90,
            (w, i) -> {
              for (long off = 1_000; off < 1_000_000 && w.remaining() > 20; off += 20_000) {
                FrameWriter.streamHeader(w, 4L * (i + 1), off, 1, false, true);
                w.u8(7);
              }
            });
    heap.assertBounded();
    assertThat(n).isLessThanOrEqualTo(PER_MOMENT + 1);
    // The batch it broke the rules in is the last.
    assertThat(alive()).isFalse();
  }

  /** The same bytes again with another content: what came first stays (RFC 9000 section 2.2). */
  @Test
  void overlappingData() {
    established();
    Heap heap = new Heap();
    int n =
        flood(
            PACKETS,
            (w, i) -> {
              FrameWriter.streamHeader(w, 4, 1 + i % 7, 900, false, true);
              for (int b = 0; b < 900; b++) {
                w.u8(i);
              }
            });
    heap.assertBounded();
    assertThat(n).isEqualTo(PACKETS);
    assertThat(alive()).isTrue();
  }

  /** Nobody reads: the windows bound what is kept, and then the connection ends. */
  @Test
  void neverRead() {
    established();
    Heap heap = new Heap();
    long[] off = {0};
    flood(
        PACKETS,
        (w, i) -> {
          FrameWriter.streamHeader(w, 4, off[0], 1_100, false, true);
          w.zeros(1_100);
          off[0] += 1_100;
        });
    heap.assertBounded();
    assertThat(off[0]).isLessThan(30_000_000);
  }

  /** ACKs of what was never sent end the connection at the first one. */
  @ParameterizedTest
  @ValueSource(longs = {50_000, 1L << 40, (1L << 62) - 1})
  void acksOfUnsentPackets(long largest) {
    established();
    int n =
        flood(
            PACKETS,
            (w, i) -> {
              w.u8(FrameType.ACK).varint(largest).varint(0).varint(0).varint(0);
            });
    assertThat(n).isLessThanOrEqualTo(PER_MOMENT + 1);
    assertThat(alive()).isFalse();
  }

  @Test
  void blockedFrames() {
    established();
    Heap heap = new Heap();
    int n =
        flood(
            PACKETS,
            (w, i) ->
                fill(
                    w,
                    40,
                    () -> {
                      FrameWriter.one(w, FrameType.DATA_BLOCKED, i);
                      FrameWriter.one(w, FrameType.STREAMS_BLOCKED_BIDI, i);
                      FrameWriter.one(w, FrameType.MAX_DATA, i);
                    }));
    heap.assertBounded();
    assertThat(n).isEqualTo(PACKETS);
    assertThat(answered).isLessThan(sent / 10);
  }

  /**
   * Asks for acknowledgements and gives none: what waits for one is sent again and not kept for as
   * long as there are others, and no timer that asks for it runs in circles.
   */
  @Test
  void acknowledgesNothing() {
    established();
    send(challenge());
    Heap heap = new Heap();
    for (int i = 0; i < 5 * Limits.SENT_PACKETS / 2; i++) {
      send(new byte[] {FrameType.PING});
      s.sim().runFor(Sim.MILLIS / 100);
    }
    heap.assertBelow(3L << 20);
    assertThat(alive()).isTrue();
    long before = answered;
    long rounds = s.sim().rounds();
    send(challenge());
    s.sim().runFor(5 * Sim.SECONDS);
    assertThat(answered - before).isPositive();
    assertThat(s.sim().rounds() - rounds).isLessThan(100);
  }

  private static byte[] challenge() {
    Writer w = new Writer(new byte[9], 0, 9);
    FrameWriter.path(w, FrameType.PATH_CHALLENGE, 1);
    return w.array();
  }
}
