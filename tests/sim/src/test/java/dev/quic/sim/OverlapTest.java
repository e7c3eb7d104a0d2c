package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The same offsets with other bytes, RFC 9000 sections 2.2 and 21.5: what was received first is
 * what is read, whatever comes later and in whatever pieces, and nothing more is kept for it.
 */
class OverlapTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int SPAN = 4_000;
  private static final int PACKETS = 20_000;
  private static final int MOST = 900;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final ForgedClient forged = new ForgedClient();
  private final SplittableRandom random = new SplittableRandom(7);

  private void learn() {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
  }

  private void send(int level, Writer w, byte[] buf) {
    byte[] frames = Arrays.copyOf(buf, w.position());
    s.pair.server().accept(s.sim().now(), forged.packet(level, frames, 0));
  }

  @Test
  void streamData() {
    learn();
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    s.toServer = d -> false;
    s.toClient = d -> false;
    Sock sock = s.server().sock();
    sock.watch(null);
    Heap heap = new Heap();
    byte[] first = new byte[SPAN];
    boolean[] have = new boolean[SPAN];
    byte[] buf = new byte[MOST + 100];
    // Nothing can be read before byte 0 comes, at the very end.
    for (int i = 0; i < PACKETS; i++) {
      int off = random.nextInt(1, SPAN);
      piece(buf, off, Math.min(random.nextInt(1, MOST), SPAN - off), first, have);
      if (i % 50 == 0) {
        s.sim().runFor(Sim.MILLIS);
      }
    }
    for (int off = 0; off < SPAN; off += MOST) {
      piece(buf, off, Math.min(MOST, SPAN - off), first, have);
    }
    s.sim().runFor(Sim.MILLIS);
    heap.assertBounded();
    byte[] read = new byte[2 * SPAN];
    int n = sock.recvmsg(s.sim().now(), new Msg(), read, 0, read.length);
    assertThat(n).isEqualTo(SPAN);
    assertThat(Arrays.copyOf(read, n)).isEqualTo(first);
    assertThat(sock.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
  }

  /** Sends one STREAM frame of random bytes, and notes those that are the first of their offset. */
  private void piece(byte[] buf, int off, int len, byte[] first, boolean[] have) {
    Writer w = new Writer();
    w.wrap(buf, 0, buf.length);
    FrameWriter.streamHeader(w, 4, off, len, false, true);
    for (int b = off; b < off + len; b++) {
      int v = random.nextInt(256);
      w.u8(v);
      if (!have[b]) {
        have[b] = true;
        first[b] = (byte) v;
      }
    }
    send(APP, w, buf);
  }

  /**
   * In the handshake an attacker with the keys can only spoil its own: what TLS reads is no message
   * any more, and the connection ends.
   */
  @Test
  void cryptoData() {
    boolean[] spoilt = new boolean[1];
    Heap heap = new Heap();
    s.toServer =
        d -> {
          forged.learn(d);
          if (!spoilt[0] && forged.knowsServer()) {
            spoilt[0] = true;
            spoil();
          }
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(() -> !s.pair.accepted().isEmpty() && s.server().over() && client.over(), 2 * IDLE);
    heap.assertBounded();
    assertThat(spoilt[0]).isTrue();
    assertThat(client.done()).isFalse();
    assertThat(s.pair.accepted()).hasSize(1);
    assertThat(s.server().done()).isFalse();
  }

  private void spoil() {
    byte[] buf = new byte[MOST + 100];
    Writer w = new Writer();
    for (int i = 0; i < PACKETS; i++) {
      w.wrap(buf, 0, buf.length);
      int len = random.nextInt(1, MOST);
      FrameWriter.cryptoHeader(w, random.nextInt(SPAN), len);
      for (int b = 0; b < len; b++) {
        w.u8(0x41 + i % 26);
      }
      send(HANDSHAKE, w, buf);
    }
  }
}
