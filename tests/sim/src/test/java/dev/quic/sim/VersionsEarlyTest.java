package dev.quic.sim;

import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V1;
import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 0-RTT, Retry and tokens in QUIC version 2 and across versions (RFC 9369 sections 4 and 5). */
class VersionsEarlyTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int BYTES = 4_000;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final LongHeaders toServer = new LongHeaders();
  private final LongHeaders toClient = new LongHeaders();

  VersionsEarlyTest() {
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

  private void listen(TlsScript script, int version, int... versions) {
    s.pair.version(version);
    s.pair.versions(versions);
    s.listen(script, IDLE, 1, BYTES);
  }

  private Peer connect(TlsScript script, int version) {
    s.pair.version(version);
    s.pair.versions();
    Peer client = s.connect(script, IDLE, 1, BYTES);
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    return client;
  }

  private static int decision(Peer peer) {
    byte[] v = new byte[4];
    peer.sock().getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, v, 4);
    return v[0];
  }

  private static TlsScript early() {
    return TlsScript.plain().granted().withEarly(true);
  }

  @Test
  void earlyDataInVersionTwo() {
    listen(early(), 0);
    s.pair.remember();
    Peer client = connect(early(), QUIC_VERSION_V2);
    assertThat(client.done()).as("%s; %s", client, s.pair.accepted()).isTrue();
    assertThat(decision(client)).isEqualTo(1);
    assertThat(toServer.distinct()).containsExactly("Initial/2", "0-RTT/2", "Handshake/2");
  }

  /** RFC 9369 section 4.1: 0-RTT stays in the original version, all else goes to the other. */
  @ParameterizedTest
  @ValueSource(ints = {QUIC_VERSION_V1, QUIC_VERSION_V2})
  void earlyDataBeforeTheChange(int negotiated) {
    boolean up = negotiated == QUIC_VERSION_V2;
    listen(early(), negotiated);
    s.pair.remember();
    Peer client = connect(early(), up ? QUIC_VERSION_V1 : QUIC_VERSION_V2);
    assertThat(client.done()).as("%s; %s", client, s.pair.accepted()).isTrue();
    assertThat(decision(client)).isEqualTo(1);
    assertThat(VersionsTest.inUse(client)).isEqualTo(negotiated);
    assertThat(toServer.count("0-RTT/" + (up ? 1 : 2))).isPositive();
    assertThat(toServer.count("0-RTT/" + (up ? 2 : 1))).isZero();
    assertThat(toServer.count("Handshake/" + (up ? 1 : 2))).isZero();
  }

  /** RFC 9369 section 5: what a version gave is for that version, so 0-RTT is over. */
  @Test
  void negotiationRefusesEarlyData() {
    listen(TlsScript.plain().granted(), 0, QUIC_VERSION_V1);
    s.pair.remember();
    Peer client = connect(early(), QUIC_VERSION_V2);
    assertThat(client.done()).as("%s; %s", client, s.pair.accepted()).isTrue();
    assertThat(decision(client)).isZero();
    assertThat(toServer.count("0-RTT/1")).isZero();
  }

  @Test
  void retryInVersionTwo() {
    s.pair.validatePeerAddress();
    listen(TlsScript.plain(), 0);
    Peer client = connect(TlsScript.plain(), QUIC_VERSION_V2);
    assertThat(client.done()).as("%s", client).isTrue();
    assertThat(toClient.distinct()).containsExactly("Retry/2", "Initial/2", "Handshake/2");
  }

  /** RFC 9369 section 4.1: Retry is of the original version, and so is what answers it. */
  @Test
  void retryBeforeTheChange() {
    s.pair.validatePeerAddress();
    listen(TlsScript.plain(), QUIC_VERSION_V2);
    Peer client = connect(TlsScript.plain(), QUIC_VERSION_V1);
    assertThat(client.done()).as("%s", client).isTrue();
    assertThat(toClient.distinct())
        .containsExactly("Retry/1", "Initial/1", "Initial/2", "Handshake/2");
    assertThat(toServer.distinct()).containsExactly("Initial/1", "Initial/2", "Handshake/2");
    assertThat(VersionsTest.inUse(client)).isEqualTo(QUIC_VERSION_V2);
  }

  /** RFC 9369 section 5: a token is good in the version that was negotiated, and in no other. */
  @ParameterizedTest
  @ValueSource(ints = {QUIC_VERSION_V1, QUIC_VERSION_V2})
  void tokensBelongToAVersion(int later) {
    s.pair.validatePeerAddress();
    listen(TlsScript.plain(), QUIC_VERSION_V2);
    Peer first = connect(TlsScript.plain(), QUIC_VERSION_V1);
    s.sim().runFor(Sim.SECONDS);
    byte[] token = new byte[200];
    int name = QuicUapi.QUIC_SOCKOPT_TOKEN;
    int n = first.sock().getsockopt(0, QuicUapi.SOL_QUIC, name, token, token.length);
    s.pair.token(Arrays.copyOf(token, n));
    long before = toClient.count("Retry/1") + toClient.count("Retry/2");
    assertThat(connect(TlsScript.plain(), later).done()).isTrue();
    long retries = toClient.count("Retry/1") + toClient.count("Retry/2") - before;
    assertThat(retries).isEqualTo(later == QUIC_VERSION_V2 ? 0 : 1);
  }
}
