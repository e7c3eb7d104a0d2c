package dev.quic.dataplane.core.pair;

import static dev.quic.dataplane.core.pair.Programs.FIN;
import static dev.quic.dataplane.core.pair.Programs.NEW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The connection part of the kernel's function test, cases 1 to 27, and of its self-test. */
class FunctionConnectionTest {
  private static final int DATAGRAM = QuicUapi.MSG_QUIC_DATAGRAM;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cases1To12ConnectionIds(boolean dest) {
    Programs p = Programs.established(1);
    Program c = p.client;
    assertThat(c.ids(dest)).containsExactly(0, 0);
    assertThat(c.ids(dest, 0, 0)).as("nothing asked").isZero();
    for (int prior = 1; prior <= 2; prior++) {
      assertThat(c.ids(dest, 0, prior)).as("1, 2, 7, 8").isZero();
      c.pause(Programs.SECOND);
      assertThat(c.ids(dest)).containsExactly(prior, prior);
    }
    assertThat(c.ids(dest, 0, 2)).as("3, 9: retired").isEqualTo(-Errno.EINVAL);
    assertThat(c.ids(dest, 0, 9)).as("4, 10: all").isEqualTo(-Errno.EINVAL);
    assertThat(c.ids(dest, 0, 5)).as("5, 11: several").isZero();
    c.pause(Programs.SECOND);
    assertThat(c.ids(dest)).containsExactly(5, 5);
    assertThat(c.ids(dest, 0, 11)).as("6, 12: all but one").isZero();
    c.pause(Programs.SECOND);
    assertThat(c.ids(dest)).containsExactly(11, 11);
    assertThat(p.exchange("still here", 0, NEW).n()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void selfTestConnectionIds(boolean dest) {
    Programs p = Programs.established(1);
    Program c = p.client;
    assertThat(c.ids(dest, 0, 3)).isZero();
    c.pause(Programs.SECOND);
    assertThat(c.ids(dest)).containsExactly(3, 3);
    assertThat(c.ids(dest, 3, 0)).as("active already").isEqualTo(-Errno.EINVAL);
    assertThat(c.ids(dest, 10, 0)).as("unknown").isEqualTo(-Errno.EINVAL);
    assertThat(c.ids(dest, 0, 3)).isEqualTo(-Errno.EINVAL);
    assertThat(c.ids(dest, 0, 10)).isEqualTo(-Errno.EINVAL);
    assertThat(c.ids(dest, 9, 0)).as("the last").isZero();
    assertThat(c.ids(dest)).containsExactly(3, 9);
    assertThat(p.exchange("still here", 0, NEW).n()).isPositive();
  }

  @Test
  void cases13To16MigrationOfTheClient() {
    Programs p = Programs.established(2);
    Program c = p.client;
    SockAddr old = c.sock.sockname();
    byte[] sockaddr = SockAddrCodec.encode(old.withPort(5_555));
    byte[] cut = Arrays.copyOf(sockaddr, 8);
    int option = QuicUapi.QUIC_SOCKOPT_CONNECTION_MIGRATION;
    assertThat(c.set(option, cut)).as("short").isEqualTo(-Errno.EINVAL);
    assertThat(c.migrate(old.withPort(0))).as("no port").isEqualTo(-Errno.EINVAL);
    assertThat(c.migrate(old)).as("the same").isEqualTo(-Errno.EINVAL);
    assertThat(c.migrate(SockAddr.v6(1, 2, 5_555, 0))).as("family").isEqualTo(-Errno.EINVAL);
    assertThat(c.migrate(old.withPort(5_555))).as("13").isZero();
    assertThat(c.migrate(old.withPort(5_556))).as("under way").isEqualTo(-Errno.EAGAIN);
    assertThat(c.ids(true, 0, 1)).as("its id is taken").isEqualTo(-Errno.EAGAIN);
    assertThat(p.exchange("new address", 0, NEW).n()).as("14").isPositive();
    c.pause(5 * Programs.SECOND);
    assertThat(c.sock.sockname().port()).as("15").isEqualTo(5_555);
    SockAddr seen = p.server.sock.peername();
    assertThat(seen == null ? -1 : seen.port()).isEqualTo(5_555);
    assertThat(c.ids(true)).as("16").containsExactly(1, 1);
    assertThat(c.ids(false)[0]).as("16").isEqualTo(1);
    assertThat(p.exchange("after it", 4, NEW).n()).isPositive();
  }

  @Test
  void cases17To19MigrationOfTheServer() {
    Programs p = Programs.established(3);
    Program s = p.server;
    SockAddr to = s.sock.sockname().withPort(4_434);
    assertThat(s.migrate(s.sock.sockname())).isEqualTo(-Errno.EINVAL);
    assertThat(s.migrate(to)).as("17").isZero();
    assertThat(s.migrate(to.withPort(4_435))).isEqualTo(-Errno.EAGAIN);
    assertThat(p.exchange("meanwhile", 0, NEW).n()).isPositive();
    p.client.pause(5 * Programs.SECOND);
    assertThat(s.sock.sockname().port()).isEqualTo(4_434);
    SockAddr seen = p.client.sock.peername();
    assertThat(seen == null ? -1 : seen.port()).as("18").isEqualTo(4_434);
    assertThat(p.client.ids(true)[0]).as("19").isEqualTo(1);
    assertThat(p.client.ids(false)[0]).as("19").isEqualTo(1);
    assertThat(p.exchange("after it", 4, NEW).n()).isPositive();
    assertThat(p.exchange("and on", 8, NEW).n()).isPositive();
    assertThat(s.migrate(to.withPort(4_435))).as("again").isZero();
    p.client.pause(5 * Programs.SECOND);
    assertThat(p.exchange("and on", 12, NEW).n()).isPositive();
    SockAddr now = p.client.sock.peername();
    assertThat(now == null ? -1 : now.port()).isEqualTo(4_435);
    // The listener is where it was.
    assertThat(p.listener.sockname().port()).isEqualTo(4_433);
  }

  @Test
  void aBusyConnectionFollowsItsServer() {
    Programs p = Programs.established(4);
    byte[] much = new byte[400_000];
    assertThat(p.client.send(much, 0, NEW, 0)).isPositive();
    assertThat(p.server.migrate(p.server.sock.sockname().withPort(4_434))).isZero();
    int read = 0;
    while (read < 200_000) {
      Program.Got got = p.server.recv();
      assertThat(got.n()).isPositive();
      read += got.n();
    }
    p.client.pause(5 * Programs.SECOND);
    SockAddr seen = p.client.sock.peername();
    assertThat(seen == null ? -1 : seen.port()).isEqualTo(4_434);
    assertThat(p.server.sock.sockname().port()).isEqualTo(4_434);
  }

  @Test
  void nobodyMovesWhereThePeerForbidsIt() {
    byte[] param = new byte[56];
    param[1] = 1;
    Programs p =
        Programs.established(
            5,
            s -> s.setsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, param));
    SockAddr c = p.client.sock.sockname();
    assertThat(p.client.migrate(c.withPort(5_555))).isEqualTo(-Errno.EINVAL);
    SockAddr s = p.server.sock.sockname();
    assertThat(p.server.migrate(s.withPort(5_555))).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void cases20To22KeyUpdate() {
    Programs p = Programs.established(6);
    assertThat(p.exchange("before", 0, NEW).n()).isPositive();
    assertThat(p.client.keyUpdate()).isZero();
    assertThat(p.client.keyUpdate()).as("20").isEqualTo(-Errno.EINVAL);
    assertThat(p.exchange("local", 4, NEW).text()).as("21").isEqualTo("local");
    p.client.pause(Programs.SECOND);
    assertThat(p.server.keyUpdate()).isZero();
    assertThat(p.exchange("peer", 8, NEW).text()).as("22").isEqualTo("peer");
    assertThat(p.exchange("acknowledged in its phase", 16, NEW).n()).isPositive();
    p.client.pause(Programs.SECOND);
    assertThat(p.client.keyUpdate()).as("once more").isZero();
    assertThat(p.exchange("again", 12, NEW).text()).isEqualTo("again");
  }

  @Test
  void cases23To25Token() {
    Programs p = Programs.established(7);
    int token = QuicUapi.QUIC_SOCKOPT_TOKEN;
    byte[] first = new byte[512];
    int n = p.client.get(token, first);
    assertThat(n).isBetween(1, 120);
    assertThat(p.client.get(token, new byte[n - 1])).as("short").isEqualTo(-Errno.EINVAL);
    assertThat(p.server.get(token, new byte[512])).isEqualTo(-Errno.EINVAL);
    assertThat(p.server.set(token, new byte[0])).as("23").isZero();
    assertThat(p.server.set(token, new byte[0])).as("unacknowledged").isEqualTo(-Errno.EAGAIN);
    p.client.pause(Programs.SECOND);
    byte[] second = new byte[512];
    assertThat(p.client.get(token, second)).as("24").isBetween(1, 120);
    assertThat(second).isNotEqualTo(first);
    assertThat(p.client.set(token, new byte[0])).as("25").isEqualTo(-Errno.EINVAL);
    assertThat(p.client.set(token, new byte[121])).isEqualTo(-Errno.EINVAL);
    assertThat(p.client.set(token, new byte[120])).isZero();
    assertThat(p.client.get(token, second)).isEqualTo(120);
  }

  @Test
  void cases26And27Datagrams() {
    byte[] param = new byte[56];
    param[8] = 0x78;
    param[9] = 0x05;
    Programs p =
        Programs.established(
            8,
            s -> s.setsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, param));
    assertThat(p.client.plain("client datagram", DATAGRAM)).as("26").isEqualTo(15);
    Program.Got got = p.server.recv();
    assertThat(got.flags()).isEqualTo(DATAGRAM | QuicUapi.MSG_EOR);
    assertThat(got.text()).isEqualTo("client datagram");
    // The helper of libquic always has a control message, too.
    assertThat(p.server.send(got.bytes(), 0, 0, DATAGRAM)).isEqualTo(15);
    assertThat(p.client.recv().text()).isEqualTo("client datagram");
    assertThat(p.client.plain(new byte[1_400], DATAGRAM)).as("27").isEqualTo(-Errno.EMSGSIZE);
    assertThat(p.client.plain(new byte[4_096], DATAGRAM)).isEqualTo(-Errno.EMSGSIZE);
    assertThat(p.client.plain(new byte[0], DATAGRAM)).isEqualTo(-Errno.EMSGSIZE);
    Programs without = Programs.established(9);
    assertThat(without.client.plain("x", DATAGRAM)).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void selfTestTickets() {
    Programs p = Programs.established(10);
    int ticket = QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
    assertThat(p.client.get(ticket, new byte[4_096])).as("none yet").isZero();
    assertThat(p.server.get(ticket, new byte[4_096])).as("derived").isEqualTo(64);
    assertThat(p.server.get(ticket, new byte[63])).isEqualTo(-Errno.EINVAL);
    assertThat(p.server.set(ticket, new byte[63])).isEqualTo(-Errno.EINVAL);
    assertThat(p.server.set(ticket, new byte[4_097])).isEqualTo(-Errno.EINVAL);
    assertThat(p.server.set(ticket, new byte[100])).isZero();
    assertThat(p.server.get(ticket, new byte[4_096])).isEqualTo(100);
    byte[] message = FakeTls.message(4, new byte[40]);
    FakeTls tls = new FakeTls(p.server.sock, true);
    tls.send(p.world.now, QuicUapi.QUIC_CRYPTO_APP, message, false);
    p.client.pause(Programs.SECOND);
    byte[] got = new byte[4_096];
    assertThat(p.client.get(ticket, got)).isEqualTo(44);
    assertThat(Arrays.copyOf(got, 44)).isEqualTo(message);
  }

  @Test
  void whatIsKeptOfAnEarlierConnectionIsDroppedForWhatThisOneBrings() {
    Programs p =
        Programs.established(
            11,
            s -> {
              int level = QuicUapi.SOL_QUIC;
              s.setsockopt(0, level, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, new byte[100]);
              s.setsockopt(0, level, QuicUapi.QUIC_SOCKOPT_TOKEN, new byte[17]);
            });
    int ticket = QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
    assertThat(p.client.get(ticket, new byte[4_096])).isZero();
    assertThat(p.client.get(QuicUapi.QUIC_SOCKOPT_TOKEN, new byte[512])).isNotEqualTo(17);
  }

  @Test
  void closeCases3To7() {
    Programs p = Programs.established(12);
    int close = QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE;
    byte[] info = new byte[72];
    assertThat(p.client.get(close, info)).as("3").isEqualTo(72);
    assertThat(info).containsOnly(0);
    byte[] mine = Program.closeInfo(7, "mine");
    mine[4] = 3;
    assertThat(p.client.set(close, mine)).isZero();
    assertThat(p.client.get(close, info)).as("4").isEqualTo(72);
    assertThat(info).isEqualTo(Program.closeInfo(7, "mine"));
    assertThat(p.client.get(close, new byte[4])).as("cut to the caller's room").isEqualTo(4);
    assertThat(p.client.event(QuicUapi.QUIC_EVENT_CONNECTION_CLOSE, true)).as("5").isZero();
    assertThat(p.server.set(close, Program.closeInfo(10, "this is app err"))).as("6").isZero();
    assertThat(p.server.send("last", 1, NEW | FIN)).isEqualTo(4);
    p.server.sock.close(p.world.now);
    p.client.pause(Programs.SECOND);
    Program.Got got = p.client.recv();
    assertThat(got.event(QuicUapi.QUIC_EVENT_CONNECTION_CLOSE)).as("7").isTrue();
    assertThat(Arrays.copyOfRange(got.bytes(), 1, 73))
        .isEqualTo(Program.closeInfo(10, "this is app err"));
    assertThat(p.client.get(close, info)).isEqualTo(72);
    assertThat(info).isEqualTo(Program.closeInfo(10, "this is app err"));
    assertThat(p.client.recv().text()).as("what was queued stays").isEqualTo("last");
    assertThat(p.client.recv().n()).isEqualTo(-Errno.ENOTCONN);
  }
}
