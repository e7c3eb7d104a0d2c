package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several listeners of one port, told apart by ALPN and server name. */
class ListenersTest {
  private static final Network CLEAN = Network.clean(20 * Sim.MILLIS);
  private static final SockAddr AT = Pair.SERVER.withPort(Pair.PORT);
  private static final SockAddr ANY = SockAddr.any(QuicUapi.AF_INET, Pair.PORT);

  private final Listeners in = new Listeners(new Scenario(CLEAN));

  @Test
  void protocolsDecide() {
    Sock http = in.listen(AT, "h3");
    Sock files = in.listen(AT, "smbd, ksmbd");
    Sock rest = in.listen(AT, "");
    Peer a = in.connect("h3");
    Peer b = in.connect("ksmbd");
    Peer c = in.connect("");
    Peer d = in.connect("smbd");
    in.finish(a, b, c, d);
    assertThat(in.accepted(http)).isEqualTo(1);
    assertThat(in.accepted(files)).isEqualTo(2);
    assertThat(in.accepted(rest)).isEqualTo(1);
  }

  /** The client's order, not the listeners'. */
  @Test
  void clientsOrderDecides() {
    Sock one = in.listen(AT, "one");
    Sock two = in.listen(AT, "two");
    in.finish(in.connect("none,two,one"), in.connect("one,two"));
    assertThat(in.accepted(one)).isEqualTo(1);
    assertThat(in.accepted(two)).isEqualTo(1);
  }

  /** RFC 9001 section 8.1: the client hears at once, and nobody is disturbed. */
  @ParameterizedTest
  @ValueSource(strings = {"other", ""})
  void nobodySpeaksIt(String protocols) {
    Sock one = in.listen(AT, "one");
    in.listen(AT, "two");
    Peer client = in.connect(protocols);
    in.run(client::over);
    assertThat(client.sock().error()).isEqualTo(Errno.EPROTO);
    byte[] close = new byte[72];
    client
        .sock()
        .getsockopt(
            0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, close, close.length);
    assertThat(close).startsWith(0x78, 0x01, 0, 0);
    assertThat(in.sim().now() - Sim.START).isLessThan(Sim.SECONDS);
    in.finish(in.connect("one"));
    assertThat(in.accepted(one)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "a,a,EADDRINUSE",
    "'','',EADDRINUSE",
    "'a,b','b,a',EADDRINUSE",
    "'a,b','b,c',EADDRINUSE",
    "a,b,OK",
    "'',a,OK",
    "a,'',OK",
    "'a,b','c,d',OK",
    "ab,a,OK"
  })
  void whoMayListen(String first, String second, String answer) {
    in.listen(AT, first);
    Sock s = in.bound(AT, second, "");
    int expected = answer.equals("OK") ? 0 : -Errno.EADDRINUSE;
    assertThat(s.listen(in.now(), 16)).isEqualTo(expected);
    assertThat(s.state())
        .isEqualTo(expected == 0 ? QuicUapi.QUIC_SS_LISTENING : QuicUapi.QUIC_SS_CLOSED);
  }

  @Test
  void closedListenersLeaveTheirPlace() {
    Sock first = in.listen(AT, "a");
    Sock other = in.listen(AT, "b");
    first.close(in.now());
    Sock again = in.listen(AT, "a");
    in.finish(in.connect("a"), in.connect("b"));
    assertThat(in.accepted(again)).isEqualTo(1);
    assertThat(in.accepted(other)).isEqualTo(1);
  }

  /** Killing one program: its connections end, the others' do not notice. */
  @Test
  void oneEndsTheOthersGoOn() {
    Sock doomed = in.listen(AT, "a");
    Sock other = in.listen(AT, "b");
    Peer a = in.connect("a");
    Peer b = in.connect("b", "", 0);
    in.run(() -> in.accepted(doomed) == 1 && b.transfer().received() > 0);
    in.close(doomed);
    in.run(() -> b.done() || b.over());
    assertThat(b.done()).as("%s", b).isTrue();
    assertThat(in.accepted(other)).isEqualTo(1);
    in.run(a::over);
    assertThat(a.over()).isTrue();
  }

