package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.kernel.FakeTls;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.RunDir;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The syscall door over real AF_UNIX sockets and real UDP. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit
class DoorServerTest {
  private static final int LAST = QuicUapi.MSG_QUIC_STREAM_FIN;
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

  @TempDir Path temp;
  private DataPlane plane;
  private Path dir;
  private RemoteQuicSockets sockets;
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @BeforeEach
  void start() throws Exception {
    dir = temp.resolve("run");
    plane = DataPlane.builder().runDir(dir).shards(1).start();
    sockets = RemoteQuicSockets.open(dir);
  }

  @AfterEach
  void stop() {
    sockets.close();
    plane.close();
    pool.shutdownNow();
  }

  private record Ends(QuicSocket client, QuicSocket server) {}

  /** A program's client and a consumer's server, or the other way round. */
  private Ends connect(boolean remoteClient) throws Exception {
    QuicSocket listener =
        remoteClient ? plane.sockets().socket(QuicUapi.AF_INET) : sockets.socket(QuicUapi.AF_INET);
    listener.bind(LOOPBACK);
    listener.listen(64);
    Future<QuicSocket> accepted =
        pool.submit(() -> {
          QuicSocket s = listener.accept();
          FakeTls.server(s);
          return s;
        });
    QuicSocket client =
        remoteClient ? sockets.socket(QuicUapi.AF_INET) : plane.sockets().socket(QuicUapi.AF_INET);
    client.connect(listener.getsockname());
    FakeTls.client(client);
    return new Ends(client, accepted.get(30, TimeUnit.SECONDS));
  }

  private Future<byte[]> receiveAll(QuicSocket s, int expected) {
    return pool.submit(() -> {
      byte[] got = new byte[expected + 1];
      int at = 0;
      QuicMsg m = new QuicMsg();
      do {
        m.flags = 0;
        at += s.recvmsg(m, got, at, Math.min(65_536, got.length - at));
      } while (!m.isFin());
      return Arrays.copyOf(got, at);
    });
  }

  private static void sendAll(QuicSocket s, long stream, byte[] data) throws QuicException {
    for (int at = 0; at < data.length; at += 65_536) {
      int n = Math.min(65_536, data.length - at);
      int flags = (at == 0 ? NEW : 0) | (at + n == data.length ? LAST : 0);
      s.sendmsg(QuicMsg.stream(stream, flags), data, at, n);
    }
  }

  @Test
  void bytesCrossBothWays() throws Exception {
    byte[] data = new byte[4 << 20];
    new Random(3).nextBytes(data);
    for (boolean remoteClient : new boolean[] {true, false}) {
      Ends e = connect(remoteClient);
      Future<byte[]> up = receiveAll(e.server, data.length);
      sendAll(e.client, 0, data);
      assertThat(Arrays.equals(up.get(60, TimeUnit.SECONDS), data)).isTrue();
      Future<byte[]> down = receiveAll(e.client, data.length);
      sendAll(e.server, 1, data);
      assertThat(Arrays.equals(down.get(60, TimeUnit.SECONDS), data)).isTrue();
      e.client.close();
      assertErrno(Errno.ENOTCONN, () -> e.server.recvmsg(new QuicMsg(), new byte[10], 0, 10));
      e.server.close();
    }
  }

  @Test
  void aReaderThatStopsHoldsTheWriterBack() throws Exception {
    Ends e = connect(true);
    byte[] data = new byte[64 << 20];
    new Random(4).nextBytes(data);
    e.client.setNonBlocking(true);
    int sent = 0;
    int refused = 0;
    while (refused < 20) {
      try {
        int flags = sent == 0 ? NEW : 0;
        sent += e.client.sendmsg(QuicMsg.stream(0, flags), data, sent, 65_536);
        refused = 0;
      } catch (QuicException x) {
        assertThat(x.errno()).isIn(Errno.EAGAIN, Errno.ENOSPC);
        refused++;
        // A round trip to the shard, so that the refusals are not of one moment.
        e.server.ioctl(0x541b);
      }
    }
    assertThat(sent).isLessThan(32 << 20);
    Future<byte[]> got = receiveAll(e.server, sent + 1);
    e.client.setNonBlocking(false);
    e.client.sendmsg(QuicMsg.stream(0, LAST), data, sent, 1);
    byte[] all = got.get(60, TimeUnit.SECONDS);
    assertThat(Arrays.equals(all, 0, all.length, data, 0, sent + 1)).isTrue();
  }

