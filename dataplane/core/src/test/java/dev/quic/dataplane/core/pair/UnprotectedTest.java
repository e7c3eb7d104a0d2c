package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** disable_1rtt_encryption, Linux's private transport parameter 0xbaad, seen on the wire. */
class UnprotectedTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int TRANSPORT_PARAM_BYTES = 56;
  private static final int DISABLE_1RTT_ENCRYPTION = 4;
  private static final int ID_BYTES = 8;
  private static final String MARK = "nothing of this is secret";

  private final World w = new World(3);
  private int shorts;
  private int plain;
  private int longs;
  private int malformed;

  private PairTest.Ends connect(boolean clientWants, boolean serverWants) {
    w.wire =
        (from, to, bytes) -> {
          boolean isShort = bytes[0] >= 0;
          String text = new String(bytes, StandardCharsets.ISO_8859_1);
          shorts += isShort ? 1 : 0;
          longs += isShort ? 0 : 1;
          plain += isShort && text.contains(MARK) ? 1 : 0;
          malformed += isShort && text.contains(MARK) ? bytes[0] & 0x18 : 0;
          return bytes;
        };
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    want(listener, serverWants);
    assertThat(listener.bind(w.now, SockAddr.any(QuicUapi.AF_INET, 4433))).isZero();
    assertThat(listener.listen(w.now, 16)).isZero();
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    want(sock, clientWants);
    assertThat(sock.connect(w.now, w.serverAddress())).isZero();
    Peer client = new Peer(w, sock, false);
    PairTest.Ends ends = new PairTest.Ends(w, listener, client);
    client.tls.start(w.now);
    assertThat(w.run(10 * SECOND, ends::established)).isTrue();
    return ends;
  }

  private void want(Sock s, boolean on) {
    byte[] v = new byte[TRANSPORT_PARAM_BYTES];
    v[DISABLE_1RTT_ENCRYPTION] = (byte) (on ? 1 : 0);
    int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
    assertThat(s.setsockopt(w.now, QuicUapi.SOL_QUIC, name, v)).isZero();
  }

  private static byte[] marked(int copies) {
    return MARK.repeat(copies).getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true"})
  void onlyTogether(boolean clientWants, boolean serverWants) {
    PairTest.Ends e = connect(clientWants, serverWants);
    byte[] up = marked(20_000);
    byte[] down = marked(10_000);
    e.client.send(0, up);
    e.needServer().send(1, down);
    assertThat(w.run(60 * SECOND, () -> e.needServer().finished(0) && e.client.finished(1)))
        .isTrue();
    assertThat(e.needServer().bytes(0)).isEqualTo(up);
    assertThat(e.client.bytes(1)).isEqualTo(down);
    assertThat(shorts).isPositive();
    assertThat(longs).isPositive();
    if (clientWants && serverWants) {
      assertThat(plain).isBetween(400, shorts);
      assertThat(malformed).isZero();
    } else {
      assertThat(plain).isZero();
    }
  }

  /** The wire form: first byte, id, number, frames, nothing behind them. */
  @Test
  void aPacketIsItsHeaderAndItsFrames() {
    PairTest.Ends e = connect(true, true);
    w.run(SECOND, () -> false);
    byte[][] seen = new byte[1][];
    World.Wire before = w.wire;
    w.wire =
        (from, to, bytes) -> {
          if (to.sameEndpoint(w.serverAddress()) && seen[0] == null) {
            seen[0] = bytes.clone();
          }
          return before.pass(from, to, bytes);
        };
    e.client.send(0, marked(1));
    assertThat(w.run(SECOND, () -> e.needServer().finished(0))).isTrue();
    byte[] packet = seen[0];
    int pnLen = (packet[0] & 3) + 1;
    assertThat(packet[0] & 0xd8).as("short, fixed, not reserved").isEqualTo(0x40);
    int frames = 1 + ID_BYTES + pnLen;
    byte[] mark = marked(1);
    assertThat(Arrays.copyOfRange(packet, packet.length - mark.length, packet.length))
        .isEqualTo(mark);
    assertThat(packet[frames] & 0xf8).as("STREAM, or ACK before it").isIn(0x08, 0x00);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.2})
  void lossAndKeyUpdatesAreAsEver(double loss) {
    PairTest.Ends e = connect(true, true);
    w.run(SECOND, () -> false);
    w.loss = loss;
    w.reorder = 0.2;
    byte[] up = marked(20_000);
    e.client.send(0, up);
    w.run(SECOND / 20, () -> false);
    int name = QuicUapi.QUIC_SOCKOPT_KEY_UPDATE;
    assertThat(e.client.sock.setsockopt(w.now, QuicUapi.SOL_QUIC, name, new byte[0])).isZero();
    assertThat(w.run(120 * SECOND, () -> e.needServer().finished(0))).isTrue();
    assertThat(e.needServer().bytes(0)).isEqualTo(up);
    w.loss = 0;
    assertThat(e.needServer().sock.shutdown(w.now, 2)).isZero();
    assertThat(w.run(SECOND, () -> e.client.sock.state() == QuicUapi.QUIC_SS_CLOSED)).isTrue();
  }

  /** Anybody can forge such packets; they must not break what reads them. */
  @Test
  void rubbishEndsTheConnectionAtWorst() {
    PairTest.Ends e = connect(true, true);
    w.run(SECOND, () -> false);
    byte[][] seen = new byte[1][];
    w.wire =
        (from, to, bytes) -> {
          if (to.sameEndpoint(w.serverAddress())) {
            seen[0] = bytes.clone();
          }
          return bytes;
        };
    e.client.send(0, marked(1));
    w.run(SECOND, () -> false);
    for (int i = 0; i < 2_000; i++) {
      byte[] junk = new byte[1 + ID_BYTES + w.random.nextInt(60)];
      w.random.nextBytes(junk);
      System.arraycopy(seen[0], 0, junk, 0, 1 + ID_BYTES);
      w.inject(e.client.sock.sockname(), w.serverAddress(), junk);
      w.run(SECOND / 1000, () -> false);
    }
    w.run(SECOND, () -> false);
    assertThat(e.needServer().sock.state())
        .isIn(QuicUapi.QUIC_SS_ESTABLISHED, QuicUapi.QUIC_SS_CLOSED);
  }
}
