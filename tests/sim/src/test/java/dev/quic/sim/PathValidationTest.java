package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.sim.Capture.Packet;
import dev.quic.sim.Capture.Seen;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.EventLog;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PATH_CHALLENGE and PATH_RESPONSE on the wire: RFC 9000 sections 8.2 and 9.3. */
class PathValidationTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long DELAY = 20 * Sim.MILLIS;
  private static final Network LINK = Network.clean(DELAY).withRate(8_000_000, 60_000);
  private static final int LEAST = 1_200;
  private static final SockAddr OLD = SockAddr.v4(0xc6336401, 1_000);
  private static final SockAddr NEW = SockAddr.v4(0xc6336402, 2_000);
  private static final SockAddr ELSEWHERE = SockAddr.v4(0xcb007105, 3_000);
  private static final String CHALLENGE = "1a 0102030405060708";
  private static final long CHALLENGE_DATA = 0x0102030405060708L;

  private final Translator nat = new Translator(OLD);
  private final ForgedClient forged = new ForgedClient();
  private final Scenario s;
  private final Capture seen;

  PathValidationTest() {
    s = new Scenario(LINK, List.of(nat.outbound()), List.of(nat.inbound()));
    seen = Capture.of(s);
  }

  private Peer start(long bytes) {
    s.listen(TlsScript.plain(), IDLE, 1, bytes);
    return s.connect(TlsScript.plain(), IDLE, 1, bytes);
  }

  private void until(Peer client, long received) {
    s.sim().run(() -> client.transfer().received() >= received, Sim.MINUTES);
  }

  private void finish(Peer client) {
    Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 10 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s: %s; %s", end, client, s.pair.accepted()).isTrue();
  }

  /** A connection with nothing to do, and its client. */
  private Peer idle() {
    Peer client = start(1_000);
    finish(client);
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  /** A few bytes on another stream. */
  private void whisper(Sock from) {
    Msg m = new Msg().stream(4, QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN);
    assertThat(from.sendmsg(s.sim().now(), m, new byte[3], 0, 3)).isEqualTo(3);
    s.pair.client().kick();
  }

  private List<Packet> challenges(SockAddr to) {
    return seen.of(true, FrameType.PATH_CHALLENGE).stream()
        .filter(p -> p.to().sameEndpoint(to))
        .toList();
  }

  /** RFC 9000 section 8.2.1. */
  @Test
  void challengesAreUnpredictable() {
    Peer client = start(2 << 20);
    for (int i = 1; i <= 6; i++) {
      until(client, i * 200_000L);
      nat.rebind(NEW.withPort(2_000 + i));
    }
    finish(client);
    List<Long> data = seen.frames(true, FrameType.PATH_CHALLENGE).stream().map(Seen::id).toList();
    assertThat(data).hasSizeGreaterThanOrEqualTo(10).doesNotHaveDuplicates();
    int bits = data.stream().mapToInt(Long::bitCount).sum();
    assertThat((double) bits / data.size()).isBetween(26.0, 38.0);
    Scenario other =
        new Scenario(
            LINK, List.of(nat.outbound()), List.of(nat.inbound()), Scenario.SEED + 1, null);
    Capture its = Capture.of(other);
    other.listen(TlsScript.plain(), IDLE, 1, 1 << 20);
    Peer second = other.connect(TlsScript.plain(), IDLE, 1, 1 << 20);
    other.sim().run(() -> second.transfer().received() > 200_000, Sim.MINUTES);
    nat.rebind(NEW.withPort(2_100));
    other.sim().run(() -> other.finished(second), Sim.MINUTES);
    assertThat(its.frames(true, FrameType.PATH_CHALLENGE))
        .isNotEmpty()
        .noneMatch(f -> data.contains(f.id()));
  }

  /** RFC 9000 sections 8.2.1 and 8.2.2: both ways, and answered once. */
  @Test
  void challengesAndResponsesFillADatagram() {
    Peer client = start(1 << 20);
    until(client, 200_000);
    nat.rebind(NEW);
    finish(client);
    List<Packet> probes = new ArrayList<>(seen.of(true, FrameType.PATH_CHALLENGE));
    probes.addAll(seen.of(false, FrameType.PATH_RESPONSE));
    assertThat(probes).hasSizeGreaterThanOrEqualTo(4);
    assertThat(probes).allSatisfy(p -> assertThat(p.datagram()).isGreaterThanOrEqualTo(LEAST));
    List<Long> answers =
        seen.frames(false, FrameType.PATH_RESPONSE).stream().map(Seen::id).toList();
    assertThat(answers).doesNotHaveDuplicates();
    assertThat(seen.frames(true, FrameType.PATH_CHALLENGE).stream().map(Seen::id))
        .containsAll(answers);
  }

  /** RFC 9000 section 13.3: a response that was lost is not sent again. */
  @Test
  void oneResponseForOneChallenge() {
    Peer client = start(1 << 20);
    until(client, 200_000);
    nat.rebind(NEW);
    int[] lost = new int[1];
    s.toServer =
        d -> {
          boolean response =
              seen.note(s.sim().now(), false, d).stream()
                  .anyMatch(p -> p.has(FrameType.PATH_RESPONSE));
          return !response || ++lost[0] > 3;
        };
    finish(client);
    assertThat(lost[0]).isGreaterThan(3);
    assertThat(seen.frames(false, FrameType.PATH_RESPONSE).stream().map(Seen::id))
        .doesNotHaveDuplicates();
  }

  /** RFC 9000 sections 8.2.1 and 8.2.3: where little may be sent, the size is shown later. */
  @Test
  void aSmallChallengeIsFollowedByAFullOne() {
    Peer client = idle();
    nat.rebind(NEW);
    whisper(client.sock());
    s.sim().runFor(2 * Sim.SECONDS);
    List<Packet> all = challenges(NEW);
    assertThat(all).hasSize(2);
    Packet first = all.get(0);
    assertThat(first.datagram()).isLessThan(LEAST);
    assertThat(all.get(1).datagram()).isGreaterThanOrEqualTo(LEAST);
    // The second goes out when the answer to the first is there.
    Packet answer =
        seen.of(false, FrameType.PATH_RESPONSE).stream()
            .filter(p -> p.frames(FrameType.PATH_RESPONSE).anyMatch(f -> f.id() == id(first)))
            .findFirst()
            .orElseThrow();
    assertThat(all.get(1).at()).isGreaterThan(answer.at());
    assertThat(id(all.get(1))).isNotEqualTo(id(first));
  }

  private static long id(Packet p) {
    return p.frames(FrameType.PATH_CHALLENGE).findFirst().orElseThrow().id();
  }

  /** Injects a challenge of the client's; what the server answers within a round trip. */
  private List<Packet> provoke(SockAddr from, boolean padded) {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    idle();
    int before = seen.packets.size();
    byte[] frames = TransportViolationsTest.hex(CHALLENGE);
    Datagram like =
        forged.packet(
            QuicUapi.QUIC_CRYPTO_APP, padded ? java.util.Arrays.copyOf(frames, 1_160) : frames, 0);
    // What the forged number brings about later is not looked at.
    s.pair.server().accept(s.sim().now(), new Datagram(like.bytes, from, like.to, like.ecn));
    s.sim().runFor(Sim.MILLIS);
    return seen.packets.subList(before, seen.packets.size()).stream()
        .filter(p -> p.fromServer() && p.has(FrameType.PATH_RESPONSE))
        .toList();
  }

  /** RFC 9000 sections 8.2.1 and 8.2.2: small as it is, it is answered, there and at once. */
  @Test
  void smallChallengesAreAnsweredWhereTheyCame() {
    List<Packet> answers = provoke(ELSEWHERE, false);
    assertThat(answers).hasSize(1);
    Packet p = answers.getFirst();
    assertThat(p.to()).isEqualTo(ELSEWHERE);
    assertThat(p.at()).isGreaterThan(s.sim().now() - 2 * Sim.MILLIS);
    assertThat(p.frames(FrameType.PATH_RESPONSE).map(Seen::id)).containsExactly(CHALLENGE_DATA);
    // 12 bytes of header, 9 of the frame, 16 of tag, three times.
    assertThat(p.datagram()).isLessThanOrEqualTo(3 * 38);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void challengesOfTheKnownAddressGetAFullDatagram(boolean padded) {
    List<Packet> answers = provoke(OLD, padded);
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().to()).isEqualTo(OLD);
    assertThat(answers.getFirst().datagram()).isGreaterThanOrEqualTo(LEAST);
  }

  @Test
  void fullChallengesFromElsewhereGetAFullDatagram() {
    List<Packet> answers = provoke(ELSEWHERE, true);
    assertThat(answers).hasSize(1);
    assertThat(answers.getFirst().datagram()).isGreaterThanOrEqualTo(LEAST);
  }

  /** RFC 9000 section 8.2.2: whichever way the response takes, it counts. */
  @Test
  void responsesThatComeAnotherWayCount() {
    Peer client = start(1 << 20);
    until(client, 200_000);
    int[] redirected = new int[1];
    s.toServer =
        d -> {
          boolean response =
              seen.note(s.sim().now(), false, d).stream()
                  .anyMatch(p -> p.has(FrameType.PATH_RESPONSE));
          if (response) {
            redirected[0]++;
            s.pair.server().accept(s.sim().now(), new Datagram(d.bytes, OLD, d.to, d.ecn));
          }
          return !response;
        };
    nat.rebind(NEW);
    nat.forgets = true;
    finish(client);
    // One for the address, and one for the size unless enough had come for a full datagram at once;
    // whoever was not believed would be asked again.
    assertThat(redirected[0]).isBetween(1, 2);
    assertThat(challenges(NEW)).hasSize(redirected[0]);
    assertThat(s.server().sock().peername()).isEqualTo(NEW);
  }

  /** RFC 9000 section 9.3.3. */
  @Test
  void thePathThatWasLeftIsChallengedToo() {
    Peer client = start(1 << 20);
    until(client, 200_000);
    nat.rebind(NEW);
    finish(client);
    assertThat(challenges(NEW)).isNotEmpty();
    assertThat(challenges(OLD)).isNotEmpty();
    long moved = challenges(NEW).getFirst().at();
    assertThat(challenges(OLD).getFirst().at()).isEqualTo(moved);
  }

  /** RFC 9000 section 9: a client that moves though it must not is followed, not reset. */
  @Test
  void whoMovesThoughItMustNotIsAskedToo() {
    s.pair.disableActiveMigration();
    Peer client = start(1 << 20);
    until(client, 200_000);
    nat.rebind(NEW);
    finish(client);
    assertThat(challenges(NEW)).isNotEmpty();
    assertThat(seen.foreign).as("stateless resets").isZero();
    assertThat(s.server().sock().peername()).isEqualTo(NEW);
  }

  /** RFC 9000 section 9.4: a challenge is not repeated sooner than a packet would be. */
  @Test
  void challengesAreNotRepeatedSoonerThanProbes() {
    SockAddr dead = Pair.CLIENT.withPort(7_000);
    Scenario one = new Scenario(LINK);
    Capture its = new Capture();
    one.toServer =
        d -> {
          its.note(one.sim().now(), false, d);
          return !d.from.sameEndpoint(dead);
        };
    one.listen(TlsScript.plain(), IDLE, 1, 3 << 20);
    Peer client = one.connect(TlsScript.plain(), IDLE, 1, 3 << 20);
    one.sim().run(() -> client.transfer().received() > 300_000, Sim.MINUTES);
    int option = QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION;
    byte[] to = SockAddrCodec.encode(dead);
    assertThat(client.sock().setsockopt(one.sim().now(), QuicUapi.SOL_QUIC, option, to)).isZero();
    one.pair.client().kick();
    one.sim().runFor(20 * Sim.SECONDS);
    List<Long> at = its.of(false, FrameType.PATH_CHALLENGE).stream().map(Packet::at).toList();
    assertThat(at).hasSizeGreaterThan(3);
    for (int i = 1; i < at.size(); i++) {
      // The smallest timeout there can be: a round trip, the grain, max_ack_delay; then doubled.
      long pto = 2 * DELAY + Sim.MILLIS + 25 * Sim.MILLIS;
      assertThat(at.get(i) - at.get(i - 1)).as("gap %d", i).isGreaterThanOrEqualTo(pto << i - 1);
    }
  }

  /** RFC 9000 section 9.4: another network, another window; another port, the same. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherHostMeansAnotherWindow(boolean host) {
    EventLog log = new EventLog();
    List<Node> in = List.of(nat.inbound());
    Scenario one = new Scenario(LINK, List.of(nat.outbound()), in, Scenario.SEED, log);
    one.listen(TlsScript.plain(), IDLE, 1, 2 << 20);
    Peer client = one.connect(TlsScript.plain(), IDLE, 1, 2 << 20);
    one.sim().run(() -> client.transfer().received() > 700_000, Sim.MINUTES);
    nat.rebind(host ? NEW : OLD.withPort(2_000));
    one.sim().run(() -> client.transfer().received() > 900_000, Sim.MINUTES);
    long[] before = new long[5];
    long[] after = new long[0];
    boolean validated = false;
    for (String line : log.text().lines().toList()) {
      String[] w = line.split(" ", -1);
      validated |= w[1].startsWith("server#") && w[2].equals("path_validated");
      if (w[1].startsWith("server#") && w[2].equals("recovery") && after.length == 0) {
        long[] state = {Long.parseLong(w[3]), Long.parseLong(w[6])};
        before = validated ? before : state;
        after = validated ? state : after;
      }
    }
    assertThat(before[0]).as("window before").isGreaterThan(40_000);
    assertThat(after).as("window after").hasSize(2);
    if (host) {
      assertThat(after[0]).isLessThan(20_000);
      assertThat(after[1]).as("slow start").isEqualTo(Long.MAX_VALUE);
    } else {
      assertThat(after[0]).isGreaterThan(before[0] / 2);
    }
  }
}