  @Test
  void callsGiveTheKernelsErrnos() throws Exception {
    QuicSocket s = sockets.socket(QuicUapi.AF_INET);
    assertErrno(Errno.ENOTCONN, s::getpeername);
    s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, new byte[] {'h', '3'});
    assertThat(s.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, new byte[0], 64))
        .containsExactly('h', '3');
    assertErrno(Errno.ENOPROTOOPT, () -> s.getsockopt(QuicUapi.SOL_QUIC, 77, new byte[0], 64));
    assertErrno(Errno.ENOPROTOOPT, () -> s.setsockopt(QuicUapi.SOL_QUIC, 77, new byte[4]));
    s.bind(LOOPBACK);
    assertThat(s.getsockname().getPort()).isPositive();
    assertErrno(Errno.EPIPE, () -> sendNow(s));
    s.close();
    assertErrno(Errno.EAFNOSUPPORT, () -> sockets.socket(1));
    await().until(() -> plane.socketCount() == 0);
  }

  private static void sendNow(QuicSocket s) throws QuicException {
    QuicMsg m = QuicMsg.stream(0, NEW);
    m.flags = QuicUapi.MSG_DONTWAIT;
    s.sendmsg(m, new byte[1], 0, 1);
  }

  @Test
  void malformedControlPacketsAreEinvalAndTheConnectionLives() throws Exception {
    try (SeqPacket control = SeqPacket.connect(dir.resolve("socket.sock"))) {
      byte[] garbage = new byte[21];
      Arrays.fill(garbage, (byte) 0xff);
      assertThat(ask(control, garbage).get(0).value()).isEqualTo(-Errno.EINVAL);
      byte[] unknown = DoorCall.encode(List.of(DoorCall.of(99, 7, 1)));
      assertThat(ask(control, unknown).get(0).value()).isEqualTo(-Errno.EBADF);
      byte[] shorter = DoorCall.encode(List.of(DoorCall.of(Door.OP_SOCKET, 8, 0)));
      assertThat(ask(control, shorter).get(0).value()).isEqualTo(-Errno.EINVAL);
      byte[] adopt = DoorCall.encode(List.of(DoorCall.of(Door.OP_ADOPT, 9, 0)));
      assertThat(ask(control, adopt).get(0).value()).isEqualTo(-Errno.EBADF);
      List<DoorCall> many = new ArrayList<>();
      for (int i = 0; i <= DoorLimits.REQUESTS_PER_PACKET; i++) {
        many.add(DoorCall.of(Door.OP_CLOSE, i, 1));
      }
      assertThat(ask(control, DoorCall.encode(many)).get(0).value()).isEqualTo(-Errno.EINVAL);
      DoorCall socket =
          DoorCall.of(
              Door.OP_SOCKET,
              10,
              0,
              new byte[0],
              QuicUapi.AF_INET,
              QuicUapi.SOCK_DGRAM,
              QuicUapi.IPPROTO_QUIC);
      assertThat(ask(control, DoorCall.encode(List.of(socket))).get(0).value()).isPositive();
      SeqPacket.closeDescriptor(control.takeDescriptor());
    }
  }

  private static List<DoorCall> ask(SeqPacket control, byte[] packet) throws Exception {
    control.send(packet, 0, packet.length, -1);
    byte[] in = new byte[SeqPacket.MAX_PACKET];
    int n = control.receive(in, 20_000);
    List<DoorCall> replies = DoorCall.parse(in, n);
    assertThat(replies).isNotNull();
    return replies == null ? List.of() : replies;
  }

  @Test
  void aPacketOfCallsStopsAtTheFirstError() throws Exception {
    try (DoorClient client = DoorClient.connect(new RunDir(dir))) {
      DoorSocket s = client.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC);
      DoorCall good =
          s.setsockoptCall(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, new byte[] {'a'});
      DoorCall bad = s.setsockoptCall(QuicUapi.SOL_QUIC, 99, new byte[4]);
      List<DoorCall> replies = client.call(List.of(good, good, bad, good), -1).replies();
      assertThat(replies.stream().map(DoorCall::value)).containsExactly(0, 0, -Errno.ENOPROTOOPT);
      assertThat(replies.stream().map(DoorCall::seq))
          .containsExactly(good.seq(), good.seq(), bad.seq());
      s.close();
    }
  }

  @Test
  void malformedDataPacketsAreAnswered() throws Exception {
    try (DoorClient client = DoorClient.connect(new RunDir(dir))) {
      DoorSocket s = client.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC);
      byte[] in = new byte[SeqPacket.MAX_PACKET];
      DoorData h = new DoorData();
      byte[] wrongType = new byte[Door.DATA_HEADER];
      new DoorData().reset(Door.DATA_RECV).write(wrongType, 0);
      for (byte[] bad : new byte[][] {new byte[5], wrongType}) {
        s.data().send(bad, 0, bad.length, -1);
        assertThat(h.read(in, 0, s.data().receive(in, 20_000))).isTrue();
        assertThat(h.type).isEqualTo(Door.DATA_RESULT);
        assertThat(h.streamId).isEqualTo(-Errno.EINVAL);
      }
      byte[] send = new byte[Door.DATA_HEADER];
      h.reset(Door.DATA_SEND).flags = Door.WANT_RESULT;
      h.seq = 4711;
      h.write(send, 0);
      s.data().send(send, 0, send.length, -1);
      assertThat(h.read(in, 0, s.data().receive(in, 20_000))).isTrue();
      assertThat(h.seq).isEqualTo(4711);
      assertThat(h.streamId).isEqualTo(-Errno.EPIPE);
      s.close();
    }
  }

  @Test
  void socketsEndWithTheirDescriptorsAndNotWithTheControlConnection() throws Exception {
    DoorClient first = DoorClient.connect(new RunDir(dir));
    DoorSocket s = first.socket(QuicUapi.AF_INET, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC);
    s.bind(LOOPBACK);
    int port = s.getsockname().getPort();
    // As after fork: another process holds a copy of the descriptor and adopts it.
    try (DoorClient second = DoorClient.connect(new RunDir(dir))) {
      first.close();
      DoorSocket adopted = second.adopt(s.data().number());
      assertThat(adopted.getsockname().getPort()).isEqualTo(port);
      assertThat(plane.socketCount()).isEqualTo(1);
      s.data().close();
      await().until(() -> plane.socketCount() == 0);
    }
  }

  @Test
  void foreignDescriptorsCannotBeAdopted() throws Exception {
    try (DoorClient client = DoorClient.connect(new RunDir(dir))) {
      SeqPacket[] pair = SeqPacket.pair();
      int number = pair[0].number();
      assertThatThrownBy(() -> client.adopt(number))
          .isInstanceOfSatisfying(
              DoorClient.DoorException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOTSOCK));
      pair[1].close();
    }
  }

  @Test
  void nothingLeaksAndThreadsDoNotGrowWithSockets() throws Exception {
    sockets.socket(QuicUapi.AF_INET).close();
    await().until(() -> plane.socketCount() == 0);
    int threads = Thread.activeCount();
    long descriptors = openDescriptors();
    List<QuicSocket> many = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      many.add(sockets.socket(QuicUapi.AF_INET));
    }
    assertThat(plane.socketCount()).isEqualTo(300);
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
    many.forEach(QuicSocket::close);
    await().until(() -> plane.socketCount() == 0 && openDescriptors() <= descriptors);
  }

  private static long openDescriptors() throws Exception {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.count();
    }
  }

  @Test
  void aProgramThatDiesTakesItsConnectionsAlong() throws Exception {
    Ends e = connect(true);
    sockets.close();
    assertErrno(Errno.ENOTCONN, () -> e.server.recvmsg(new QuicMsg(), new byte[10], 0, 10));
    e.server.close();
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void assertErrno(int errno, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(QuicException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
