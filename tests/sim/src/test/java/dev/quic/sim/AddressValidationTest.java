package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retry and tokens, RFC 9000 sections 8.1.1 to 8.1.4. */
class AddressValidationTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final Network CLEAN = Network.clean(20 * Sim.MILLIS);
  private static final int LONG_FLIGHT = 20_000;

  private int retries;

  private Scenario scenario(boolean validating) {
    Scenario s = new Scenario(CLEAN);
    s.toClient =
        d -> {
          retries += isRetry(d.bytes) ? 1 : 0;
          return true;
        };
    if (validating) {
      s.pair.validatePeerAddress();
    }
    return s;
  }

  /** Long header, version 1, type 3. */
  private static boolean isRetry(byte[] datagram) {
    return (datagram[0] & 0xf0) == 0xf0 && datagram[4] == 1;
  }

  private static Peer connect(Scenario s, TlsScript script) {
    Peer client = s.connect(script, IDLE, 1, 10_000);
    s.sim().run(() -> s.finished(client) || client.over(), 5 * Sim.MINUTES);
    return client;
  }

  private static byte[] token(Peer client) {
    byte[] token = new byte[200];
    int n =
        client
            .sock()
            .getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TOKEN, token, token.length);
    return Arrays.copyOf(token, Math.max(n, 0));
  }

  @Test
  void clientsComeBackWithTheToken() {
    Scenario s = scenario(true);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    Peer client = connect(s, TlsScript.plain());
    assertThat(client.done()).as("%s", client).isTrue();
    assertThat(retries).isEqualTo(1);
    assertThat(s.pair.accepted()).hasSize(1);
  }

  @Test
  void nothingIsKeptOfAClientBeforeItsToken() {
    Scenario s = scenario(true);
    s.toClient = d -> false;
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    connect(s, TlsScript.plain());
    assertThat(s.datagramsToServer).isGreaterThan(2);
    assertThat(s.pair.accepted()).isEmpty();
    assertThat(s.pair.server().socks()).as("the listener").isEqualTo(1);
    assertThat(s.bytesToClient).isLessThan(s.bytesToServer);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void lostRetriesAreSentAgain(int lost) {
    Scenario s = scenario(true);
    s.toClient = d -> !isRetry(d.bytes) || ++retries > lost;
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    Peer client = connect(s, TlsScript.plain());
    assertThat(client.done()).as("%s", client).isTrue();
    // A probe timeout sends two Initials, and each is answered.
    assertThat(retries).isGreaterThan(lost);
  }

  @Test
  void lossyNetworks() {
    for (int seed = 0; seed < 50; seed++) {
      Scenario s = new Scenario(CLEAN.withLoss(0.2));
      s.pair.validatePeerAddress();
      s.listen(TlsScript.plain(), 10 * Sim.MINUTES, 1, 10_000);
      Peer client = s.connect(TlsScript.plain(), 10 * Sim.MINUTES, 1, 10_000);
      s.sim().run(() -> s.finished(client) || client.over(), 30 * Sim.MINUTES);
      assertThat(client.done()).as("seed %d: %s", seed, client).isTrue();
    }
  }

  /** RFC 9000 section 8.1.3: a Retry token is good for seconds; then the connection is refused. */
  @Test
  void lateTokensAreRefused() {
    Scenario s = scenario(true);
    s.toServer =
        d -> {
          long since = s.sim().now() - Sim.START;
          return retries == 0 || since > 11 * Sim.SECONDS;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    Peer client = connect(s, TlsScript.plain());
    assertThat(client.over()).isTrue();
    assertThat(s.pair.accepted()).isEmpty();
    assertThat(s.sim().now() - Sim.START).isLessThan(25 * Sim.SECONDS);
  }

  @Test
  void tokenOfAnEarlierConnectionSparesTheRetry() {
    Scenario s = scenario(true);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    byte[] token = token(connect(s, TlsScript.plain()));
    assertThat(token).isNotEmpty();
    retries = 0;
    s.pair.token(token);
    // From another port: a token for later connections is bound to the address alone.
    Peer again = connect(s, TlsScript.plain());
    assertThat(again.done()).as("%s", again).isTrue();
    assertThat(retries).isZero();
  }

  @Test
  void spoiltTokenCostsARetry() {
    Scenario s = scenario(true);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    byte[] token = token(connect(s, TlsScript.plain()));
    token[20] ^= 1;
    retries = 0;
    s.pair.token(token);
    Peer again = connect(s, TlsScript.plain());
    assertThat(again.done()).as("%s", again).isTrue();
    assertThat(retries).isEqualTo(1);
  }

  @Test
  void oldTokenCostsARetry() {
    Scenario s = scenario(true);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    byte[] token = token(connect(s, TlsScript.plain()));
    s.sim().runFor(11 * Sim.MINUTES);
    retries = 0;
    s.pair.token(token);
    Peer again = connect(s, TlsScript.plain());
    assertThat(again.done()).as("%s", again).isTrue();
    assertThat(retries).isEqualTo(1);
  }

  /** With a token the server's first flight may be longer than three times the client's. */
  @Test
  void tokenLiftsTheLimit() {
    TlsScript script = TlsScript.plain().withFlight(LONG_FLIGHT);
    Scenario s = scenario(false);
    s.listen(script, IDLE, 1, 10_000);
    Peer first = connect(s, script);
    assertThat(retries).isZero();
    long without = first.handshakeAt() - Sim.START;
    byte[] token = token(first);
    long start = s.sim().now();
    s.pair.token(token);
    Peer again = connect(s, script);
    assertThat(again.done()).as("%s", again).isTrue();
    assertThat(again.handshakeAt() - start).isLessThan(without);
  }

  @Test
  void serversCanSendAnother() {
    Scenario s = scenario(false);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    Peer client = connect(s, TlsScript.plain());
    byte[] first = token(client);
    s.sim().runFor(Sim.SECONDS);
    byte[] ignored = {1};
    int rc =
        s.server()
            .sock()
            .setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TOKEN, ignored);
    assertThat(rc).isZero();
    s.pair.server().kick();
    s.sim().runFor(Sim.SECONDS);
    assertThat(token(client)).isNotEmpty().isNotEqualTo(first);
  }

  /** RFC 9000 section 8.1.3: what a Retry gave is for the connection it was given for. */
  @Test
  void retryTokensAreNotKept() {
    Scenario s = scenario(true);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 10_000);
    s.sim().run(() -> client.handshakeAt() >= 0, Sim.MINUTES);
    assertThat(retries).isEqualTo(1);
    assertThat(token(client)).as("before NEW_TOKEN came").isEmpty();
    s.sim().run(() -> s.finished(client), Sim.MINUTES);
    s.sim().runFor(Sim.SECONDS);
    assertThat(token(client)).isNotEmpty();
    assertThat(token(client)[0] & 1).as("of NEW_TOKEN").isZero();
  }

  /** RFC 9000 section 8.1.4: from another address a token proves nothing. */
  @Test
  void aTokenFromElsewhereDoesNotLiftTheLimit() {
    SockAddr outside = SockAddr.v4(0xc6336401, 1_000);
    Translator nat = new Translator(outside);
    Scenario s =
        new Scenario(CLEAN, java.util.List.of(nat.outbound()), java.util.List.of(nat.inbound()));
    TlsScript script = TlsScript.plain().withFlight(LONG_FLIGHT);
    s.listen(script, IDLE, 1, 10_000);
    Peer first = connect(s, script);
    s.sim().runFor(Sim.SECONDS);
    byte[] token = token(first);
    assertThat(token).isNotEmpty();
    first.close(s.sim().now());
    s.pair.client().kick();
    s.sim().runFor(5 * Sim.SECONDS);
    s.pair.token(token);
    nat.rebind(SockAddr.v4(0xc6336402, 1_000));
    long toClient = s.bytesToClient;
    long toServer = s.bytesToServer;
    int passed = s.datagramsToServer;
    s.toServer = d -> s.datagramsToServer == passed;
    s.connect(script, IDLE, 1, 10_000);
    s.sim().runFor(10 * Sim.SECONDS);
    assertThat(s.bytesToServer - toServer).isEqualTo(1_200);
    assertThat(s.bytesToClient - toClient).isBetween(1L, 3 * 1_200L);
  }
}
