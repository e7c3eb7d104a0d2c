package dev.quic.dataplane.core.pair;

import static dev.quic.dataplane.core.pair.Programs.DONTWAIT;
import static dev.quic.dataplane.core.pair.Programs.FIN;
import static dev.quic.dataplane.core.pair.Programs.NEW;
import static dev.quic.dataplane.core.pair.Programs.UNI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stream part of the kernel's function test, cases 1 to 36, and of its self-test. */
class FunctionStreamTest {
  private Programs p;
  private Program c;

  @BeforeEach
  void connect() {
    p = Programs.established(1);
    c = p.client;
  }

  @Test
  void cases1To5TheStreamInUse() {
    assertThat(c.send("a", -1, 0)).isEqualTo(1);
    assertThat(c.plain("x", NEW)).as("1").isEqualTo(-Errno.EINVAL);
    assertThat(c.send("b", -1, FIN)).isEqualTo(1);
    p.serve();
    Program.Got got = c.recv();
    assertThat(got.text()).as("2").isEqualTo("ab");
    assertThat(got.stream()).isZero();
    assertThat(got.fin()).isTrue();
    assertThat(c.plain("uni", NEW | FIN | UNI)).as("3").isEqualTo(3);
    assertThat(p.server.recv().stream()).isEqualTo(2);
    assertThat(c.plain("bidi", NEW | FIN)).as("4").isEqualTo(4);
    assertThat(p.server.recv().stream()).isEqualTo(4);
    assertThat(c.open(0, 0)).as("5").isEqualTo(-Errno.ENOSTR);
  }

  @Test
  void cases6To17OpeningAndChoosing() {
    assertThat(c.open(0, 0)).as("6").isZero();
    assertThat(c.open(-1, 0)).as("7").isEqualTo(4);
    assertThat(c.open(-1, UNI)).as("8").isEqualTo(2);
    p.exchange("first", 0, 0);
    assertThat(c.open(0, 0)).as("9").isEqualTo(-Errno.ENOSTR);
    assertThat(c.open(4, 0)).as("10").isEqualTo(-Errno.EINVAL);
    p.exchange("chosen", 4, 0);
    assertThat(c.send("x", 2, 0)).as("11").isEqualTo(1);
    assertThat(c.send("x", 2, FIN)).isEqualTo(1);
    p.serve();
    assertThat(c.recv().stream()).isEqualTo(3);
    assertThat(c.send("a", -1, NEW)).isEqualTo(1);
    assertThat(c.send("b", -1, NEW)).as("12").isEqualTo(-Errno.EINVAL);
    assertThat(c.send("b", -1, FIN)).isEqualTo(1);
    p.serve();
    assertThat(c.recv().stream()).isEqualTo(8);
    assertThat(c.send("u", -1, NEW | UNI | FIN)).as("13").isEqualTo(1);
    assertThat(p.server.recv().stream()).isEqualTo(6);
    assertThat(p.exchange("next", -1, NEW).stream()).as("14").isEqualTo(12);
    assertThat(c.open(16, 0)).isEqualTo(16);
    assertThat(c.open(20, 0)).isEqualTo(20);
    assertThat(p.exchange("on the first", 16, 0).stream()).as("15").isEqualTo(16);
    assertThat(p.exchange("on the second", 20, 0).stream()).as("16").isEqualTo(20);
    assertThat(c.send("x", 16, 0)).as("17").isEqualTo(-Errno.ENOSTR);
    assertThat(c.send("x", 16, NEW)).isEqualTo(-Errno.ENOSTR);
    assertThat(c.send("x", 24, 0)).as("never opened").isEqualTo(-Errno.EINVAL);
  }