  /** What the client looks for stands behind 5000 bytes, in the fifth Initial. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1_000, 5_000, 15_000})
  void longHellos(int padding) {
    Sock a = in.listen(AT, "a");
    Sock b = in.listen(AT, "b");
    in.finish(in.connect("b", "", padding), in.connect("a", "", padding));
    assertThat(in.accepted(a)).isEqualTo(1);
    assertThat(in.accepted(b)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void lostPiecesOfAHello(int lost) {
    Sock a = in.listen(AT, "a");
    in.listen(AT, "b");
    int[] n = {0};
    in.scenario().toServer = d -> n[0]++ != lost;
    in.finish(in.connect("a", "", 4_000));
    assertThat(in.accepted(a)).isEqualTo(1);
  }

  /** The refusal comes from the id that an acknowledgement gave the client. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void nobodySpeaksWhatALongHelloSays(int lost) {
    in.listen(AT, "one");
    in.listen(AT, "two");
    int[] n = {0};
    in.scenario().toServer = d -> n[0]++ != lost;
    Peer client = in.connect("other", "", 2_000);
    in.run(client::over);
    assertThat(client.sock().error()).isEqualTo(Errno.EPROTO);
    assertThat(in.now() - Sim.START).isLessThan(2 * Sim.SECONDS);
  }

  /** Who was acknowledged follows no Retry: the id in the acknowledgement proves its address. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 2, 3})
  void oneOfThemValidates(int lost) {
    Sock trusting = in.listen(AT, "a");
    in.validate();
    Sock careful = in.listen(AT, "b");
    int[] n = {0};
    in.scenario().toServer = d -> n[0]++ != lost;
    in.finish(in.connect("b", "", 2_000), in.connect("a", "", 2_000));
    assertThat(in.accepted(trusting)).isEqualTo(1);
    assertThat(in.accepted(careful)).isEqualTo(1);
  }

  /** Those of one address may speak different versions; the client is told what its own speaks. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2_000})
  void versionsAreEachOnesOwn(int padding) {
    in.listen(AT, "a");
    Sock two = in.bound(AT, "b", "");
    byte[] v2 = {(byte) 0xcf, 0x43, 0x33, 0x6b};
    int name = QuicUapi.QUIC_SOCKOPT_VERSIONS;
    assertThat(two.setsockopt(in.now(), QuicUapi.SOL_QUIC, name, v2)).isZero();
    assertThat(two.listen(in.now(), 16)).isZero();
    in.take(two);
    Peer client = in.connect("b", "", padding);
    in.finish(client, in.connect("a", "", padding));
    assertThat(in.accepted(two)).isEqualTo(1);
    assertThat(VersionsTest.inUse(client)).isEqualTo(QuicUapi.QUIC_VERSION_V2);
  }

  /** RFC 9000 section 8.1: an acknowledgement from before there was a connection counts. */
  @Test
  void aSilentClientGetsThreeTimesItsBytes() {
    in.listen(AT, "a");
    in.listen(AT, "b");
    Scenario s = in.scenario();
    List<Datagram> sent = new ArrayList<>();
    s.toServer = d -> sent.add(d) && sent.size() == 1;
    s.toClient = d -> false;
    in.connect("a", "", 1_500);
    in.sim().runFor(100 * Sim.MILLIS);
    assertThat(s.datagramsToClient).isEqualTo(1);
    s.pair.server().accept(in.now(), sent.get(1));
    in.sim().runFor(5 * Sim.MINUTES);
    long came = s.bytesToServer + sent.get(1).length();
    assertThat(s.bytesToClient).isGreaterThan(2 * came).isLessThanOrEqualTo(3 * came);
  }

  /** Loss, reordering, copies. */
  @Test
  void roughRoads() {
    for (int seed = 0; seed < 100; seed++) {
      Network rough = new Network(20 * Sim.MILLIS, 30 * Sim.MILLIS, 0.15, 1, 0.1, 0.02, 0, 0, 1500);
      Listeners l = new Listeners(new Scenario(rough, List.of(), List.of(), seed, null));
      Sock a = l.listen(AT, "a");
      l.listen(AT, "b");
      Peer p = l.connect("a", "", 3_000);
      l.run(() -> p.done() || p.over());
      assertThat(p.done()).as("seed %d: %s", seed, p).isTrue();
      assertThat(l.accepted(a)).isEqualTo(1);
    }
  }

