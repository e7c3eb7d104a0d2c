package dev.quic.dataplane.core.pair;

import static dev.quic.dataplane.core.pair.Programs.FIN;
import static dev.quic.dataplane.core.pair.Programs.NEW;
import static dev.quic.dataplane.core.pair.Programs.UNI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

/** The notification part of the kernel's function test, cases 1 to 30, and its self-test's. */
class FunctionNotificationTest {
  private static final int UPDATE = QuicUapi.QUIC_EVENT_STREAM_UPDATE;
  private static final int SEND_RECVD = QuicUapi.QUIC_STREAM_SEND_STATE_RECVD;
  private static final int RESET_SENT = QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT;
  private static final int SEND_RESET_RECVD = QuicUapi.QUIC_STREAM_SEND_STATE_RESET_RECVD;
  private static final int RECV = QuicUapi.QUIC_STREAM_RECV_STATE_RECV;
  private static final int SIZE_KNOWN = QuicUapi.QUIC_STREAM_RECV_STATE_SIZE_KNOWN;
  private static final int RECVD = QuicUapi.QUIC_STREAM_RECV_STATE_RECVD;
  private static final int RESET_RECVD = QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD;

  private final Programs p = Programs.established(1);
  private final Program c = p.client;

  /** The next message is a STREAM_UPDATE of this stream; code and final size. */
  private static void update(Program at, long stream, int state, int code, long size) {
    Program.Got got = at.recv();
    assertThat(got.event(UPDATE)).as("%s %s", got, got.text()).isTrue();
    assertThat(got.n()).isEqualTo(25);
    assertThat(got.flags() & QuicUapi.MSG_EOR).isNotZero();
    assertThat(got.get64(1)).isEqualTo(stream);
    assertThat((int) got.bytes()[9]).as("state").isEqualTo(state);
    assertThat(got.get32(13)).as("code").isEqualTo(code);
    assertThat(got.get64(17)).as("final size").isEqualTo(size);
  }

  @Test
  void everyEventCanBeSwitched() {
    for (int type = 1; type <= 9; type++) {
      byte[] v = {(byte) type, 9};
      assertThat(c.get(QuicUapi.QUIC_SOCKOPT_EVENT, v)).isEqualTo(2);
      assertThat(v).containsExactly(type, 0);
      assertThat(c.event(type, true)).isZero();
      c.get(QuicUapi.QUIC_SOCKOPT_EVENT, v);
      assertThat(v).containsExactly(type, 1);
      assertThat(c.event(type, false)).isZero();
      c.get(QuicUapi.QUIC_SOCKOPT_EVENT, v);
      assertThat(v).containsExactly(type, 0);
    }
    for (int type : new int[] {0, 10, 255}) {
      assertThat(c.event(type, true)).isEqualTo(-Errno.EINVAL);
      byte[] v = {(byte) type, 0};
      assertThat(c.get(QuicUapi.QUIC_SOCKOPT_EVENT, v)).isEqualTo(-Errno.EINVAL);
    }
  }

  @Test
  void cases1To11StreamUpdate() {
    assertThat(c.event(UPDATE, true)).as("1").isZero();
    assertThat(c.send("hello", 0, NEW | FIN)).isEqualTo(5);
    p.serve();
    update(c, 0, SEND_RECVD, 0, 5);
    update(c, 0, RECV, 0, 0);
    update(c, 0, RECVD, 0, 5);
    assertThat(c.recv().text()).as("5").isEqualTo("hello");
    assertThat(c.send("x", 4, NEW)).isEqualTo(1);
    c.pause(Programs.SECOND);
    assertThat(c.reset(4, 9)).isZero();
    update(c, 4, SEND_RESET_RECVD, 9, 1);
    assertThat(c.send("client stop_sending", 2, NEW)).isEqualTo(19);
    c.pause(Programs.SECOND);
    assertThat(p.server.stop(2, 8)).isZero();
    update(c, 2, RESET_SENT, 8, 19);
    update(c, 2, SEND_RESET_RECVD, 8, 19);
    assertThat(p.server.send("client reset", 3, NEW)).isEqualTo(12);
    c.pause(Programs.SECOND);
    assertThat(p.server.reset(3, 7)).isZero();
    update(c, 3, RECV, 0, 0);
    c.pause(Programs.SECOND);
    update(c, 3, RESET_RECVD, 7, 12);
    assertThat(c.recvNow(100, 0).n()).as("reset data is gone").isEqualTo(-Errno.EAGAIN);
    assertThat(c.event(UPDATE, false)).as("11").isZero();
    assertThat(p.exchange("quiet", 8, NEW).cmsg()).isEqualTo(QuicUapi.QUIC_STREAM_INFO);
  }

