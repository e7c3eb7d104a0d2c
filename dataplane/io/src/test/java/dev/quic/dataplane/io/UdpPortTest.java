package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.RxBatch;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both kinds of port, against each other, over loopback. */
class UdpPortTest {
  private static final SockAddr V4 = SockAddr.v4(0x7f000001, 0);
  private static final SockAddr V6 = SockAddr.v6(0, 1, 0, 0);
  private static final long WAIT_NANOS = 5_000_000_000L;

  private static Poller poller(boolean linux) {
    BufferNotice notice = new BufferNotice(s -> {});
    return linux ? new LinuxPoller(notice) : new NioPoller(notice);
  }

  static Stream<Arguments> pairs() {
    Stream.Builder<Arguments> b = Stream.builder();
    for (SockAddr a : new SockAddr[] {V4, V6}) {
      b.add(Arguments.of(false, false, a));
      if (LinuxSupport.available()) {
        b.add(Arguments.of(false, true, a));
        b.add(Arguments.of(true, false, a));
        b.add(Arguments.of(true, true, a));
      }
    }
    return b.build();
  }

  private static TxBatch batch(
      int len, int segment, @Nullable SockAddr from, SockAddr to, int ecn, long seed) {
    TxBatch b = new TxBatch();
    byte[] bytes = new byte[len];
    new Random(seed).nextBytes(bytes);
    System.arraycopy(bytes, 0, b.slab, 0, len);
    b.len = len;
    b.segmentSize = segment;
    b.local = from;
    b.remote = to;
    b.ecn = (byte) ecn;
    return b;
  }

  /** Receives until that many datagrams are there or nothing came for a long time. */
  private static RxBatch receive(Poller poller, UdpPort port, int datagrams) {
    RxBatch batch = new RxBatch(IoLimits.RX_SLAB_BYTES, IoLimits.RX_DATAGRAMS);
    Poller.Ready nothing =
        new Poller.Ready() {
          @Override
          public void udp(int handle, int events) {}

          @Override
          public void fd(FdHandler handler, int events) {}
        };
    while (batch.count < datagrams && poller.poll(WAIT_NANOS, nothing) > 0) {
      port.receive(batch, 7);
    }
    return batch;
  }

  @ParameterizedTest(name = "linux {0} -> linux {1}, {2}")
  @MethodSource("pairs")
  void batchArrivesAsItsSegments(boolean fromLinux, boolean toLinux, SockAddr where)
      throws Exception {
    try (Poller pa = poller(fromLinux);
        Poller pb = poller(toLinux);
        UdpPort a = pa.bind(where, false, 0);
        UdpPort b = pb.bind(where, false, 0)) {
      assertThat(a.local().port()).isPositive();
      // 12 full segments and a shorter last one.
      TxBatch out = batch(12 * 1200 + 77, 1200, null, b.local(), 0, 1);
      a.send(out);
      RxBatch in = receive(pb, b, 13);

      assertThat(in.count).isEqualTo(13);
      for (int i = 0; i < 13; i++) {
        assertThat(in.len[i]).isEqualTo(i < 12 ? 1200 : 77);
        assertThat(
                Arrays.mismatch(
                    in.slab,
                    in.off[i],
                    in.off[i] + in.len[i],
                    out.slab,
                    i * 1200,
                    i * 1200 + in.len[i]))
            .isEqualTo(-1);
        assertThat(in.remote[i]).isEqualTo(a.local()).isSameAs(in.remote[0]);
        assertThat(in.local[i]).isEqualTo(b.local()).isSameAs(in.local[0]);
        assertThat(in.port[i]).isEqualTo(7);
      }
      assertThat(a.wantsWrite()).isFalse();
      assertThat(a.sendDrops()).isZero();
    }
  }

