package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.sim.Capture.Packet;
import dev.quic.sim.Capture.Seen;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.EventLog;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Delay;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of RFC 9000 and 9001 for which one connection, looked at closely, is enough. */
class ConnectionRulesTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final SockAddr ELSEWHERE = SockAddr.v4(0xcb007105, 3_000);
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int EARLY = QuicUapi.QUIC_CRYPTO_EARLY;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final Capture seen = Capture.of(s);
  private final ForgedClient forged = new ForgedClient();

  private Peer start(long bytes) {
    s.listen(TlsScript.plain(), IDLE, 1, bytes);
    return s.connect(TlsScript.plain(), IDLE, 1, bytes);
  }

  private Peer finished(long bytes) {
    Peer client = start(bytes);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  private int set(Sock sock, int option, byte[] v) {
    return sock.setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, option, v);
  }

  /** RFC 9000 section 5.1.1: every id issued is good until it is retired. */
  @Test
  void everyIssuedIdIsGood() {
    s.toServer =
        d -> {
          forged.learn(d);
          seen.note(s.sim().now(), false, d);
          return true;
        };
    finished(1_000);
    List<ConnId> ids =
        seen.frames(true, FrameType.NEW_CONNECTION_ID).stream().map(Seen::given).toList();
    assertThat(ids).hasSizeGreaterThanOrEqualTo(3);
    byte[] ping = {FrameType.PING};
    for (int i = 0; i < ids.size(); i++) {
      forged.to(ids.get(i));
      forged.number(20_000 + i);
      s.pair.server().accept(s.sim().now(), forged.packet(APP, ping, 0));
    }
    s.sim().runFor(Sim.MILLIS + 26 * Sim.MILLIS);
    Set<Long> acknowledged = new HashSet<>();
    seen.acking(true).stream()
        .flatMap(Packet::acks)
        .forEach(a -> {
          for (long pn = Math.max(a.low(), 20_000); pn <= a.id(); pn++) {
            acknowledged.add(pn);
          }
        });
    assertThat(acknowledged).hasSize(ids.size());
  }

  /** RFC 9000 section 5.2.2: what begins no connection and belongs to none is dropped. */
  @ParameterizedTest
  @ValueSource(ints = {0xd3, 0xe3, 0xf3})
  void packetsOfNoConnectionAreDropped(int firstByte) {
    s.listen(TlsScript.plain(), IDLE, 1, 1);
    ByteBuffer b = ByteBuffer.allocate(1_200).put((byte) firstByte).putInt(1);
    b.put((byte) 8).putLong(1).put((byte) 8).putLong(2).put((byte) 0x44).put((byte) 0x9a);
    SockAddr to = Pair.SERVER.withPort(Pair.PORT);
    s.pair.server().accept(s.sim().now(), new Datagram(b.array(), ELSEWHERE, to, (byte) 0));
    s.sim().runFor(5 * Sim.SECONDS);
    assertThat(s.pair.server().sentBytes()).isZero();
    assertThat(s.pair.server().socks()).as("the listener").isEqualTo(1);
  }

  /** RFC 9000 section 10.2.1: while closing nothing is sent where nobody was proved to be. */
  @Test
  void closingAnswersNoStranger() {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    finished(1_000);
    s.toServer = d -> false;
    s.server().close(s.sim().now());
    s.pair.server().kick();
    s.sim().runFor(Sim.MILLIS);
    List<SockAddr> to = new ArrayList<>();
    s.toClient = d -> to.add(d.to) && false;
    for (int i = 0; i < 20; i++) {
      Datagram d = forged.packet(APP, new byte[] {1}, 0);
      s.pair.server().accept(s.sim().now(), new Datagram(d.bytes, ELSEWHERE, d.to, (byte) 0));
      s.sim().runFor(Sim.MILLIS);
    }
    assertThat(to).noneMatch(ELSEWHERE::sameEndpoint);
  }

  private void closeWithReason(Peer client) {
    byte[] v = new byte[72];
    v[0] = 77;
    byte[] why = "nobody's business".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(why, 0, v, 8, why.length);
    assertThat(set(client.sock(), QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, v)).isZero();
    client.close(s.sim().now());
    s.pair.client().kick();
    s.sim().runFor(5 * Sim.MILLIS);
  }

  /** RFC 9000 section 10.2.3: before 1-RTT nobody reads what a program says. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void reasonsAreForOneRtt(boolean complete) {
    s.listen(TlsScript.plain().withFlight(complete ? 2_000 : 20_000), IDLE, 1, 1);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1);
    s.sim().run(() -> complete ? client.handshakeAt() >= 0 : s.datagramsToClient > 2, IDLE);
    s.sim().runFor(complete ? 0 : 25 * Sim.MILLIS);
    closeWithReason(client);
    List<Packet> open =
        seen.of(false, FrameType.CONNECTION_CLOSE).stream().filter(p -> p.level() != APP).toList();
    assertThat(open).isNotEmpty();
    assertThat(open)
        .allSatisfy(p -> {
          Seen close = p.frames(FrameType.CONNECTION_CLOSE).findFirst().orElseThrow();
          assertThat(close.length()).as("reason phrase").isZero();
          assertThat(close.error()).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_APPLICATION);
        });
    List<Packet> told = seen.of(false, FrameType.CONNECTION_CLOSE_APP);
    assertThat(told).hasSize(complete ? 1 : 0);
    assertThat(told).allSatisfy(p -> assertThat(p.level()).isEqualTo(APP));
  }

  /** RFC 9000 section 12.2: coalesced packets are acknowledged each in its own space. */
  @Test
  void coalescedPacketsAreAcknowledgedEach() {
    finished(1_000);
    Packet initial = seen.of(true, FrameType.CRYPTO).getFirst();
    assertThat(initial.level()).isEqualTo(INITIAL);
    assertThat(seen.packets)
        .as("in the same datagram")
        .anyMatch(p ->
            p.fromServer() && p.level() == HANDSHAKE && p.at() == initial.at() && p.number() == 0);
    for (int level : new int[] {INITIAL, HANDSHAKE}) {
      assertThat(seen.acking(false))
          .as("level %d", level)
          .anyMatch(p -> p.level() == level && p.acks().anyMatch(a -> a.low() == 0));
    }
  }

  /** RFC 9000 section 14: where 1200 bytes do not pass there is no QUIC. */
  @Test
  void aPathBelowTheLeastSizeCarriesNothing() {
    for (int mtu : new int[] {1_199, 1_200}) {
      Scenario narrow = new Scenario(Network.clean(20 * Sim.MILLIS).withMtu(mtu));
      narrow.listen(TlsScript.plain(), IDLE, 1, 1_000);
      Peer client = narrow.connect(TlsScript.plain(), IDLE, 1, 1_000);
      narrow.sim().run(() -> narrow.finished(client) || client.over(), 5 * Sim.MINUTES);
      assertThat(narrow.finished(client)).isEqualTo(mtu == 1_200);
      assertThat(narrow.pair.accepted()).hasSize(mtu == 1_200 ? 1 : 0);
      if (mtu < 1_200) {
        assertThat(client.sock().error()).isEqualTo(Errno.ETIMEDOUT);
      }
    }
  }

  /** RFC 9000 section 14.2: the system says that 1200 bytes do not pass any more. */
  @Test
  void anInterfaceBelowTheLeastSizeEndsTheConnection() {
    Peer client = start(4 << 20);
    s.sim().run(() -> client.transfer().received() > 300_000, Sim.MINUTES);
    s.pair.client().interfaceMtu(1_100);
    int before = seen.packets.size();
    s.sim().run(client::over, Sim.MINUTES);
    s.sim().runFor(Sim.SECONDS);
    assertThat(client.over()).isTrue();
    assertThat(TransportViolationsTest.closedWith(s.server().sock()))
        .isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_NO_VIABLE_PATH);
    List<Packet> after =
        seen.packets.subList(before, seen.packets.size()).stream()
            .filter(p -> !p.fromServer() && p.eliciting())
            .toList();
    assertThat(after).as("ack-eliciting packets").isEmpty();
  }

  /** RFC 9000 section 13.3: a RESET_STREAM is repeated as it was. */
  @Test
  void resetsAreRepeatedAsTheyWere() {
    Peer client = finished(1_000);
    Msg m = new Msg().stream(4, QuicUapi.MSG_QUIC_STREAM_NEW);
    assertThat(client.sock().sendmsg(s.sim().now(), m, new byte[500], 0, 500)).isEqualTo(500);
    s.pair.client().kick();
    s.sim().runFor(Sim.SECONDS);
    int[] lost = new int[1];
    s.toServer =
        d -> {
          boolean reset =
              seen.note(s.sim().now(), false, d).stream()
                  .anyMatch(p -> p.has(FrameType.RESET_STREAM));
          return !reset || ++lost[0] > 2;
        };
    for (int code = 77; code < 80; code++) {
      byte[] v = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(4).array();
      v[8] = (byte) code;
      set(client.sock(), QuicUapi.QUIC_SOCKOPT_STREAM_RESET, v);
      s.pair.client().kick();
      s.sim().runFor(3 * Sim.SECONDS);
    }
    List<Seen> resets = seen.frames(false, FrameType.RESET_STREAM);
    assertThat(resets).hasSizeGreaterThan(2);
    assertThat(resets)
        .allSatisfy(r -> {
          assertThat(r.error()).isEqualTo(77);
          assertThat(r.size()).isEqualTo(500);
        });
  }

  /** RFC 9001 section 6: the key phase bit says it, and no TLS message. */
  @Test
  void keyUpdatesSendNoTlsMessage() {
    int[] messages = new int[1];
    EventSink sink =
        new EventSink() {
          @Override
          public void cryptoSent(long now, long sock, int level, long offset, int bytes) {
            messages[0] += level == APP ? 1 : 0;
          }
        };
    SplittableRandom r = new SplittableRandom(1);
    Pair pair =
        new Pair(
            1,
            List.of(new Delay(10 * Sim.MILLIS, 0, r)),
            List.of(new Delay(10 * Sim.MILLIS, 0, r)),
            sink,
            sink);
    pair.listen(IDLE, k -> peer(k, true, TlsScript.plain(), 100_000));
    Peer client = pair.connect(IDLE, k -> peer(k, false, TlsScript.plain(), 100_000));
    pair.sim().run(() -> client.transfer().received() > 20_000, Sim.MINUTES);
    int option = QuicUapi.QUIC_SOCKOPT_KEY_UPDATE;
    assertThat(client.sock().setsockopt(pair.sim().now(), QuicUapi.SOL_QUIC, option, new byte[0]))
        .isZero();
    pair.sim().run(() -> client.done() && pair.accepted().getFirst().done(), Sim.MINUTES);
    assertThat(client.done()).isTrue();
    assertThat(messages[0]).isZero();
  }

  private static Peer peer(Sock k, boolean server, TlsScript script, long bytes) {
    return new Peer(k, new FakeTls(k, server, script), new Transfer(k, server, 1, bytes, bytes, 1));
  }

  /** RFC 9001 section 4.9.3: a server forgets its 0-RTT keys soon after the first 1-RTT packet. */
  @Test
  void zeroRttKeysGoSoon() {
    EventLog log = new EventLog();
    Pair pair = Pair.over(Network.clean(10 * Sim.MILLIS), 3, log);
    TlsScript script = TlsScript.plain().granted().withEarly(true);
    pair.listen(IDLE, k -> peer(k, true, script, 4_000));
    pair.remember();
    Peer client = pair.connect(IDLE, k -> peer(k, false, script, 4_000));
    pair.sim().run(client::done, Sim.MINUTES);
    pair.sim().runFor(5 * Sim.SECONDS);
    long first = time(log, "packet_received " + APP + " ");
    long gone = time(log, "secret_discarded " + EARLY);
    assertThat(time(log, "packet_received " + EARLY + " ")).isLessThan(first);
    // Three times: a round trip of 20 ms, its variation, max_ack_delay.
    assertThat(gone - first).isBetween(0L, 3 * (20 + 4 * 20 + 25) * Sim.MILLIS);
  }

  private static long time(EventLog log, String event) {
    for (String line : log.text().split("\n", -1)) {
      int at = line.indexOf(' ');
      if (line.startsWith("server#", at + 1) && line.contains(" " + event)) {
        return Long.parseLong(line.substring(0, at));
      }
    }
    throw new AssertionError("no " + event);
  }

  /** RFC 9001 section 5.6: remembered parameters alone are no wish for 0-RTT. */
  @Test
  void nothingGoesInZeroRttUnasked() {
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    s.pair.remember();
    LongHeaders headers = new LongHeaders();
    s.toServer =
        d -> {
          headers.note(d.bytes);
          return true;
        };
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    Msg m = new Msg().stream(0, QuicUapi.MSG_QUIC_STREAM_NEW);
    int rc = client.sock().sendmsg(s.sim().now(), m, new byte[10], 0, 10);
    assertThat(rc).as("taken, or not yet").isIn(10, -Errno.EAGAIN, -Errno.ENOTCONN);
    s.sim().runFor(Sim.SECONDS);
    assertThat(headers.count("Initial/1")).isPositive();
    assertThat(headers.count("0-RTT/1")).isZero();
    assertThat(client.handshakeAt()).isPositive();
  }
}
