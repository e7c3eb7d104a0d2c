package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that moves by itself, and servers with a preferred address (RFC 9000 9.2, 9.6). */
class MigrationTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final Network CLEAN = Network.clean(20 * Sim.MILLIS).withRate(8_000_000, 60_000);
  private static final long BYTES = 3 << 20;
  private static final int MIGRATION = QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION;

  private static final SockAddr OTHER_CLIENT = SockAddr.v4(0xc0000211, 0);
  private static final SockAddr OTHER_SERVER = SockAddr.v4(0xc0000212, 0);

  private static int set(Scenario s, Sock sock, int option, SockAddr a) {
    return sock.setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, option, SockAddrCodec.encode(a));
  }

  private static Scenario scenario(boolean six) {
    Scenario s = new Scenario(CLEAN);
    s.pair.client().alias(OTHER_CLIENT);
    s.pair.server().alias(OTHER_SERVER);
    if (six) {
      s.pair.overV6();
    }
    return s;
  }

  private static Peer start(Scenario s) {
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    return s.connect(TlsScript.plain(), IDLE, 1, BYTES);
  }

  private static void finish(Scenario s, Peer client) {
    Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 10 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s: %s; %s", end, client, s.pair.accepted()).isTrue();
  }

  private static boolean same(@Nullable SockAddr a, SockAddr b) {
    return a != null && a.sameEndpoint(b);
  }

  static Stream<Arguments> moves() {
    return Stream.of(
        Arguments.of(false, Pair.CLIENT.withPort(5_000)),
        Arguments.of(false, OTHER_CLIENT.withPort(5_001)),
        Arguments.of(false, SockAddr.any(QuicUapi.AF_INET, 5_002)),
        Arguments.of(true, Pair.CLIENT_V6.withPort(5_003)));
  }

  @ParameterizedTest
  @MethodSource("moves")
  void aClientMovesDuringATransfer(boolean six, SockAddr to) {
    Scenario s = scenario(six);
    Peer client = start(s);
    s.sim().run(() -> client.transfer().received() > 300_000, Sim.MINUTES);
    assertThat(set(s, client.sock(), MIGRATION, client.sock().sockname())).isEqualTo(-Errno.EINVAL);
    assertThat(set(s, client.sock(), MIGRATION, to)).isZero();
    assertThat(set(s, client.sock(), MIGRATION, to.withPort(9))).isEqualTo(-Errno.EAGAIN);
    s.pair.client().kick();
    Set<SockAddr> seen = new LinkedHashSet<>();
    s.toServer = d -> seen.add(d.from) || true;
    finish(s, client);
    SockAddr at = to.isAny() ? Pair.CLIENT.withPort(to.port()) : to;
    assertThat(client.sock().sockname().sameEndpoint(at)).isTrue();
    assertThat(same(s.server().sock().peername(), at)).isTrue();
    assertThat(seen).hasSize(2);
    // The old port is closed once nothing more can come there.
    s.sim().runFor(Sim.MINUTES);
    assertThat(s.pair.client().boundPorts()).isEqualTo(1);
  }

  /** RFC 9000 section 9.5: nobody who watches both places can tell that it is one connection. */
  @Test
  void noConnectionIdIsUsedFromTwoAddresses() {
    Scenario s = scenario(false);
    Peer client = start(s);
    Map<String, Set<Integer>> portsOfIds = new HashMap<>();
    Predicate<Datagram> watch =
        d -> {
          if (d.bytes[0] > 0) {
            String id = HexFormat.of().formatHex(d.bytes, 1, 9);
            boolean up = d.to.sameEndpoint(Pair.SERVER.withPort(443));
            int port = up ? d.from.port() : d.to.port();
            portsOfIds.computeIfAbsent(id, x -> new HashSet<>()).add(port);
          }
          return true;
        };
    s.toServer = watch;
    s.toClient = watch;
    s.sim().run(() -> client.transfer().received() > 300_000, Sim.MINUTES);
    assertThat(set(s, client.sock(), MIGRATION, OTHER_CLIENT.withPort(5_001))).isZero();
    s.pair.client().kick();
    finish(s, client);
    assertThat(portsOfIds).hasSizeGreaterThanOrEqualTo(4);
    assertThat(portsOfIds.values()).allSatisfy(ports -> assertThat(ports).hasSize(1));
  }

  @Test
  void aClientMovesManyTimes() {
    Scenario s = scenario(false);
    Peer client = start(s);
    for (int i = 1; i <= 12; i++) {
      long goal = i * 200_000L;
      s.sim().run(() -> client.transfer().received() > goal, Sim.MINUTES);
      SockAddr to = (i % 2 == 0 ? Pair.CLIENT : OTHER_CLIENT).withPort(6_000 + i);
      int rc;
      // Paths and ids of earlier moves are still held for a few round trips.
      while ((rc = set(s, client.sock(), MIGRATION, to)) == -Errno.EAGAIN) {
        s.sim().runFor(100 * Sim.MILLIS);
      }
      assertThat(rc).as("move %d", i).isZero();
      s.pair.client().kick();
      assertThat(s.sim().run(() -> same(s.server().sock().peername(), to), Sim.MINUTES))
          .isEqualTo(Sim.End.GOAL);
    }
    finish(s, client);
  }

  /** The new path is dead: the connection stays where it is and can be told to move again. */
  @Test
  void aClientStaysWhereTheNewPathIsDead() {
    Scenario s = scenario(false);
    Peer client = start(s);
    s.sim().run(() -> client.transfer().received() > 300_000, Sim.MINUTES);
    SockAddr before = client.sock().sockname();
    SockAddr dead = OTHER_CLIENT.withPort(7_000);
    s.toServer = d -> !d.from.sameEndpoint(dead);
    assertThat(set(s, client.sock(), MIGRATION, dead)).isZero();
    s.pair.client().kick();
    s.sim().runFor(Sim.MINUTES);
    assertThat(client.sock().sockname()).isEqualTo(before);
    assertThat(s.pair.client().boundPorts()).isEqualTo(1);
    finish(s, client);
    assertThat(set(s, client.sock(), MIGRATION, OTHER_CLIENT.withPort(7_001))).isZero();
  }

  @Test
  void migrationIsRefusedWhereItMustBe() {
    Scenario s = scenario(false);
    Peer client = start(s);
    SockAddr to = OTHER_CLIENT.withPort(7_100);
    assertThat(set(s, s.pair.listener(), MIGRATION, to)).isEqualTo(-Errno.EPIPE);
    assertThat(set(s, client.sock(), MIGRATION, to)).isEqualTo(-Errno.EINVAL);
    s.sim().run(() -> client.transfer().received() > 0, Sim.MINUTES);
    assertThat(set(s, client.sock(), MIGRATION, to.withPort(0))).isEqualTo(-Errno.EINVAL);
    assertThat(set(s, client.sock(), MIGRATION, Pair.CLIENT_V6.withPort(1)))
        .isEqualTo(-Errno.EINVAL);
    SockAddr foreign = SockAddr.v4(0x01020304, 99);
    assertThat(set(s, client.sock(), MIGRATION, foreign)).isEqualTo(-Errno.EADDRNOTAVAIL);
    assertThat(set(s, s.server().sock(), MIGRATION, foreign)).isEqualTo(-Errno.EADDRNOTAVAIL);
    byte[] truncated = new byte[8];
    assertThat(client.sock().setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, MIGRATION, truncated))
        .isEqualTo(-Errno.EINVAL);
  }

  /** disable_active_migration of the server holds the client back. */
  @Test
  void aServerForbidsToMove() {
    Scenario s = scenario(false);
    s.pair.disableActiveMigration();
    Peer client = start(s);
    s.sim().run(() -> client.transfer().received() > 100_000, Sim.MINUTES);
    assertThat(set(s, client.sock(), MIGRATION, OTHER_CLIENT.withPort(7_100)))
        .isEqualTo(-Errno.EINVAL);
    finish(s, client);
  }

  static Stream<Arguments> preferences() {
    return Stream.of(
        Arguments.of(false, Pair.SERVER.withPort(444)),
        Arguments.of(false, OTHER_SERVER.withPort(443)),
        Arguments.of(true, Pair.SERVER_V6.withPort(444)),
        Arguments.of(true, OTHER_SERVER.withPort(445)));
  }

  @ParameterizedTest
  @MethodSource("preferences")
  void theClientTakesUpThePreferredAddress(boolean six, SockAddr preferred) {
    Scenario s = scenario(six);
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    assertThat(set(s, s.pair.listener(), QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS, preferred))
        .isZero();
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    finish(s, client);
    assertThat(same(client.sock().peername(), preferred)).isTrue();
    assertThat(s.server().sock().sockname().sameEndpoint(preferred)).isTrue();
    client.close(s.sim().now());
    s.pair.client().kick();
    s.sim().run(() -> s.server().over(), Sim.MINUTES);
    s.pair.closeServer();
    s.sim().run(s.pair::empty, Sim.MINUTES);
    assertThat(s.pair.client().boundPorts() + s.pair.server().boundPorts()).isZero();
  }

  /** Nothing reaches the preferred address: the connection stays. */
  @Test
  void anUnreachablePreferredAddressIsGivenUp() {
    Scenario s = scenario(false);
    SockAddr preferred = OTHER_SERVER.withPort(443);
    s.toServer = d -> !d.to.sameEndpoint(preferred);
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    set(s, s.pair.listener(), QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS, preferred);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    finish(s, client);
    assertThat(same(client.sock().peername(), Pair.SERVER.withPort(443))).isTrue();
  }

  /** The preferred address is taken up even where moving is forbidden, and frees the client. */
  @Test
  void afterThePreferredAddressMovingIsAllowed() {
    Scenario s = scenario(false);
    s.pair.disableActiveMigration();
    SockAddr preferred = OTHER_SERVER.withPort(443);
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    set(s, s.pair.listener(), QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS, preferred);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    s.sim().run(() -> same(client.sock().peername(), preferred), Sim.MINUTES);
    SockAddr to = OTHER_CLIENT.withPort(7_200);
    s.sim().run(() -> client.transfer().received() > 500_000, Sim.MINUTES);
    assertThat(set(s, client.sock(), MIGRATION, to)).isZero();
    s.pair.client().kick();
    finish(s, client);
    assertThat(same(s.server().sock().peername(), to)).isTrue();
  }

  /** A server that moves without being asked to is not followed. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void packetsOfAnotherServerAddressAreDropped(boolean copies) {
    Scenario s = scenario(false);
    SockAddr fake = SockAddr.v4(0xc6336463, 443);
    Peer client = start(s);
    s.sim().run(() -> client.transfer().received() > 100_000, Sim.MINUTES);
    long[] n = {0};
    s.toClient = d -> copies || ++n[0] % 50 != 0;
    s.rewriteToClient = d -> n[0] % 50 == 7 ? new Datagram(d.bytes, fake, d.to, d.ecn) : d;
    finish(s, client);
    assertThat(same(client.sock().peername(), Pair.SERVER.withPort(443))).isTrue();
  }
}
