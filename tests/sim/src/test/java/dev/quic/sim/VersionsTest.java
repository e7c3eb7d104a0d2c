package dev.quic.sim;

import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V1;
import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QUIC version 2 (RFC 9369) and the ways to agree on it (RFC 9368). */
class VersionsTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int UNKNOWN = 123;
  private static final int SEEDS = 300;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final LongHeaders toServer = new LongHeaders();
  private final LongHeaders toClient = new LongHeaders();

  VersionsTest() {
    s.toServer =
        d -> {
          toServer.note(d.bytes);
          return true;
        };
    s.toClient =
        d -> {
          toClient.note(d.bytes);
          return true;
        };
  }

  private void listen(int version, int... versions) {
    s.pair.version(version);
    s.pair.versions(versions);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
  }

  private Peer connect(int version, int... versions) {
    s.pair.version(version);
    s.pair.versions(versions);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 10_000);
    s.sim().run(() -> s.finished(client) || client.over(), 5 * Sim.MINUTES);
    return client;
  }

  /** The CONFIG option's version: once there is a connection, the one in use. */
  static int inUse(Peer peer) {
    byte[] v = new byte[28];
    peer.sock().getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, v, v.length);
    return v[0] & 0xff | (v[1] & 0xff) << 8 | (v[2] & 0xff) << 16 | v[3] << 24;
  }

  private void assertAgreed(Peer client, int version) {
    assertThat(s.finished(client)).as("%s; %s", client, s.pair.accepted()).isTrue();
    assertThat(inUse(client)).isEqualTo(version);
    assertThat(inUse(s.server())).isEqualTo(version);
  }

  @Test
  void versionTwoFromTheFirstPacketOn() {
    listen(0);
    assertAgreed(connect(QUIC_VERSION_V2), QUIC_VERSION_V2);
    assertThat(toServer.distinct()).containsExactly("Initial/2", "Handshake/2");
    assertThat(toClient.distinct()).containsExactly("Initial/2", "Handshake/2");
  }

  @Test
  void versionOneUnlessAsked() {
    listen(0);
    assertAgreed(connect(0), QUIC_VERSION_V1);
    assertThat(toServer.distinct()).containsExactly("Initial/1", "Handshake/1");
    assertThat(toClient.distinct()).containsExactly("Initial/1", "Handshake/1");
  }

  /** RFC 9369 section 4.1: the client learns of the change by the server's long header. */
  @Test
  void theServerChangesToVersionTwo() {
    listen(QUIC_VERSION_V2);
    assertAgreed(connect(0), QUIC_VERSION_V2);
    assertThat(toServer.distinct()).containsExactly("Initial/1", "Initial/2", "Handshake/2");
    // The first is an acknowledgement, sent before TLS had read the ClientHello.
    assertThat(toClient.distinct()).containsExactly("Initial/1", "Initial/2", "Handshake/2");
    // No round trip more than usual.
    assertThat(s.server().handshakeAt() - Sim.START).isEqualTo(60 * Sim.MILLIS);
  }

  @Test
  void theServerChangesToVersionOne() {
    listen(QUIC_VERSION_V1);
    assertAgreed(connect(QUIC_VERSION_V2), QUIC_VERSION_V1);
    assertThat(toServer.distinct()).containsExactly("Initial/2", "Initial/1", "Handshake/1");
    assertThat(toClient.distinct()).containsExactly("Initial/2", "Initial/1", "Handshake/1");
  }

  /** RFC 9368 section 2.3: a client that offers only its choice disables the change. */
  @Test
  void aClientOfOneVersionIsLeftAlone() {
    listen(QUIC_VERSION_V2);
    assertAgreed(connect(0, QUIC_VERSION_V1), QUIC_VERSION_V1);
    assertThat(toClient.distinct()).containsExactly("Initial/1", "Handshake/1");
  }

  @Test
  void keyUpdateAndDataInVersionTwo() {
    s.pair.version(QUIC_VERSION_V2);
    s.listen(TlsScript.plain(), IDLE, 1, 500_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 500_000);
    s.sim().run(() -> client.tls().done() && s.server().tls().done(), Sim.MINUTES);
    s.sim().runFor(100 * Sim.MILLIS);
    long now = s.sim().now();
    int name = QuicUapi.QUIC_SOCKOPT_KEY_UPDATE;
    assertThat(client.sock().setsockopt(now, QuicUapi.SOL_QUIC, name, new byte[0])).isZero();
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    assertThat(client.failure()).isEmpty();
    assertThat(inUse(client)).isEqualTo(QUIC_VERSION_V2);
  }

  // --- incompatible: Version Negotiation packets

  @Test
  void aServerOfVersionOneNegotiatesDown() {
    listen(0, QUIC_VERSION_V1);
    assertAgreed(connect(QUIC_VERSION_V2), QUIC_VERSION_V1);
    assertThat(toServer.distinct()).containsExactly("Initial/2", "Initial/1", "Handshake/1");
    assertThat(toClient.distinct()).containsExactly("Negotiation/?", "Initial/1", "Handshake/1");
  }

  @Test
  void aServerOfVersionTwoNegotiatesUp() {
    listen(QUIC_VERSION_V2, QUIC_VERSION_V2);
    assertAgreed(connect(0), QUIC_VERSION_V2);
    assertThat(toClient.distinct()).containsExactly("Negotiation/?", "Initial/2", "Handshake/2");
  }

  /** The kernel's way to provoke Version Negotiation. */
  @Test
  void anUnknownVersionIsNegotiated() {
    listen(0);
    assertAgreed(connect(UNKNOWN), QUIC_VERSION_V2);
    assertThat(toServer.count("Unknown/?")).isEqualTo(1);
    assertThat(toClient.count("Negotiation/?")).isEqualTo(1);
  }

  /** A listener with a version of its own offers it first, and takes clients of the other. */
  @ParameterizedTest
  @ValueSource(ints = {QUIC_VERSION_V1, QUIC_VERSION_V2, UNKNOWN})
  void theListenersVersionIsOfferedFirst(int version) {
    int[] first = new int[1];
    s.toClient =
        d -> {
          toClient.note(d.bytes);
          ByteBuffer b = ByteBuffer.wrap(d.bytes);
          if (b.getInt(1) == 0) {
            int at = 6 + d.bytes[5];
            first[0] = b.getInt(at + 1 + d.bytes[at]);
          }
          return true;
        };
    listen(version);
    Peer client = connect(UNKNOWN, QUIC_VERSION_V1, QUIC_VERSION_V2);
    // The client likes version 1 best; a server with a version of its own changes it.
    assertAgreed(client, version == QUIC_VERSION_V2 ? QUIC_VERSION_V2 : QUIC_VERSION_V1);
    assertThat(first[0]).isEqualTo(version == QUIC_VERSION_V1 ? version : QUIC_VERSION_V2);
    assertThat(toClient.count("Negotiation/?")).isEqualTo(1);
    Peer known = connect(QUIC_VERSION_V1);
    assertThat(known.done()).as("%s", known).isTrue();
    assertThat(toClient.count("Negotiation/?")).isEqualTo(1);
  }

  /** Incompatible negotiation, then a compatible change (RFC 9368 section 2.4). */
  @Test
  void bothKindsInOneConnection() {
    listen(QUIC_VERSION_V2);
    assertAgreed(connect(UNKNOWN, QUIC_VERSION_V1, QUIC_VERSION_V2), QUIC_VERSION_V2);
    assertThat(toServer.distinct())
        .containsExactly("Unknown/?", "Initial/1", "Initial/2", "Handshake/2");
  }

  @Test
  void withoutVersionInformationTheSameHelloGoesAgain() {
    listen(0);
    s.pair.version(UNKNOWN);
    Peer client =
        s.pair.connect(
            IDLE,
            k -> {
              byte[] v = new byte[56];
              v[5] = 1; // disable_compatible_version
              int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
              assertThat(k.setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, name, v)).isZero();
              return new Peer(
                  k,
                  new FakeTls(k, false, TlsScript.plain()),
                  new Transfer(k, false, 1, 10_000, 10_000, Scenario.SEED));
            });
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    assertAgreed(client, QUIC_VERSION_V2);
  }

  @Test
  void noCommonVersionEndsAtOnce() {
    listen(0, QUIC_VERSION_V1);
    Peer client = connect(QUIC_VERSION_V2, QUIC_VERSION_V2);
    assertThat(client.over()).isTrue();
    assertThat(client.sock().error()).isEqualTo(Errno.EPROTONOSUPPORT);
    assertThat(s.sim().now() - Sim.START).isLessThan(Sim.SECONDS);
    assertThat(s.pair.accepted()).isEmpty();
  }

  // --- the VERSIONS option

  @ParameterizedTest
  @ValueSource(strings = {"", "010000", "00000000", "0a1a2a3a", "0100000001000000"})
  void wrongListsAreRefused(String hex) {
    byte[] v = java.util.HexFormat.of().parseHex(hex);
    int name = QuicUapi.QUIC_SOCKOPT_VERSIONS;
    int r = Pair.socket(s.pair.client(), IDLE).setsockopt(0, QuicUapi.SOL_QUIC, name, v);
    assertThat(r).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void theListIsReadBack() {
    dev.quic.dataplane.core.socket.Sock sock = Pair.socket(s.pair.client(), IDLE);
    int name = QuicUapi.QUIC_SOCKOPT_VERSIONS;
    byte[] v = new byte[64];
    assertThat(sock.getsockopt(0, QuicUapi.SOL_QUIC, name, v, 64)).isEqualTo(8);
    assertThat(Arrays.copyOf(v, 8))
        .isEqualTo(new byte[] {1, 0, 0, 0, (byte) 0xcf, 0x43, 0x33, 0x6b});
    byte[] two = {(byte) 0xcf, 0x43, 0x33, 0x6b};
    assertThat(sock.setsockopt(0, QuicUapi.SOL_QUIC, name, two)).isZero();
    assertThat(sock.getsockopt(0, QuicUapi.SOL_QUIC, name, v, 64)).isEqualTo(4);
    assertThat(Arrays.copyOf(v, 4)).isEqualTo(two);
  }

  // --- awful networks

  @Test
  void everyWayInAnyNetwork() throws Exception {
    Seeds.run(VersionsTest.class, SEEDS, VersionsTest::lossy);
  }

  private static final int[][] CHOICES = {
    {}, {QUIC_VERSION_V1}, {QUIC_VERSION_V2}, {QUIC_VERSION_V2, QUIC_VERSION_V1}
  };

  private static String lossy(long seed) {
    SplittableRandom r = new SplittableRandom(~seed);
    boolean retry = r.nextInt(4) == 0;
    Network network =
        retry
            ? Network.clean(20 * Sim.MILLIS).withLoss(0.1)
            : Network.random(new SplittableRandom(seed));
    Pair pair = Pair.over(network, seed, null);
    if (retry) {
      pair.validatePeerAddress();
    }
    int serverPrefers = new int[] {0, QUIC_VERSION_V1, QUIC_VERSION_V2}[r.nextInt(3)];
    int clientStarts = new int[] {0, QUIC_VERSION_V2, UNKNOWN}[r.nextInt(3)];
    int[] serverList = CHOICES[r.nextInt(CHOICES.length)];
    int[] clientList = serverList.length == 1 ? new int[0] : CHOICES[r.nextInt(CHOICES.length)];
    long idle = 10 * Sim.MINUTES;
    TlsScript script = TlsScript.plain().granted().withFlight(r.nextInt(300, 8_000));
    pair.version(serverPrefers);
    pair.versions(serverList);
    pair.listen(
        idle,
        k ->
            new Peer(
                k, new FakeTls(k, true, script), new Transfer(k, true, 1, 20_000, 20_000, seed)));
    pair.version(clientStarts);
    pair.versions(clientList);
    Peer client =
        pair.connect(
            idle,
            k ->
                new Peer(
                    k,
                    new FakeTls(k, false, script),
                    new Transfer(k, false, 1, 20_000, 20_000, seed)));
    String what =
        Arrays.toString(serverList)
            + " "
            + serverPrefers
            + " to "
            + Arrays.toString(clientList)
            + " "
            + clientStarts
            + (retry ? " Retry; " : "; ")
            + network;
    pair.sim().run(() -> client.over() || done(pair, client), 24 * 60 * Sim.MINUTES);
    if (!done(pair, client)) {
      return what + ": " + client + "; " + pair.accepted();
    }
    int version = inUse(client);
    return version == inUse(pair.accepted().getFirst())
        ? ""
        : what + ": ended with versions " + version;
  }

  private static boolean done(Pair pair, Peer client) {
    return client.done() && pair.accepted().stream().anyMatch(Peer::done);
  }
}
