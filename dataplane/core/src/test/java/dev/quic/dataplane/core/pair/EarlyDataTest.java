package dev.quic.dataplane.core.pair;

import static dev.quic.dataplane.core.pair.EarlyEnds.SECOND;
import static dev.quic.dataplane.core.pair.EarlyEnds.SOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 0-RTT, both roles (RFC 9001 section 4.6). */
class EarlyDataTest {
  private static final int ACCEPTED = 1;
  private static final int REJECTED = 0;
  private static final int UNDECIDED = 2;

  private static EarlyEnds ends(long seed, boolean taken) {
    return ends(seed, taken, new Watch());
  }

  private static EarlyEnds ends(long seed, boolean taken, Watch client) {
    World w = new World(seed);
    w.client.sink = client;
    w.serverTakesEarly = taken;
    EarlyEnds e = new EarlyEnds(w);
    e.remember(e.remembered());
    return e;
  }

  private static boolean isZeroRtt(byte[] datagram) {
    return datagram[0] < 0 && (datagram[0] & 0x30) == 0x10;
  }

  /** Keeps what one side lost, and with what code connections closed. */
  private static final class Watch implements EventSink {
    int lost;
    int zeroRttSent;
    int zeroRttReceived;
    long closedWith = -1;

    @Override
    public void packetLost(long now, long sock, int level, long pn, int bytes) {
      lost++;
    }

    @Override
    public void packetSent(long now, long sock, int level, long pn, int bytes, boolean elicits) {
      zeroRttSent += level == QuicUapi.QUIC_CRYPTO_EARLY ? 1 : 0;
    }

    @Override
    public void packetReceived(long now, long sock, int level, long pn, int bytes) {
      zeroRttReceived += level == QuicUapi.QUIC_CRYPTO_EARLY ? 1 : 0;
    }

