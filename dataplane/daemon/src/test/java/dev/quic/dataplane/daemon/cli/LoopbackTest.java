package dev.quic.dataplane.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.daemon.kernel.FakeTls;
import dev.quic.dataplane.daemon.qlog.QlogSchema;
import dev.quic.dataplane.io.UdpMode;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two in-process sockets, real shards, real UDP, fake TLS. */
@Timeout(120)
class LoopbackTest {
  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  private record Ends(QuicSocket client, QuicSocket server) {}

  private Ends connect(DataPlane a, DataPlane b) throws Exception {
    QuicSocket listener = b.sockets().socket(QuicUapi.AF_INET);
    listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    listener.listen(16);
    InetSocketAddress at = listener.getsockname();
    Future<QuicSocket> accepted =
        pool.submit(() -> {
          QuicSocket s = listener.accept();
          FakeTls.server(s);
          return s;
        });
    QuicSocket client = a.sockets().socket(QuicUapi.AF_INET);
    client.connect(at);
    FakeTls.client(client);
    return new Ends(client, accepted.get(30, TimeUnit.SECONDS));
  }

  private Future<byte[]> receiveAll(QuicSocket s, int expected) {
    Callable<byte[]> work =
        () -> {
          byte[] got = new byte[expected + 1];
          int at = 0;
          QuicMsg m = new QuicMsg();
          do {
            m.flags = 0;
            at += s.recvmsg(m, got, at, Math.min(65_536, got.length - at));
          } while (!m.isFin());
          return Arrays.copyOf(got, at);
        };
    return pool.submit(work);
  }

