package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.LyingTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.SlowTls;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes whose TLS is slow, lies, or never answers. */
class HandshakeTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final Network CLEAN = Network.clean(10 * Sim.MILLIS);
  private static final int LIARS = 400;

  @Test
  void aCleanHandshakeTakesOneRoundTripForTheClient() {
    Scenario s = new Scenario(CLEAN);
    s.listen(TlsScript.plain(), IDLE, 1, 1000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    assertThat(client.handshakeAt() - Sim.START).isEqualTo(20 * Sim.MILLIS);
    assertThat(s.server().handshakeAt() - Sim.START).isEqualTo(30 * Sim.MILLIS);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        QuicUapi.TLS_CIPHER_AES_GCM_128,
        QuicUapi.TLS_CIPHER_AES_GCM_256,
        QuicUapi.TLS_CIPHER_AES_CCM_128,
        QuicUapi.TLS_CIPHER_CHACHA20_POLY1305
      })
  void everyCipherCarriesData(int cipher) {
    Scenario s = new Scenario(CLEAN);
    TlsScript script = TlsScript.plain().withCipher(cipher);
    s.listen(script, IDLE, 2, 50_000);
    Peer client = s.connect(script, IDLE, 2, 50_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
  }

  @ParameterizedTest
  @CsvSource({"50,0", "0,50", "700,700", "2500,100", "100,2500", "9000,9000"})
  void aSlowTlsOnlyTakesTime(long clientMillis, long serverMillis) {
    Scenario s = new Scenario(CLEAN);
    TlsScript script = TlsScript.plain();
    s.pair.listen(
        IDLE,
        k ->
            new Peer(
                k,
                new SlowTls(k, true, script, serverMillis * Sim.MILLIS),
                new Transfer(k, true, 1, 100_000, 100_000, 1)));
    Peer client =
        s.pair.connect(
            IDLE,
            k ->
                new Peer(
                    k,
                    new SlowTls(k, false, script, clientMillis * Sim.MILLIS),
                    new Transfer(k, false, 1, 100_000, 100_000, 1)));
    Sim.End end = s.sim().run(() -> s.finished(client), 5 * Sim.MINUTES);
    assertThat(end).as("%s; %s", client, s.pair.accepted()).isEqualTo(Sim.End.GOAL);
  }

  /**
   * The transport is alive, so the idle timeout does not come: how long to wait for the TLS side is
   * its consumer's decision, and its close ends both sides.
   */
  @Test
  void aTlsThatNeverAnswersIsEndedByItsConsumer() {
    Scenario s = new Scenario(CLEAN);
    TlsScript script = TlsScript.plain();
    s.pair.listen(
        IDLE,
        k ->
            new Peer(
                k,
                new SlowTls(k, true, script, 1_000 * Sim.MINUTES),
                new Transfer(k, true, 1, 1, 1, 1)));
    Peer client = s.connect(script, IDLE, 1, 1);
    s.sim().run(client::over, 2 * Sim.MINUTES);
    assertThat(client.over()).isFalse();
    client.close(s.sim().now());
    s.pair.client().kick();
    s.sim().run(() -> s.server().over(), 2 * IDLE);
    assertThat(s.server().sock().state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    s.pair.closeServer();
    s.sim().run(s.pair::empty, Sim.MINUTES);
    assertThat(s.pair.empty()).isTrue();
  }

  @Test
  void noServerEndsWithTheIdleTimeout() {
    Scenario s = new Scenario(CLEAN);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1);
    assertThat(s.sim().run(client::over, 5 * Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    assertThat(s.sim().now() - Sim.START).isBetween(IDLE, IDLE + 5 * Sim.SECONDS);
    client.close(s.sim().now());
    s.pair.client().kick();
    s.sim().runFor(Sim.MINUTES);
    assertThat(s.pair.client().socks()).isZero();
    assertThat(s.pair.client().boundPorts()).isZero();
  }

  /** Whatever the TLS side does, the core neither throws nor hangs, and both sides end. */
  @Test
  void liarsHarmOnlyThemselves() throws Exception {
    Seeds.run(HandshakeTest.class, LIARS, HandshakeTest::lie);
  }

  private static String lie(long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    int who = r.nextInt(3);
    TlsScript script = TlsScript.plain();
    Network network = r.nextBoolean() ? CLEAN : Network.random(r.split());
    Pair pair = Pair.over(network, seed, null);
    pair.listen(
        IDLE,
        k ->
            new Peer(
                k,
                who != 1 ? new LyingTls(k, true, script, r.split()) : new FakeTls(k, true, script),
                new Transfer(k, true, 1, 20_000, 20_000, seed)));
    Peer client =
        pair.connect(
            IDLE,
            k ->
                new Peer(
                    k,
                    who != 0
                        ? new LyingTls(k, false, script, r.split())
                        : new FakeTls(k, false, script),
                    new Transfer(k, false, 1, 20_000, 20_000, seed)));
    pair.sim().run(() -> client.over() || client.done(), 30 * Sim.MINUTES);
    client.close(pair.sim().now());
    pair.client().kick();
    pair.sim().run(() -> pair.accepted().stream().allMatch(Peer::over), 30 * Sim.MINUTES);
    pair.closeServer();
    pair.sim().run(pair::empty, 30 * Sim.MINUTES);
    return pair.empty()
        ? ""
        : "sockets left: "
            + pair.client().socks()
            + " "
            + pair.server().socks()
            + "; "
            + client
            + "; "
            + pair.accepted();
  }
}