  @Test
  void retryGoesWithIt() {
    in.validate();
    Sock a = in.listen(AT, "a");
    in.listen(AT, "b");
    int[] retries = {0};
    in.scenario().toClient =
        d -> {
          retries[0] += (d.bytes[0] & 0xf0) == 0xf0 && d.bytes[4] == 1 ? 1 : 0;
          return true;
        };
    in.finish(in.connect("a", "", 3_000));
    assertThat(in.accepted(a)).isEqualTo(1);
    // One for each Initial of the first flight, of which the client follows one.
    assertThat(retries[0]).isBetween(1, 4);
  }

  @Test
  void serverNames() {
    Sock exact = in.listen(AT, "a", "www.example.com,Example.org");
    Sock wild = in.listen(AT, "a", "*.example.com");
    Sock rest = in.listen(AT, "a", "");
    in.finish(
        in.connect("a", "WWW.example.com", 0),
        in.connect("a", "example.org", 3_000),
        in.connect("a", "mail.example.com", 0),
        in.connect("a", "a.b.example.com", 0),
        in.connect("a", "", 0));
    assertThat(in.accepted(exact)).isEqualTo(2);
    assertThat(in.accepted(wild)).isEqualTo(1);
    assertThat(in.accepted(rest)).isEqualTo(2);
  }

  @Test
  void namesOverlap() {
    in.listen(AT, "a", "one.test,two.test");
    assertThat(in.bound(AT, "a", "two.test").listen(in.now(), 1)).isEqualTo(-Errno.EADDRINUSE);
    assertThat(in.bound(AT, "a", "three.test").listen(in.now(), 1)).isZero();
    assertThat(in.bound(AT, "a", "").listen(in.now(), 1)).isZero();
    assertThat(in.bound(AT, "b", "two.test").listen(in.now(), 1)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "*,EINVAL",
    "*x.test,EINVAL",
    "a.*.test,EINVAL",
    "a..b,EINVAL",
    ".a,EINVAL",
    "a.,EINVAL",
    "'a,',OK",
    "'a,,b',EINVAL",
    "*.a,OK",
    "a b,EINVAL",
    "'a, b',OK"
  })
  void namesAsText(String text, String answer) {
    Sock s = in.socket(QuicUapi.AF_INET);
    int rc = in.set(s, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SERVER_NAME, text);
    assertThat(rc).isEqualTo(answer.equals("OK") ? 0 : -Errno.EINVAL);
  }

  @Test
  void specificBeatsWildcard() {
    in.scenario().pair.server().alias(SockAddr.v4(0xc0000203, 0));
    Sock wildcard = in.listen(ANY, "a");
    Sock specific = in.listen(AT, "a");
    Peer here = in.connect("a");
    Peer there = in.connectTo(SockAddr.v4(0xc0000203, Pair.PORT), "a");
    in.finish(here, there);
    assertThat(in.accepted(specific)).isEqualTo(1);
    assertThat(in.accepted(wildcard)).isEqualTo(1);
    assertThat(in.scenario().pair.server().boundPorts()).isEqualTo(1);
  }

  /** Of the same protocol: for IPv4 its own wildcard beats that of both families. */
  @Test
  void dualStack() {
    SockAddr six = SockAddr.any(QuicUapi.AF_INET6, Pair.PORT);
    Sock both = in.listen(six, "a");
    Sock four = in.listen(ANY, "a");
    in.finish(in.connect("a"), in.connectTo(Pair.SERVER_V6.withPort(Pair.PORT), "a"));
    assertThat(in.accepted(four)).isEqualTo(1);
    assertThat(in.accepted(both)).isEqualTo(1);
  }

