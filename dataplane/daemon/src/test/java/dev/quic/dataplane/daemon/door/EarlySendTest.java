package dev.quic.dataplane.daemon.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.kernel.FakeTls;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data sent before the handshake: by a consumer in the data plane and by a program beside it. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit
class EarlySendTest {
  private static final int SOL = QuicUapi.SOL_QUIC;
  private static final int PARAMETERS = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;

  @TempDir Path temp;
  private DataPlane plane;
  private RemoteQuicSockets remote;
  private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void start() throws Exception {
    Path dir = temp.resolve("run");
    plane = DataPlane.builder().runDir(dir).shards(1).start();
    remote = RemoteQuicSockets.open(dir);
  }

  @AfterEach
  void stop() {
    remote.close();
    plane.close();
    pool.shutdownNow();
  }

  private QuicSockets sockets(boolean inside) {
    return inside ? plane.sockets() : remote;
  }

  private static QuicSocket listener(QuicSockets sockets) throws QuicException {
    QuicSocket s = sockets.socket(QuicUapi.AF_INET);
    s.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    s.listen(16);
    return s;
  }

  private static int decision(QuicSocket s) throws QuicException {
    return s.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, new byte[0], 4)[0];
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsSentBeforeTheHandshakeGoesInZeroRtt(boolean inside) throws Exception {
    QuicSockets sockets = sockets(inside);
    QuicSocket listener = listener(sockets);
    byte[] remembered = listener.getsockopt(SOL, PARAMETERS, new byte[56], 56);
    remembered[0] = 1;
    QuicSocket client = sockets.socket(QuicUapi.AF_INET);
    client.connect(listener.getsockname());
    client.setsockopt(SOL, PARAMETERS, remembered);
    byte[] data = new byte[50_000];
    new Random(1).nextBytes(data);
    assertThat(client.sendmsg(QuicMsg.stream(0, NEW | FIN), data, 0, data.length))
        .isEqualTo(data.length);
    Future<byte[]> got =
        pool.submit(() -> {
          QuicSocket s = listener.accept();
          FakeTls.earlyServer(s);
          assertThat(decision(s)).isEqualTo(1);
          byte[] all = new byte[data.length + 1];
          int at = 0;
          QuicMsg m = new QuicMsg();
          do {
            m.flags = 0;
            at += s.recvmsg(m, all, at, all.length - at);
          } while (!m.isFin());
          return Arrays.copyOf(all, at);
        });
    assertThat(decision(client)).isEqualTo(2);
    FakeTls.earlyClient(client);
    assertThat(decision(client)).isEqualTo(1);
    assertThat(got.get(60, TimeUnit.SECONDS)).isEqualTo(data);
  }

  @Test
  void withoutRememberedParametersTheKernelsAnswersStay() throws Exception {
    QuicSocket client = plane.sockets().socket(QuicUapi.AF_INET);
    byte[] data = new byte[10];
    assertErrno(Errno.EPIPE, () -> client.sendmsg(QuicMsg.stream(0, NEW), data, 0, 10));
    client.connect(listener(plane.sockets()).getsockname());
    assertErrno(Errno.EINVAL, () -> client.sendmsg(QuicMsg.stream(0, NEW), data, 0, 10));
  }

  private interface Call {
    void run() throws QuicException;
  }

  private static void assertErrno(int errno, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(QuicException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