  /** So many of a type are over at the server, and more are let in. */
  private long beyond(boolean byOption, boolean uni) {
    int type = uni ? 2 : 0;
    for (int i = 0; i < 4; i++) {
      exchange("close me", 4L * i + type, NEW);
    }
    c.pause(Programs.SECOND);
    long last = 4 * (100 + 3) + type;
    assertThat(open(byOption, last, 0)).as("18, 19, 24, 25").isZero();
    assertThat(open(byOption, last + 4, DONTWAIT)).as("20 to 28").isEqualTo(-Errno.EAGAIN);
    long some = 4L * 50 + type;
    exchange("close another", some, 0);
    c.pause(Programs.SECOND);
    assertThat(open(byOption, last + 8, DONTWAIT)).isEqualTo(-Errno.EAGAIN);
    assertThat(open(byOption, last + 4, DONTWAIT)).as("21 to 29").isZero();
    return last + 4;
  }

  private void exchange(String text, long stream, int flags) {
    assertThat(c.send(text, stream, flags | FIN)).isEqualTo(text.length());
    p.serve();
    assertThat(c.recv().text()).isEqualTo(text);
  }

  /** Its own streams are over at the server only: nothing but reading lets it open another. */
  @Test
  void readingToTheEndWakesWhoWaitsToOpen() {
    int most = 4 * Limits.STREAMS + 1;
    for (int i = 0; i < most; i++) {
      assertThat(c.send("x", 4L * i, NEW | FIN)).as("stream %s", i).isEqualTo(1);
      p.serve();
      if (i % 32 == 0) {
        c.pause(Programs.SECOND / 10);
      }
    }
    c.pause(Programs.SECOND);
    assertThat(c.open(4L * most, DONTWAIT)).isEqualTo(-Errno.EAGAIN);
    int[] woken = new int[1];
    c.sock.watch((s, mask) -> woken[0] |= mask);
    c.pause(Programs.SECOND);
    assertThat(woken[0] & Sock.POLL_OUT).isZero();
    assertThat(c.recv().fin()).isTrue();
    c.pause(Programs.SECOND);
    assertThat(woken[0] & Sock.POLL_OUT).isNotZero();
    assertThat(c.open(4L * most, DONTWAIT)).isEqualTo(4L * most);
  }

  private int open(boolean byOption, long id, int flags) {
    long r = byOption ? c.open(id, flags) : c.send("x", id, NEW | flags);
    return r == (byOption ? id : 1) ? 0 : (int) r;
  }

  @Test
  void cases18To23LimitsBySending() {
    assertThat(beyond(false, false)).isEqualTo(416);
    assertThat(beyond(false, true)).isEqualTo(418);
  }

  @Test
  void cases24To29LimitsByOption() {
    assertThat(beyond(true, false)).isEqualTo(416);
    assertThat(beyond(true, true)).isEqualTo(418);
  }

  @Test
  void cases30To34Reset() {
    p.exchange("closed", 0, NEW);
    assertThat(c.reset(0, 1)).as("30").isEqualTo(-Errno.ENOSTR);
    assertThat(c.reset(4, 1)).as("31").isEqualTo(-Errno.EINVAL);
    assertThat(c.reset(3, 1)).as("31, the peer's").isEqualTo(-Errno.EINVAL);
    assertThat(c.send("open", 4, NEW)).isEqualTo(4);
    assertThat(c.reset(4, 1)).as("32").isZero();
    assertThat(c.send("x", 4, 0)).as("33").isEqualTo(-Errno.EINVAL);
    assertThat(c.send("x", 4, FIN)).as("34").isEqualTo(-Errno.EINVAL);
    c.pause(Programs.SECOND);
    assertThat(c.reset(4, 1)).as("twice").isEqualTo(-Errno.EINVAL);
    assertThat(p.server.send("u", 3, NEW)).isEqualTo(1);
    assertThat(c.recv().stream()).isEqualTo(3);
    assertThat(c.reset(3, 1)).as("only receives").isEqualTo(-Errno.EINVAL);
  }