  @Test
  void dualStackAlone() {
    Sock both = in.listen(SockAddr.any(QuicUapi.AF_INET6, Pair.PORT), "a");
    in.finish(in.connect("a"), in.connectTo(Pair.SERVER_V6.withPort(Pair.PORT), "a"));
    assertThat(in.accepted(both)).isEqualTo(2);
  }

  @Test
  void v6Only() {
    SockAddr six = SockAddr.any(QuicUapi.AF_INET6, Pair.PORT);
    Sock s = in.socket(QuicUapi.AF_INET6);
    assertThat(in.set(s, 41, 26, 1)).isZero();
    SockAddr mapped = new SockAddr(QuicUapi.AF_INET6, AT.hi(), AT.lo(), AT.port(), 0);
    assertThat(s.bind(in.now(), mapped)).isEqualTo(-Errno.EINVAL);
    assertThat(s.bind(in.now(), six)).isZero();
    assertThat(in.set(s, 41, 26, 0)).isEqualTo(-Errno.EINVAL);
    assertThat(s.listen(in.now(), 16)).isZero();
    Sock four = in.listen(ANY, "");
    in.finish(in.connect(""));
    assertThat(in.accepted(four)).isEqualTo(1);
    assertThat(in.scenario().pair.server().boundPorts()).isEqualTo(2);
  }

  /** A listener of the mapped address is one of the address. */
  @Test
  void mappedAddresses() {
    SockAddr mapped = new SockAddr(QuicUapi.AF_INET6, AT.hi(), AT.lo(), AT.port(), 0);
    Sock first = in.listen(mapped, "a");
    assertThat(in.bound(AT, "a", "").listen(in.now(), 1)).isEqualTo(-Errno.EADDRINUSE);
    Sock second = in.listen(AT, "b");
    in.finish(in.connect("a"), in.connect("b"));
    assertThat(in.accepted(first)).isEqualTo(1);
    assertThat(in.accepted(second)).isEqualTo(1);
  }

  @Test
  void reusePortSharesClients() {
    Sock one = in.reusing(AT, "a");
    Sock two = in.reusing(AT, "a");
    assertThat(one.listen(in.now(), 64)).isZero();
    assertThat(two.listen(in.now(), 64)).isZero();
    Sock three = in.bound(AT, "a", "");
    assertThat(three.listen(in.now(), 64)).isEqualTo(-Errno.EADDRINUSE);
    Sock overlap = in.reusing(AT, "a,b");
    assertThat(overlap.listen(in.now(), 64)).isEqualTo(-Errno.EADDRINUSE);
    Sock stranger = in.reusing(AT, "a");
    stranger.maker(4_711, 1);
    assertThat(stranger.listen(in.now(), 64)).isEqualTo(-Errno.EADDRINUSE);
    in.take(one);
    in.take(two);
    Peer[] clients = new Peer[24];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = in.connect("a");
    }
    in.finish(clients);
    assertThat(in.accepted(one)).isBetween(3, 21);
    assertThat(in.accepted(one) + in.accepted(two)).isEqualTo(clients.length);
  }

  /** The one chosen is full; the other's clients come in. */
  @Test
  void backlogIsEachOnesOwn() {
    Sock full = in.bound(AT, "a", "");
    assertThat(full.listen(in.now(), 1)).isZero();
    Sock other = in.listen(AT, "b");
    in.connect("a");
    in.sim().runFor(Sim.SECONDS);
    Peer refused = in.connect("a");
    in.run(refused::over);
    assertThat(refused.sock().error()).isEqualTo(Errno.ECONNREFUSED);
    in.finish(in.connect("b"));
    assertThat(in.accepted(other)).isEqualTo(1);
  }

  /** Copies of the first piece of a ClientHello keep nothing beyond the named bounds. */
  @Test
  void halfAHelloForEver() {
    in.listen(AT, "a");
    in.listen(AT, "b");
    int[] n = {0};
    in.scenario().toServer = d -> n[0]++ % 2 == 0;
    for (int i = 0; i < 50; i++) {
      in.connect("a", "", 2_000);
    }
    in.sim().runFor(2 * Sim.SECONDS);
    in.scenario().toServer = (Datagram d) -> true;
    Peer p = in.connect("b");
    in.finish(p);
  }
}
