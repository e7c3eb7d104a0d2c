package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.pair.PairTest.Ends;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

/**
 * RFC 9001 section 4.1.2: the acknowledgement of a 1-RTT packet confirms a client's handshake as
 * well as HANDSHAKE_DONE does.
 */
class LostHandshakeDoneTest {
  private static final long SECOND = 1_000_000_000;

  /** Knows which of the server's packets carry HANDSHAKE_DONE. */
  private static final class Watch implements EventSink {
    int sent;
    boolean onItsWay;
    private boolean carries;
    private boolean left;

    @Override
    public boolean detailed() {
      return true;
    }

    @Override
    public void frame(long now, long sock, int what, long pn, long x, long y, long z) {
      carries |= (what & 0xff) == FrameType.HANDSHAKE_DONE;
    }

    @Override
    public void packetSent(long now, long sock, int level, long pn, int bytes, boolean eliciting) {
      // What was told before the last datagram left has been handed to the network.
      onItsWay = carries || onItsWay && !left;
      sent += carries ? 1 : 0;
      left = false;
      carries = false;
    }

    /** A datagram of the server's; whether it may carry the frame. */
    boolean leaves() {
      left = true;
      return onItsWay;
    }
  }

  /** Counts what reaches the client. */
  private static final class Arrivals implements EventSink {
    int done;
    int oneRttAcks;
    private boolean hasDone;
    private boolean hasAck;

    @Override
    public boolean detailed() {
      return true;
    }

    @Override
    public void frame(long now, long sock, int what, long pn, long x, long y, long z) {
      boolean oneRtt = (what >> 8 & 0xf) == QuicUapi.QUIC_CRYPTO_APP;
      hasDone |= (what & 0xff) == FrameType.HANDSHAKE_DONE;
      hasAck |= oneRtt && (what & 0xff) == FrameType.ACK;
    }

    @Override
    public void packetSent(long now, long sock, int level, long pn, int bytes, boolean eliciting) {
      hasDone = false;
      hasAck = false;
    }

    @Override
    public void packetReceived(long now, long sock, int level, long pn, int bytes) {
      done += hasDone ? 1 : 0;
      oneRttAcks += hasAck ? 1 : 0;
      hasDone = false;
      hasAck = false;
    }
  }

  private final World w = new World(11);
  private final Watch server = new Watch();
  private final Arrivals client = new Arrivals();

  private int keyUpdate(Ends e) {
    int name = QuicUapi.QUIC_SOCKOPT_KEY_UPDATE;
    return e.client.sock.setsockopt(w.now, QuicUapi.SOL_QUIC, name, new byte[0]);
  }

  @Test
  void anAcknowledgementConfirmsTheHandshake() {
    w.server.sink = server;
    w.client.sink = client;
    boolean[] acks = {false};
    w.wire =
        (from, to, bytes) -> {
          if (!from.sameEndpoint(w.serverAddress())) {
            return bytes;
          }
          boolean carries = server.leaves();
          boolean oneRtt = bytes[0] >= 0;
          return carries || oneRtt && !acks[0] ? null : bytes;
        };
    Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, () -> e.established() && server.sent > 0)).isTrue();
    w.run(SECOND, () -> false);
    assertThat(client.oneRttAcks + client.done).isZero();
    assertThat(keyUpdate(e)).isEqualTo(-Errno.EINVAL);

    acks[0] = true;
    e.client.send(0, new byte[100]);
    assertThat(w.run(60 * SECOND, () -> client.oneRttAcks > 0)).isTrue();
    assertThat(client.done).isZero();
    assertThat(keyUpdate(e)).isZero();
    w.wire = (from, to, bytes) -> bytes;
    byte[] more = new byte[100_000];
    e.client.send(4, more);
    assertThat(w.run(60 * SECOND, () -> e.needServer().finished(4))).isTrue();
  }
}