  private static void sendAll(QuicSocket s, byte[] data, int step) throws QuicException {
    QuicMsg m = QuicMsg.stream(s.getpeername() == null ? 0 : -1, 0);
    byte[] info = new byte[16];
    Arrays.fill(info, 0, 8, (byte) -1);
    byte[] opened =
        s.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, info, info.length);
    m.streamId = ByteBuffer.wrap(opened).order(ByteOrder.LITTLE_ENDIAN).getLong();
    for (int at = 0; at < data.length; at += step) {
      int n = Math.min(step, data.length - at);
      m.streamFlags = at + n == data.length ? QuicUapi.MSG_QUIC_STREAM_FIN : 0;
      assertThat(s.sendmsg(m, data, at, n)).isEqualTo(n);
    }
  }

  @Test
  void bytesCrossBothWaysBetweenTwoDataPlanes() throws Exception {
    byte[] data = new byte[8 << 20];
    new Random(1).nextBytes(data);
    try (DataPlane a = DataPlane.builder().shards(1).start();
        DataPlane b = DataPlane.builder().shards(1).start()) {
      Ends e = connect(a, b);
      Future<byte[]> up = receiveAll(e.server, data.length);
      Future<byte[]> down = receiveAll(e.client, data.length);
      Future<?> send =
          pool.submit(() -> {
            sendAll(e.server, data, 100_000);
            return null;
          });
      sendAll(e.client, data, 65_536);
      assertThat(Arrays.equals(up.get(60, TimeUnit.SECONDS), data)).isTrue();
      assertThat(Arrays.equals(down.get(60, TimeUnit.SECONDS), data)).isTrue();
      send.get(10, TimeUnit.SECONDS);
      e.client.close();
      assertThatThrownBy(() -> e.server.recvmsg(new QuicMsg(), new byte[1], 0, 1))
          .isInstanceOfSatisfying(
              QuicException.class, x -> assertThat(x.errno()).isEqualTo(Errno.ENOTCONN));
    }
  }

  private static int pathMtu(QuicSocket s) throws QuicException {
    byte[] mtu = s.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_PATH_MTU, new byte[0], 4);
    return ByteBuffer.wrap(mtu).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  @ParameterizedTest
  @CsvSource({"AUTO, 8952", "NIO, 8952", "AUTO, 16383", "AUTO, 0"})
  void datagramsAreAsLargeAsAskedFor(UdpMode udp, int largest) throws Exception {
    byte[] data = new byte[4 << 20];
    new Random(4).nextBytes(data);
    try (DataPlane a = DataPlane.builder().shards(1).udp(udp).maxDatagram(largest).start();
        DataPlane b = DataPlane.builder().shards(1).udp(udp).maxDatagram(largest).start()) {
      Ends e = connect(a, b);
      Future<byte[]> up = receiveAll(e.server, data.length);
      sendAll(e.client, data, 65_536);
      assertThat(Arrays.equals(up.get(60, TimeUnit.SECONDS), data)).isTrue();
      // Nothing is made of loopback's 65,536 bytes unless somebody asks for it.
      assertThat(pathMtu(e.client)).isEqualTo(largest == 0 ? 1_472 : largest);
    }
  }

  @Test
  void theLargestDatagramIsAutoOrANumberOfBytes() {
    assertThat(DatagramSize.parse("auto")).isEqualTo(MtuRange.AUTO);
    assertThat(DatagramSize.parse("1200")).isEqualTo(1_200);
    assertThat(DatagramSize.parse("16383")).isEqualTo(16_383);
    for (String wrong : List.of("", "0", "1199", "16384", "-1", "9000 bytes", "AUTO")) {
      assertThatThrownBy(() -> DatagramSize.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void connectionsAreWrittenAsQlog(@TempDir Path dir) throws Exception {
    byte[] data = new byte[2 << 20];
    new Random(3).nextBytes(data);
    try (DataPlane p = DataPlane.builder().shards(2).qlog(dir, 1).start()) {
      Ends e = connect(p, p);
      Future<byte[]> up = receiveAll(e.server, data.length);
      sendAll(e.client, data, 65_536);
      assertThat(Arrays.equals(up.get(60, TimeUnit.SECONDS), data)).isTrue();
      e.client.close();
      e.server.close();
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(dir)) {
      files = all.sorted().toList();
    }
    assertThat(files).hasSize(2);
    String id = files.getFirst().getFileName().toString().replace("_client.sqlog", "");
    assertThat(id).matches("[0-9a-f]{16}");
    assertThat(files.getLast().getFileName().toString()).isEqualTo(id + "_server.sqlog");
    for (Path f : files) {
      List<Object> names = new ArrayList<>();
      QlogSchema.read(f).forEach(e -> names.add(e.get("name")));
      assertThat(Files.readString(f)).contains("\"frame_type\":\"handshake_done\"");
      assertThat(names)
          .startsWith("quic:connection_started", "quic:connection_state_updated")
          .contains(
              "quic:parameters_set",
              "quic:packet_sent",
              "quic:packet_received",
              "quic:key_updated",
              "quic:recovery_metrics_updated",
              "quic:mtu_updated",
              "quic:connection_closed");
    }
  }

  @Test
  void threeShardsServeEachOther() throws Exception {
    byte[] data = new byte[1 << 20];
    new Random(2).nextBytes(data);
    try (DataPlane p = DataPlane.builder().shards(3).start()) {
      for (int i = 0; i < 4; i++) {
        Ends e = connect(p, p);
        Future<byte[]> up = receiveAll(e.server, data.length);
        sendAll(e.client, data, 20_000);
        assertThat(Arrays.equals(up.get(60, TimeUnit.SECONDS), data)).isTrue();
      }
    }
  }

  @Test
  void manyConnectionsAtOnceCostNoThreads() throws Exception {
    int count = 300;
    try (DataPlane p = DataPlane.builder().shards(1).start()) {
      QuicSocket listener = p.sockets().socket(QuicUapi.AF_INET);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      listener.listen(count);
      InetSocketAddress at = listener.getsockname();
      int threads = Thread.activeCount();
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(pool.submit(() -> echo(listener)));
        all.add(pool.submit(() -> ask(p.sockets().socket(QuicUapi.AF_INET), at)));
      }
      for (Future<?> f : all) {
        f.get(60, TimeUnit.SECONDS);
      }
      assertThat(p.socketCount()).isEqualTo(2 * count + 1);
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
    }
  }

  /** Serves one connection: sends back what comes. */
  private static boolean echo(QuicSocket listener) throws Exception {
    QuicSocket s = listener.accept();
    FakeTls.server(s);
    byte[] buf = new byte[100];
    QuicMsg m = new QuicMsg();
    int n = s.recvmsg(m, buf, 0, buf.length);
    s.sendmsg(QuicMsg.stream(m.streamId, QuicUapi.MSG_QUIC_STREAM_FIN), buf, 0, n);
    return true;
  }

  private static boolean ask(QuicSocket s, InetSocketAddress at) throws Exception {
    s.connect(at);
    FakeTls.client(s);
    int flags = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
    s.sendmsg(QuicMsg.stream(0, flags), new byte[50], 0, 50);
    QuicMsg m = new QuicMsg();
    assertThat(s.recvmsg(m, new byte[100], 0, 100)).isEqualTo(50);
    return true;
  }
}