  @Test
  void cases35And36StopSending() {
    p.exchange("closed", 0, NEW);
    c.pause(Programs.SECOND);
    assertThat(p.server.stop(0, 1)).isEqualTo(-Errno.ENOSTR);
    assertThat(p.server.stop(4, 1)).isEqualTo(-Errno.EINVAL);
    assertThat(c.send("client stop_sending", 2, NEW)).isEqualTo(19);
    assertThat(c.stop(2, 1)).as("only sends").isEqualTo(-Errno.EINVAL);
    assertThat(p.server.recv().stream()).isEqualTo(2);
    assertThat(p.server.stop(2, 7)).isZero();
    assertThat(p.server.stop(2, 7)).as("under way").isEqualTo(-Errno.EAGAIN);
    c.pause(p.world.delay + 1);
    assertThat(c.send("x", 2, 0)).as("35, at once").isEqualTo(-Errno.ENOSTR);
    c.pause(Programs.SECOND);
    assertThat(c.send("x", 2, FIN)).as("36").isEqualTo(-Errno.ENOSTR);
    assertThat(p.server.stop(2, 7)).as("over").isEqualTo(-Errno.ENOSTR);
    assertThat(c.plain("next", NEW | FIN)).as("no longer the one in use").isEqualTo(4);
  }

  @Test
  void stopSendingMayBeRepeatedOnceItArrived() {
    assertThat(c.send("x", 0, NEW)).isEqualTo(1);
    assertThat(p.server.recv().n()).isEqualTo(1);
    p.world.wire = (from, to, bytes) -> to.equals(c.sock.sockname()) ? bytes : null;
    assertThat(p.server.stop(0, 7)).isZero();
    c.pause(p.world.delay + 1);
    assertThat(p.server.stop(0, 7)).isEqualTo(-Errno.EAGAIN);
    p.world.wire = (from, to, bytes) -> bytes;
    c.pause(Programs.SECOND);
    assertThat(p.server.stop(0, 7)).as("reset has come").isEqualTo(-Errno.EINVAL);
  }

  @Test
  void selfTestOrderOfOpening() {
    assertThat(c.send("x", 0, 0)).as("unopened").isEqualTo(-Errno.EINVAL);
    assertThat(c.send("x", 4, NEW | FIN)).isEqualTo(1);
    assertThat(c.send("x", 0, NEW | FIN)).isEqualTo(1);
    assertThat(p.server.recv().n()).isEqualTo(1);
    assertThat(p.server.recv().n()).isEqualTo(1);
    assertThat(c.send("x", -1, NEW | FIN)).isEqualTo(1);
    assertThat(p.server.recv().stream()).isEqualTo(8);
    assertThat(c.send("x", -1, NEW | FIN | UNI)).isEqualTo(1);
    assertThat(p.server.recv().stream()).isEqualTo(2);
    assertThat(c.open(-1, 0)).isEqualTo(12);
    assertThat(c.open(-1, UNI)).isEqualTo(6);
    assertThat(c.open(-1, 1)).as("a bad flag").isEqualTo(-Errno.EINVAL);
    assertThat(c.open(1, 0)).as("the server's").isEqualTo(-Errno.EINVAL);
    assertThat(c.get(1, new byte[8])).as("short").isEqualTo(-Errno.EINVAL);
    assertThat(c.send(new byte[0], 12, 0, 0)).isEqualTo(-Errno.EMSGSIZE);
    assertThat(c.send(new byte[0], 12, FIN, 0)).as("only the end").isZero();
    Program.Got end = p.server.recv();
    assertThat(end.n()).isZero();
    assertThat(end.stream()).isEqualTo(12);
    assertThat(end.fin()).isTrue();
  }

  @Test
  void plainCallsFollowTheStreamInUse() {
    assertThat(p.server.plain("from the server", 0)).isEqualTo(15);
    assertThat(c.recv().stream()).isEqualTo(1);
    assertThat(c.plain("answer", 0)).isEqualTo(6);
    Program.Got got = p.server.recv();
    assertThat(got.stream()).as("the stream the peer opened").isEqualTo(1);
    assertThat(got.text()).isEqualTo("answer");
  }
}
