package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Attacks before there is a connection: RFC 9000 sections 8 and 21.2 to 21.4. */
class HandshakeFloodTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int INITIALS = Integer.getInteger("sim.initials", 1_000_000);
  private static final int SIZE = 1_200;
  private static final int TAG = 16;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final SockAddr server = Pair.SERVER.withPort(Pair.PORT);

  /** From somewhere in the world, with keys that fit or without. */
  private Datagram initial(SplittableRandom r, byte[] frames, boolean sealed, int size) {
    byte[] p = new byte[SIZE];
    byte[] id = new byte[8];
    r.nextBytes(id);
    ConnId dcid = ConnId.of(id, 0, 8);
    byte[] none = {};
    int pnOff = HeaderWriter.writeLong(p, 0, 1, INITIAL, dcid, ConnId.ofKey(1), none, 4);
    System.arraycopy(frames, 0, p, pnOff + 4, frames.length);
    HeaderWriter.finishLong(p, pnOff, 4, 0, size);
    if (sealed) {
      InitialSecrets.protection(QuicVersion.V1, id, true).seal(p, 0, pnOff, size - TAG, 0);
    }
    SockAddr from = SockAddr.v4(r.nextInt(1, 1 << 30), r.nextInt(1, 65_536));
    return new Datagram(java.util.Arrays.copyOf(p, size), from, server, (byte) 0);
  }

  private static byte[] hello() {
    byte[] b = new byte[300];
    b[0] = 6;
    b[2] = 0x41;
    b[3] = 0x20;
    b[4] = 1;
    b[6] = 1;
    b[7] = 0x1c;
    return b;
  }

  /**
   * A million Initials with spoofed sources: beyond a bound of handshakes clients are sent a Retry,
   * nothing is kept of them, answers are smaller than questions, and honest clients get through.
   */
  @Test
  void spoofedInitials() {
    s.toClient = d -> d.to.sameEndpoint(Pair.CLIENT.withPort(d.to.port()));
    Sock listener = Pair.socket(s.pair.server(), IDLE);
    listener.bind(s.sim().now(), server);
    listener.listen(s.sim().now(), 1 << 16);
    List<Sock> kept = new ArrayList<>();
    boolean[] honest = new boolean[1];
    s.pair.server().attach(listener, (now, l, mask) -> accept(now, l, kept, honest[0]));
    SplittableRandom r = new SplittableRandom(1);
    byte[] hello = hello();
    Heap heap = new Heap();
    long received = s.pair.server().receivedBytes();
    for (int i = 0; i < INITIALS; i++) {
      // The first could be answered on trust, were they whole; later ones are not even opened.
      s.pair.server().accept(s.sim().now(), initial(r, hello, i < 5_000, SIZE));
      if (i % 500 == 0) {
        s.sim().runFor(Sim.MILLIS / 10);
      }
    }
    s.sim().runFor(Sim.MILLIS);
    heap.assertBounded();
    long in = s.pair.server().receivedBytes() - received;
    assertThat(in).isEqualTo((long) INITIALS * SIZE);
    assertThat(s.pair.server().sentBytes()).isLessThan(3 * in);
    honest[0] = true;
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(() -> client.done() || client.over(), Sim.MINUTES);
    assertThat(client.done()).as("%s", client).isTrue();
  }

  /** Takes what waits; only honest clients get a program. */
  private void accept(long now, Sock listener, List<Sock> kept, boolean honest) {
    for (Sock k = listener.accept(now); k != null; k = listener.accept(now)) {
      kept.add(k);
      if (honest) {
        FakeTls tls = new FakeTls(k, true, TlsScript.plain());
        Transfer transfer = new Transfer(k, true, 1, 1_000, 1_000, Scenario.SEED);
        s.pair.server().attach(k, new Peer(k, tls, transfer));
      }
    }
  }

  /** RFC 9000 section 14.1: an Initial in a small datagram is not even answered. */
  @Test
  void smallInitialsAreDropped() {
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    SplittableRandom r = new SplittableRandom(2);
    for (int size = 100; size < SIZE; size += 100) {
      s.pair.server().accept(s.sim().now(), initial(r, hello(), true, size));
    }
    s.pair.server().accept(s.sim().now(), initial(r, hello(), true, SIZE - 1));
    s.sim().runFor(Sim.SECONDS);
    assertThat(s.pair.server().sentBytes()).isZero();
    assertThat(s.pair.accepted()).isEmpty();
    s.pair.server().accept(s.sim().now(), initial(r, hello(), true, SIZE));
    s.sim().runFor(Sim.SECONDS);
    assertThat(s.pair.accepted()).hasSize(1);
  }

  /** RFC 9000 section 17.2: without the fixed bit it is no packet. */
  @Test
  void initialsWithoutTheFixedBitAreDropped() {
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Datagram d = initial(new SplittableRandom(3), hello(), true, SIZE);
    d.bytes[0] &= (byte) ~0x40;
    s.pair.server().accept(s.sim().now(), d);
    s.sim().runFor(Sim.SECONDS);
    assertThat(s.pair.server().sentBytes()).isZero();
    assertThat(s.pair.accepted()).isEmpty();
  }

  /** RFC 9000 section 7.5: 4,096 bytes out of order are kept, a gap without end is not. */
  @Test
  void cryptoBeyondTheBuffer() {
    // Kept: the real client, which did not send what is acknowledged, closes by itself.
    assertThat(closeOf("06 5000 4020", 32)).isZero();
    assertThat(closeOf("06 80100000 4020", 32)).isEqualTo(0xd);
    assertThat(closeOf("06 ffffffffffffffe1 4020", 32)).isIn(0x7L, 0xdL);
  }

  /** What a server answers to a CRYPTO frame of a client at the Handshake level. */
  private static long closeOf(String head, int zeros) {
    Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
    ForgedClient forged = new ForgedClient();
    boolean[] sent = new boolean[1];
    byte[] h = TransportViolationsTest.hex(head);
    byte[] frames = java.util.Arrays.copyOf(h, h.length + zeros);
    s.toServer =
        d -> {
          forged.learn(d);
          if (!sent[0] && forged.knowsServer()) {
            sent[0] = true;
            Datagram f = forged.packet(QuicUapi.QUIC_CRYPTO_HANDSHAKE, frames, 0);
            s.pair.server().accept(s.sim().now(), f);
          }
          return !sent[0];
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(client::over, 5 * Sim.SECONDS);
    return TransportViolationsTest.closedWith(client.sock());
  }
}