    @Override
    public void closed(long now, long sock, boolean local, boolean application, long code) {
      closedWith = local ? code : closedWith;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void acceptedDataIsReadableWithTheClientHelloWhenAskedFor(boolean ownHandshake) {
    EarlyEnds e = ends(1, true);
    e.w.ownHandshake = ownHandshake;
    e.deliverEarly();
    byte[] data = EarlyEnds.pattern(5_000, 1);
    assertThat(e.write(0, data)).isEqualTo(5_000);
    e.start();
    long start = e.w.now;
    assertThat(e.w.run(SECOND, () -> e.accepted() && e.server().finished(0))).isTrue();
    assertThat(e.w.now - start).isEqualTo(e.w.delay);
    assertThat(e.server().bytes(0)).isEqualTo(data);
    assertThat(e.server().sock.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHING);
    assertThat(EarlyEnds.decision(e.w, e.server().sock)).isEqualTo(ACCEPTED);
    assertThat(e.decision()).isEqualTo(UNDECIDED);
    assertThat(e.w.run(SECOND, e::established)).isTrue();
    assertThat(e.decision()).isEqualTo(ACCEPTED);
    assertThat(e.w.client.net.counter(Mib.EARLY_ACCEPTS)).isEqualTo(1);
    assertThat(e.w.server.net.counter(Mib.EARLY_ACCEPTS)).isEqualTo(1);
  }

  @Test
  void acceptedDataWaitsForTheHandshakeOtherwise() {
    EarlyEnds e = ends(2, true);
    Watch server = new Watch();
    e.w.server.sink = server;
    byte[] data = EarlyEnds.pattern(5_000, 1);
    e.write(0, data);
    e.start();
    boolean[] tooSoon = new boolean[1];
    assertThat(
            e.w.run(
                SECOND,
                () -> {
                  boolean has = e.accepted() && e.server().bytes(0).length > 0;
                  boolean before = has && e.server().sock.state() != QuicUapi.QUIC_SS_ESTABLISHED;
                  tooSoon[0] |= before;
                  return has && e.server().finished(0);
                }))
        .isTrue();
    assertThat(tooSoon[0]).isFalse();
    assertThat(server.zeroRttReceived).isPositive();
    assertThat(e.server().bytes(0)).isEqualTo(data);
  }

  @Test
  void onlyTheClientSendsZeroRttAndNoneOnceItHasOneRttKeys() {
    Watch client = new Watch();
    EarlyEnds e = ends(3, true, client);
    Watch server = new Watch();
    e.w.server.sink = server;
    e.w.wire =
        (from, to, bytes) -> {
          if (isZeroRtt(bytes)) {
            assertThat(to.port()).isEqualTo(4433);
            assertThat(e.sock.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHING);
          }
          return bytes;
        };
    e.write(0, EarlyEnds.pattern(8_000, 1));
    e.start();
    assertThat(e.w.run(SECOND, e::established)).isTrue();
    int before = client.zeroRttSent;
    assertThat(before).isPositive();
    e.client().send(4, EarlyEnds.pattern(8_000, 2));
    assertThat(e.w.run(SECOND, () -> e.server().finished(4))).isTrue();
    assertThat(client.zeroRttSent).isEqualTo(before);
    assertThat(server.zeroRttSent).isZero();
    assertThat(e.server().bytes(0)).isEqualTo(EarlyEnds.pattern(8_000, 1));
  }

  @Test
  void refusedDataGoesAgainWithoutACongestionEvent() {
    Watch client = new Watch();
    EarlyEnds e = ends(4, false, client);
    byte[] data = EarlyEnds.pattern(9_000, 1);
    e.write(0, data);
    e.write(4, EarlyEnds.pattern(100, 2));
    e.start();
    e.w.run(SECOND, () -> e.accepted() && e.server().finished(0) && e.server().finished(4));
    assertThat(client.zeroRttSent).isPositive();
    assertThat(client.lost).isZero();
    assertThat(e.decision()).isEqualTo(REJECTED);
    assertThat(EarlyEnds.decision(e.w, e.server().sock)).isEqualTo(REJECTED);
    assertThat(e.server().bytes(0)).isEqualTo(data);
    assertThat(e.server().bytes(4)).isEqualTo(EarlyEnds.pattern(100, 2));
    assertThat(e.w.client.net.counter(Mib.EARLY_REJECTS)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void undecidedIsLeftToLossRecovery(boolean taken) {
    EarlyEnds e = ends(5, taken);
    e.client().tls.tells = false;
    byte[] data = EarlyEnds.pattern(9_000, 1);
    e.write(0, data);
    e.start();
    assertThat(e.w.run(10 * SECOND, () -> e.accepted() && e.server().finished(0))).isTrue();
    assertThat(e.server().bytes(0)).isEqualTo(data);
    assertThat(e.decision()).isEqualTo(UNDECIDED);
  }

  @Test
  void refusedDataBeyondTheRealLimitsWaitsForThem() {
    World w = new World(6);
    EarlyEnds e = new EarlyEnds(w);
    byte[] generous = e.remembered();
    e.remember(generous);
    byte[] tight = generous.clone();
    tight[0] = 0;
    put64(tight, 24, 20_000);
    put64(tight, 40, 4_000);
    tight[20] = 1;
    tight[21] = 0;
    int r = e.listener.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, tight);
    assertThat(r).isZero();
    byte[] one = EarlyEnds.pattern(70_000, 1);
    byte[] two = EarlyEnds.pattern(30_000, 2);
    assertThat(e.write(0, one)).isEqualTo(one.length);
    assertThat(e.write(4, two)).isEqualTo(two.length);
    Watch server = new Watch();
    w.server.sink = server;
    e.start();
    assertThat(w.run(SECOND, () -> e.accepted() && e.server().finished(0))).isTrue();
    assertThat(e.server().bytes(0)).isEqualTo(one);
    // The only stream allowed at once is over when the server ends its side, too.
    e.server().send(0, new byte[1]);
    assertThat(w.run(SECOND, () -> e.server().finished(4))).isTrue();
    assertThat(e.server().bytes(4)).isEqualTo(two);
    assertThat(server.closedWith).isEqualTo(-1);
  }

  private static void put64(byte[] v, int at, long n) {
    for (int i = 0; i < 8; i++) {
      v[at + i] = (byte) (n >>> 8 * i);
    }
  }

  @Test
  void aServerThatTakesZeroRttMayNotLowerALimit() {
    World w = new World(7);
    w.serverTakesEarly = true;
    Watch client = new Watch();
    w.client.sink = client;
    EarlyEnds e = new EarlyEnds(w);
    byte[] more = e.remembered();
    put64(more, 24, 65_535L * 32 + 1);
    e.remember(more);
    e.write(0, new byte[1_000]);
    e.start();
    w.run(SECOND, () -> e.client().tls.failed != 0);
    assertThat(e.client().tls.failed).isEqualTo(-Errno.EINVAL);
    assertThat(client.closedWith).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
  }

  @Test
  void acksDelaysAreNotRemembered() {
    EarlyEnds e = new EarlyEnds(new World(8));
    byte[] v = e.remembered();
    v[7] = 9;
    v[16] = 1;
    e.remember(v);
    byte[] got = new byte[56];
    got[0] = 1;
    e.sock.getsockopt(e.w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, got, 56);
    assertThat(got[7]).isEqualTo((byte) 3);
    assertThat(got[24]).isEqualTo(v[24]);
    assertThat(got[25]).isEqualTo(v[25]);
  }

  @Test
  void withoutRememberedParametersNothingMayBeOpened() {
    EarlyEnds e = new EarlyEnds(new World(9));
    assertThat(e.write(0, new byte[10])).isEqualTo(-Errno.EINVAL);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void survivesLossReorderingAndDuplication(boolean taken) {
    for (long seed = 1; seed <= 40; seed++) {
      EarlyEnds e = ends(seed, taken);
      e.w.loss = 0.1;
      e.w.reorder = 0.2;
      e.w.duplicate = 0.1;
      if ((seed & 1) == 0) {
        e.deliverEarly();
      }
      byte[] data = EarlyEnds.pattern(40_000, (int) seed);
      e.write(0, data);
      e.start();
      boolean done = e.w.run(60 * SECOND, () -> e.accepted() && e.server().finished(0));
      assertThat(done).as("seed %s", seed).isTrue();
      assertThat(e.server().bytes(0)).as("seed %s", seed).isEqualTo(data);
      assertThat(e.w.run(60 * SECOND, e::established)).as("seed %s", seed).isTrue();
      assertThat(e.decision()).isEqualTo(taken ? ACCEPTED : REJECTED);
    }
  }

  @Test
  void optionsAreChecked() {
    EarlyEnds e = ends(10, true);
    int name = QuicUapi.QUIC_SOCKOPT_EARLY_DATA;
    assertThat(e.decision()).isEqualTo(UNDECIDED);
    assertThat(e.sock.setsockopt(e.w.now, SOL, name, new byte[] {2, 0, 0, 0}))
        .isEqualTo(-Errno.EINVAL);
    assertThat(e.sock.setsockopt(e.w.now, SOL, name, new byte[] {0})).isEqualTo(-Errno.EINVAL);
    // Nothing was offered.
    assertThat(e.sock.setsockopt(e.w.now, SOL, name, new byte[] {1, 0, 0, 0}))
        .isEqualTo(-Errno.EINVAL);
    assertThat(e.sock.setsockopt(e.w.now, SOL, name, new byte[4])).isZero();
    assertThat(e.sock.setsockopt(e.w.now, SOL, name, new byte[] {1, 0, 0, 0}))
        .isEqualTo(-Errno.EINVAL);
    assertThat(e.decision()).isEqualTo(REJECTED);
    int delivery = QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY;
    assertThat(e.sock.setsockopt(e.w.now, SOL, delivery, new byte[] {3, 0, 0, 0}))
        .isEqualTo(-Errno.EINVAL);
    byte[] v = new byte[4];
    assertThat(e.sock.getsockopt(e.w.now, SOL, delivery, v, 4)).isEqualTo(4);
    assertThat(v[0]).isZero();
    e.deliverEarly();
    assertThat(e.listener.getsockopt(e.w.now, SOL, delivery, v, 4)).isEqualTo(4);
    assertThat(v[0]).isEqualTo((byte) 1);
  }
}