  @Test
  void holesShowTheSizeBeforeTheEnd() {
    assertThat(c.event(UPDATE, true)).isZero();
    assertThat(p.server.send(new byte[1_000], 1, NEW, 0)).isEqualTo(1_000);
    int[] count = new int[1];
    p.world.wire =
        (from, to, bytes) -> to.equals(c.sock.sockname()) && count[0]++ == 0 ? null : bytes;
    p.server.pause(1);
    assertThat(p.server.send(new byte[3_000], 1, FIN, 0)).isEqualTo(3_000);
    update(c, 1, RECV, 0, 0);
    update(c, 1, SIZE_KNOWN, 0, 4_000);
    update(c, 1, RECVD, 0, 4_000);
  }

  @Test
  void cases12To15MaxStreams() {
    int type = QuicUapi.QUIC_EVENT_STREAM_MAX_STREAM;
    assertThat(c.event(type, true)).as("12").isZero();
    for (boolean uni : new boolean[] {false, true}) {
      int stream = uni ? 2 : 0;
      assertThat(c.send("x", stream, NEW | FIN)).isEqualTo(1);
      p.serve();
      Program.Got got = c.recv();
      if (!got.event(type)) {
        assertThat(got.text()).isEqualTo("x");
        got = c.recv();
      }
      assertThat(got.event(type)).as("13, 14").isTrue();
      assertThat(got.get64(1)).isEqualTo(4 * 101 + stream);
      c.pause(Programs.SECOND);
      c.recvNow(10, 0);
    }
    assertThat(c.event(type, false)).as("15").isZero();
    assertThat(p.exchange("quiet", 4, NEW).n()).isPositive();
  }

  @Test
  void cases16To19Migration() {
    int type = QuicUapi.QUIC_EVENT_CONNECTION_MIGRATION;
    assertThat(c.event(type, true)).as("16").isZero();
    assertThat(p.server.event(type, true)).isZero();
    assertThat(c.migrate(c.sock.sockname().withPort(5_555))).isZero();
    Program.Got got = c.recv();
    assertThat(got.event(type)).as("17").isTrue();
    assertThat(got.bytes()).containsExactly(type, 1);
    assertThat(p.server.recv().bytes()).containsExactly(type, 0);
    c.pause(5 * Programs.SECOND);
    assertThat(p.server.migrate(p.server.sock.sockname().withPort(4_434))).isZero();
    assertThat(c.recv().bytes()).as("18").containsExactly(type, 0);
    assertThat(p.server.recv().bytes()).containsExactly(type, 1);
    assertThat(c.event(type, false)).as("19").isZero();
  }

  @Test
  void cases20To23KeyUpdate() {
    int type = QuicUapi.QUIC_EVENT_KEY_UPDATE;
    assertThat(c.event(type, true)).as("20").isZero();
    assertThat(c.keyUpdate()).isZero();
    assertThat(p.exchange("no event", 0, NEW).text()).as("21").isEqualTo("no event");
    c.pause(Programs.SECOND);
    assertThat(p.server.keyUpdate()).isZero();
    assertThat(p.server.send("x", 1, NEW | FIN)).isEqualTo(1);
    assertThat(c.recv().bytes()).as("22").containsExactly(type, 0);
    assertThat(c.recv().text()).isEqualTo("x");
    assertThat(c.event(type, false)).as("23").isZero();
  }

  @Test
  void cases24To26NewToken() {
    int type = QuicUapi.QUIC_EVENT_NEW_TOKEN;
    assertThat(c.event(type, true)).as("24").isZero();
    assertThat(p.server.set(QuicUapi.QUIC_SOCKOPT_TOKEN, new byte[0])).isZero();
    Program.Got got = c.recv();
    assertThat(got.event(type)).as("25").isTrue();
    byte[] token = new byte[got.n() - 1];
    assertThat(c.get(QuicUapi.QUIC_SOCKOPT_TOKEN, token)).isEqualTo(token.length);
    assertThat(got.bytes()).endsWith(token);
    assertThat(c.event(type, false)).as("26").isZero();
  }