  @ParameterizedTest(name = "linux {0} -> linux {1}, {2}")
  @MethodSource("pairs")
  void answersComeBack(boolean fromLinux, boolean toLinux, SockAddr where) throws Exception {
    try (Poller pa = poller(fromLinux);
        Poller pb = poller(toLinux);
        UdpPort a = pa.bind(where, false, 0);
        UdpPort b = pb.bind(where, false, 0)) {
      for (int i = 0; i < 20; i++) {
        a.send(batch(100 + i, 100 + i, a.local(), b.local(), 0, i));
        RxBatch there = receive(pb, b, 1);
        assertThat(there.count).isEqualTo(1);
        b.send(batch(50, 50, there.local[0], there.remote[0], 0, i));
        RxBatch back = receive(pa, a, 1);
        assertThat(back.count).isEqualTo(1);
        assertThat(back.remote[0]).isEqualTo(b.local());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void dualStackSocketSpeaksV4(boolean fromLinux, boolean toLinux, SockAddr ignored)
      throws Exception {
    try (Poller pa = poller(fromLinux);
        Poller pb = poller(toLinux);
        UdpPort a = pa.bind(V4, false, 0);
        UdpPort b = pb.bind(SockAddr.any(QuicUapi.AF_INET6, 0), false, 0)) {
      a.send(batch(10, 10, null, V4.withPort(b.local().port()), 0, 1));
      RxBatch in = receive(pb, b, 1);
      assertThat(in.count).isEqualTo(1);
      SockAddr seen = in.remote[0];
      assertThat(seen.family()).isEqualTo(QuicUapi.AF_INET6);
      assertThat(seen.sameEndpoint(a.local())).isTrue();
      b.send(batch(10, 10, in.local[0], seen, 0, 1));
      assertThat(receive(pa, a, 1).count).isEqualTo(1);
    }
  }

  /** RFC 9000 section 14: with the DF bit, or what IPv6 has for it, nobody fragments. */
  @ParameterizedTest(name = "linux {0}, {1}")
  @CsvSource({"false, 4", "false, 6", "true, 4", "true, 6"})
  @EnabledOnOs(OS.LINUX)
  void datagramsAreNotFragmented(boolean linux, int version) throws Exception {
    try (Poller p = poller(linux && LinuxSupport.available());
        UdpPort port = p.bind(version == 4 ? V4 : V6, false, 0)) {
      assertThat(port.features().dontFragment()).isTrue();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void linuxPortHasEveryFeature() throws Exception {
    try (Poller p = poller(true);
        UdpPort port = p.bind(V4, false, 0)) {
      assertThat(port.features()).isEqualTo(new PortFeatures(true, true, true, true, true));
    }
  }

  @ParameterizedTest
  @MethodSource("linuxAddresses")
  @EnabledOnOs(OS.LINUX)
  void ecnMarksArrive(SockAddr from, SockAddr bound, SockAddr to) throws Exception {
    marksArrive(true, from, bound, to);
    marksArrive(false, from, bound, to);
  }

  private static void marksArrive(boolean linux, SockAddr from, SockAddr bound, SockAddr to)
      throws Exception {
    try (Poller pa = poller(linux);
        Poller pb = poller(true);
        UdpPort a = pa.bind(from, false, 0);
        UdpPort b = pb.bind(bound, false, 0)) {
      for (int ecn = 0; ecn < 4; ecn++) {
        a.send(batch(3000, 1000, null, to.withPort(b.local().port()), ecn, ecn));
        RxBatch in = receive(pb, b, 3);
        assertThat(in.count).isEqualTo(3);
        assertThat(Arrays.copyOf(in.ecn, 3)).containsOnly((byte) ecn);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatIsTooBigForTheInterfaceIsTold(boolean linux, boolean other, SockAddr where)
      throws Exception {
    try (Poller p = poller(linux);
        UdpPort port = p.bind(where, false, 0)) {
      TxBatch small = batch(1_200, 1_200, null, port.local(), 0, 1);
      small.tooBig = true;
      port.send(small);
      assertThat(small.tooBig).isFalse();
      TxBatch big = batch(65_530, 65_530, null, port.local(), 0, 1);
      port.send(big);
      assertThat(big.tooBig).isTrue();
      assertThat(port.sendDrops()).isEqualTo(1);
    }
  }

  static Stream<Arguments> linuxAddresses() {
    SockAddr any6 = SockAddr.any(QuicUapi.AF_INET6, 0);
    return Stream.of(
        Arguments.of(V4, V4, V4),
        Arguments.of(V6, V6, V6),
        Arguments.of(V4, SockAddr.any(QuicUapi.AF_INET, 0), V4),
        Arguments.of(V6, any6, V6),
        Arguments.of(V4, any6, V4),
        Arguments.of(any6, any6, V4));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void wildcardSocketTellsAndChoosesItsAddress() throws Exception {
    SockAddr second = SockAddr.v4(0x7f000002, 0);
    try (Poller pa = poller(true);
        Poller pb = poller(true);
        UdpPort a = pa.bind(V4, false, 0);
        UdpPort b = pb.bind(SockAddr.any(QuicUapi.AF_INET, 0), false, 0)) {
      int port = b.local().port();
      a.send(batch(2400, 1200, null, second.withPort(port), 0, 1));
      RxBatch in = receive(pb, b, 2);
      assertThat(in.local[0]).isEqualTo(second.withPort(port));
      assertThat(in.local[1]).isSameAs(in.local[0]);

      b.send(batch(10, 10, in.local[0], in.remote[0], 2, 1));
      RxBatch back = receive(pa, a, 1);
      assertThat(back.remote[0]).isEqualTo(second.withPort(port));
      assertThat(back.ecn[0]).isEqualTo((byte) 2);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void wildcardV6SocketTellsAndChoosesItsV4Address() throws Exception {
    SockAddr second = SockAddr.v4(0x7f000002, 0);
    try (Poller pa = poller(true);
        Poller pb = poller(true);
        UdpPort a = pa.bind(V4, false, 0);
        UdpPort b = pb.bind(SockAddr.any(QuicUapi.AF_INET6, 0), false, 0)) {
      int port = b.local().port();
      a.send(batch(2400, 1200, null, second.withPort(port), 0, 1));
      RxBatch in = receive(pb, b, 2);
      SockAddr local = in.local[0];
      assertThat(local.sameEndpoint(second.withPort(port))).isTrue();

      b.send(batch(2000, 1000, local, in.remote[0], 1, 1));
      RxBatch back = receive(pa, a, 2);
      assertThat(back.remote[0]).isEqualTo(second.withPort(port));
      assertThat(back.ecn[1]).isEqualTo((byte) 1);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyAPortThatOthersMayJoinIsSteered() throws Exception {
    try (Poller first = poller(true);
        Poller second = poller(true);
        UdpPort a = first.bind(V4, false, 0)) {
      assertThat(a.steer(0, 2)).isEqualTo(-Errno.EINVAL);
      a.letOthersJoin();
      try (UdpPort b = second.bind(a.local(), true, 0)) {
        assertThat(b.steer(0, 2)).isZero();
      }
    }
  }

  @Test
  void thePortablePortIsNotSteered() throws Exception {
    try (Poller poller = poller(false);
        UdpPort a = poller.bind(V4, false, 0)) {
      assertThat(a.steer(0, 2)).isEqualTo(-Errno.EOPNOTSUPP);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void largestRunArrivesWhole() throws Exception {
    try (Poller pa = poller(true);
        Poller pb = poller(true);
        UdpPort a = pa.bind(V4, false, 0);
        UdpPort b = pb.bind(V4, false, 0)) {
      TxBatch out = batch(44 * 1452, 1452, a.local(), b.local(), 2, 9);
      a.send(out);
      RxBatch in = receive(pb, b, 44);
      assertThat(in.count).isEqualTo(44);
      assertThat(Arrays.mismatch(in.slab, 0, out.len, out.slab, 0, out.len)).isEqualTo(-1);
    }
  }

  /** What an interface with an MTU of 9000 leaves over IPv6, seven to a run. */
  @ParameterizedTest(name = "linux {0} -> linux {1}, {2}")
  @MethodSource("pairs")
  void runsOfLargeDatagramsArriveWhole(boolean fromLinux, boolean toLinux, SockAddr where)
      throws Exception {
    try (Poller pa = poller(fromLinux);
        Poller pb = poller(toLinux);
        UdpPort a = pa.bind(where, false, 0);
        UdpPort b = pb.bind(where, false, 0)) {
      for (int segment : new int[] {8_952, 16_383}) {
        int count = TxBatch.MAX_BYTES / segment;
        TxBatch out = batch(count * segment, segment, null, b.local(), 0, segment);
        a.send(out);
        RxBatch in = receive(pb, b, count);
        assertThat(in.count).isEqualTo(count);
        for (int i = 0; i < count; i++) {
          int at = i * segment;
          int from = in.off[i];
          assertThat(in.len[i]).isEqualTo(segment);
          assertThat(Arrays.mismatch(in.slab, from, from + segment, out.slab, at, at + segment))
              .isEqualTo(-1);
        }
        assertThat(out.tooBig).isFalse();
      }
      assertThat(a.sendDrops()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theMtuOfARouteIsItsInterfaces(boolean linux) throws Exception {
    int mtu = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()).getMTU();
    // Linux makes no IPv4 packet longer than its header can say, whatever the interface.
    int least = Math.min(mtu, 65_535);
    try (Poller p = poller(linux)) {
      for (SockAddr a : new SockAddr[] {V4, V6}) {
        assertThat(p.routeMtu(a.withPort(7), a.withPort(443))).isBetween(least, mtu);
        assertThat(p.routeMtu(a, a)).isBetween(least, mtu);
        int chosen = p.routeMtu(SockAddr.any(a.family(), 0), a);
        assertThat(chosen).isBetween(linux ? least : 0, linux ? mtu : 0);
      }
      SockAddr mapped = SockAddr.v6(0, 0xffff_7f00_0001L, 443, 0);
      assertThat(p.routeMtu(mapped, mapped)).isBetween(least, mtu);
      // The limited broadcast address: no socket may connect to it without being asked.
      SockAddr nobody = SockAddr.v4(0xffffffff, 1);
      assertThat(p.routeMtu(SockAddr.any(QuicUapi.AF_INET, 0), nobody)).isZero();
    }
  }

  @Test
  void theMtuOfARouteIsAskedForNowAndThen() {
    List<SockAddr> asked = new ArrayList<>();
    Routes routes =
        new Routes((local, remote) -> {
          asked.add(local);
          return 1_500 + asked.size();
        });
    assertThat(routes.mtu(V4.withPort(443), V4.withPort(1), 0)).isEqualTo(1_501);
    assertThat(routes.mtu(V4.withPort(444), V4.withPort(2), 1)).isEqualTo(1_501);
    assertThat(routes.mtu(V6.withPort(444), V6.withPort(2), 1)).isEqualTo(1_502);
    assertThat(routes.mtu(V4, V4, IoLimits.ROUTE_NANOS)).isEqualTo(1_503);
    // Where no source is given, the one that the system would choose.
    SockAddr any = SockAddr.any(QuicUapi.AF_INET, 443);
    assertThat(routes.mtu(any, V4, IoLimits.ROUTE_NANOS)).isEqualTo(1_503);
    assertThat(asked).containsExactly(V4, V6, V4);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void bindErrorsAreErrnos(boolean linux) throws Exception {
    try (Poller p = poller(linux);
        UdpPort first = p.bind(V4, false, 0)) {
      assertErrno(p, V4.withPort(first.local().port()), Errno.EADDRINUSE);
      // TEST-NET-3 (RFC 5737) is nobody's address.
      assertErrno(p, SockAddr.v4(0xcb007101, 0), Errno.EADDRNOTAVAIL);
    }
  }

  static Stream<Boolean> kinds() {
    return LinuxSupport.available() ? Stream.of(false, true) : Stream.of(false);
  }

  private static void assertErrno(Poller p, SockAddr where, int errno) {
    assertThatThrownBy(() -> p.bind(where, false, 1))
        .asInstanceOf(type(BindException.class))
        .extracting(BindException::errno)
        .isEqualTo(errno);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void portsAreSharedWhenAskedFor(boolean linux) throws Exception {
    try (Poller p = poller(linux);
        UdpPort first = p.bind(V4, true, 0);
        UdpPort second = p.bind(first.local(), true, 1)) {
      assertThat(second.local()).isEqualTo(first.local());
    }
  }

  /** Sockets of one port number on addresses of their own. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aSpecificAddressHearsNothingElse(boolean linux) throws Exception {
    try (Poller pa = poller(linux);
        Poller pb = poller(linux);
        Poller pc = poller(linux);
        UdpPort first = pa.bind(V4, false, 0)) {
      int port = first.local().port();
      try (UdpPort second = pb.bind(SockAddr.v4(0x7f000002, port), false, 0);
          UdpPort six = pc.bind(V6.withPort(port), false, true, 0)) {
        assertThat(six.local()).isEqualTo(V6.withPort(port));
        first.send(batch(100, 100, null, second.local(), 0, 1));
        assertThat(receive(pb, second, 1).len[0]).isEqualTo(100);
        second.send(batch(200, 200, null, first.local(), 0, 2));
        assertThat(receive(pa, first, 1).len[0]).isEqualTo(200);
        six.send(batch(300, 300, null, six.local(), 0, 3));
        RxBatch in = receive(pc, six, 1);
        assertThat(in.len[0]).isEqualTo(300);
        assertThat(in.remote[0]).isEqualTo(six.local());
      }
    }
  }

  /** IPV6_V6ONLY: an IPv4 wildcard beside the IPv6 one; where that cannot be, it is said. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aWildcardOfIpv6AloneLeavesIpv4Free(boolean linux) throws Exception {
    SockAddr any = SockAddr.any(QuicUapi.AF_INET6, 0);
    try (Poller p = poller(linux)) {
      if (!linux) {
        assertThatThrownBy(() -> p.bind(any, false, true, 0))
            .asInstanceOf(type(BindException.class))
            .extracting(BindException::errno)
            .isEqualTo(Errno.EOPNOTSUPP);
        return;
      }
      try (UdpPort six = p.bind(any, false, true, 0);
          UdpPort four = p.bind(SockAddr.any(QuicUapi.AF_INET, six.local().port()), false, 1)) {
        assertThat(four.local().port()).isEqualTo(six.local().port());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void wakeupEndsAWait(boolean linux) throws Exception {
    try (Poller p = poller(linux)) {
      Thread t = new Thread(p::wakeup);
      t.start();
      int told =
          p.poll(
              Long.MAX_VALUE,
              new Poller.Ready() {
                @Override
                public void udp(int handle, int events) {}

                @Override
                public void fd(FdHandler handler, int events) {}
              });
      assertThat(told).isZero();
      t.join();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatCannotBeSentIsCountedAndForgotten(boolean linux) throws Exception {
    try (Poller p = poller(linux);
        UdpPort port = p.bind(V4, false, 0)) {
      port.send(batch(100, 100, null, V6.withPort(9), 0, 1)); // wrong family
      assertThat(port.sendDrops()).isEqualTo(1);
      assertThat(port.wantsWrite()).isFalse();
    }
  }

  @Test
  void routeSourceOfLoopback() {
    Routes routes = new Routes((local, remote) -> 0);
    assertThat(routes.source(SockAddr.v4(0x7f000001, 443), 0)).isEqualTo(V4);
    assertThat(routes.source(SockAddr.v6(0, 1, 443, 0), 0)).isEqualTo(V6);
    SockAddr mapped = SockAddr.v6(0, 0xffff_7f00_0001L, 443, 0);
    assertThat(routes.source(mapped, 0)).isEqualTo(mapped.withPort(0));
  }

  @Test
  void buffersTooSmallAreSaidOnce() {
    List<String> said = new ArrayList<>();
    BufferNotice notice = new BufferNotice(said::add);
    notice.granted(100, 100, 100);
    notice.granted(100, 50, 100);
    notice.granted(100, 50, 100);
    assertThat(said).hasSize(1);
    assertThat(said.getFirst()).contains("net.core.rmem_max=100");
  }

  /** Within one turn, too: a program closes a socket and binds another. */
  @Test
  void theAddressOfAClosedPortIsFreeAtOnce() throws Exception {
    for (boolean linux : new boolean[] {false, true}) {
      if (linux && !LinuxSupport.available()) {
        continue;
      }
      try (Poller poller = poller(linux)) {
        UdpPort first = poller.bind(V4, false, 0);
        SockAddr at = first.local();
        first.close();
        UdpPort second = poller.bind(at, false, 0);
        assertThat(second.local()).isEqualTo(at);
        second.close();
      }
    }
  }
}