  @Test
  void newSessionTicket() {
    int type = QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET;
    assertThat(c.event(type, true)).isZero();
    byte[] message = FakeTls.message(4, new byte[40]);
    FakeTls tls = new FakeTls(p.server.sock, true);
    tls.send(p.world.now, QuicUapi.QUIC_CRYPTO_APP, message, false);
    Program.Got got = c.recv();
    assertThat(got.event(type)).isTrue();
    assertThat(got.bytes()).endsWith(message);
  }

  @Test
  void cases27To30ConnectionId() {
    int type = QuicUapi.QUIC_EVENT_CONNECTION_ID;
    assertThat(c.event(type, true)).as("27").isZero();
    for (int dest = 0; dest < 2; dest++) {
      assertThat(c.ids(dest == 1, 0, 1)).isZero();
      Program.Got got = c.recv();
      assertThat(got.event(type)).as("28, 29").isTrue();
      assertThat((int) got.bytes()[1]).isEqualTo(dest);
      assertThat(got.get32(5)).as("active").isEqualTo(1);
      assertThat(got.get32(9)).as("first").isEqualTo(1);
    }
    assertThat(c.event(type, false)).as("30").isZero();
  }

  @Test
  void maxDataAndItsOrderBeforeData() {
    int type = QuicUapi.QUIC_EVENT_STREAM_MAX_DATA;
    assertThat(c.event(type, true)).isZero();
    byte[] much = new byte[300_000];
    assertThat(c.send(much, 0, NEW, 0)).isPositive();
    int read = 0;
    while (read < 200_000) {
      Program.Got got = p.server.recv();
      assertThat(got.n()).isPositive();
      read += got.n();
    }
    c.send(much, 0, 0, 0);
    for (int i = 0; i < 40 && read < 400_000; i++) {
      read += Math.max(0, p.server.recv().n());
    }
    assertThat(p.server.send("data", 0, 0)).isEqualTo(4);
    c.pause(Programs.SECOND);
    Program.Got got = c.recv();
    assertThat(got.event(type)).as("events before data").isTrue();
    assertThat(got.n()).isEqualTo(17);
    assertThat(got.get64(1)).isZero();
    assertThat(got.get64(9)).isGreaterThan(65_535 * 16);
  }

  @Test
  void partsPeeksAndUniStreams() {
    assertThat(c.event(UPDATE, true)).isZero();
    assertThat(c.send("x", -1, NEW | FIN | UNI)).isEqualTo(1);
    c.pause(Programs.SECOND);
    Program.Got part = c.recvNow(10, 0);
    assertThat(part.n()).isEqualTo(10);
    assertThat(part.flags()).isEqualTo(QuicUapi.MSG_QUIC_NOTIFICATION);
    assertThat(c.recvNow(4, QuicUapi.MSG_PEEK).n()).isEqualTo(4);
    Program.Got rest = c.recvNow(100, QuicUapi.MSG_PEEK);
    assertThat(rest.n()).isEqualTo(15);
    assertThat(rest.flags()).isEqualTo(QuicUapi.MSG_QUIC_NOTIFICATION | QuicUapi.MSG_EOR);
    assertThat(c.recvNow(100, 0).bytes()).isEqualTo(rest.bytes());
    assertThat(c.event(UPDATE, false)).isZero();
    assertThat(p.server.send("abcdef", 1, NEW | FIN)).isEqualTo(6);
    c.pause(Programs.SECOND);
    assertThat(c.recvNow(4, QuicUapi.MSG_PEEK).text()).isEqualTo("abcd");
    Program.Got first = c.recvNow(4, 0);
    assertThat(first.text()).isEqualTo("abcd");
    assertThat(first.fin()).isFalse();
    Program.Got second = c.recvNow(4, 0);
    assertThat(second.text()).isEqualTo("ef");
    assertThat(second.fin()).isTrue();
  }
}
