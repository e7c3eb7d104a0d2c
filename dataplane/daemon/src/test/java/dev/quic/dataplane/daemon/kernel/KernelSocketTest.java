package dev.quic.dataplane.daemon.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.daemon.front.FakeSock;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.ThreadLink;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KernelSocketTest {
  private final ThreadLink link = new ThreadLink();
  private final Fronts fronts = new Fronts();
  private final FakeSock left = new FakeSock(link);
  private final FakeSock right = new FakeSock(link);

  @AfterEach
  void stop() {
    link.close();
  }

  private KernelSocket front(FakeSock sock) throws QuicException {
    KernelSocket[] made = new KernelSocket[1];
    ShardCall.run(
        link,
        "socket",
        (net, now) -> {
          made[0] = new KernelSocket(new KernelSockets(fronts, List.of(link)), sock, link, now);
          return 0;
        });
    return made[0];
  }

  private void onShard(Runnable r) throws QuicException {
    ShardCall.run(
        link,
        "test",
        (net, now) -> {
          r.run();
          return 0;
        });
  }

  @Test
  void bulkArrivesInOrderWithItsEnd() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    QuicSocket b = front(right);
    byte[] sent = new byte[9_000_001];
    new Random(7).nextBytes(sent);
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var sender =
          pool.submit(() -> {
            int step = 70_000;
            for (int at = 0; at < sent.length; at += step) {
              int n = Math.min(step, sent.length - at);
              int fin = at + n == sent.length ? QuicUapi.MSG_QUIC_STREAM_FIN : 0;
              int first = at == 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0;
              int took = a.sendmsg(QuicMsg.stream(4, first | fin), sent, at, n);
              assertThat(took).isEqualTo(n);
            }
            return null;
          });
      byte[] got = new byte[sent.length + 1];
      int at = 0;
      QuicMsg m = new QuicMsg();
      do {
        m.flags = 0;
        at += b.recvmsg(m, got, at, Math.min(50_000, got.length - at));
        assertThat(m.streamId).isEqualTo(4);
      } while (!m.isFin());
      sender.get(30, TimeUnit.SECONDS);
      assertThat(at).isEqualTo(sent.length);
      assertThat(Arrays.equals(got, 0, at, sent, 0, at)).isTrue();
    }
  }

  @Test
  void smallSendsReachTheSocketInOnePiece() throws Exception {
    FakeSock.join(left, right);
    right.limit = 1 << 20;
    QuicSocket a = front(left);
    byte[] buf = new byte[1_000];
    for (int i = 0; i < 300; i++) {
      a.sendmsg(QuicMsg.stream(0, 0), buf, 0, buf.length);
    }
    // This one is answered when the socket has taken all before it.
    a.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_FIN), buf, 0, 1);
    List<Integer> pieces = new ArrayList<>();
    onShard(() -> {
      int n;
      while ((n = right.recvmsg(0, new Msg(), new byte[65_536], 0, 65_536)) > 1) {
        pieces.add(n);
      }
    });
    assertThat(pieces).hasSize(300).containsOnly(1_000);
  }

  @Test
  void nonBlockingSendsGiveTheSocketsAnswer() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    right.limit = 1000;
    a.setNonBlocking(true);
    byte[] buf = new byte[3000];
    assertThat(a.sendmsg(QuicMsg.stream(0, 0), buf, 0, 3000)).isEqualTo(1000);
    assertErrno(Errno.EAGAIN, () -> a.sendmsg(QuicMsg.stream(0, 0), buf, 0, 1));
  }

  @Test
  void aFailedQueuedSendShowsOnTheNextCall() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    byte[] buf = new byte[10];
    a.sendmsg(QuicMsg.stream(0, 0), buf, 0, 10);
    onShard(() -> left.die(Errno.ECONNRESET));
    assertErrno(
        Errno.EPIPE,
        () -> {
          while (true) {
            a.sendmsg(QuicMsg.stream(0, 0), buf, 0, 10);
          }
        });
    assertErrno(Errno.EPIPE, () -> a.sendmsg(QuicMsg.stream(0, 0), buf, 0, 10));
  }

  /** Streams in turn: none waits for the socket's word, and each learns of its own failure. */
  @Test
  void aFailedQueuedSendIsToldOnItsStreamOnly() throws Exception {
    QuicSocket a = withTenStreams();
    onShard(() -> left.reset.addAll(List.of(4L, 12L, 36L)));
    for (long id : new long[] {4, 12, 36}) {
      put(a, id);
    }
    for (int i = 0; i < 100; i++) {
      put(a, 0);
    }
    // Answered by the socket itself, so what was queued before has failed by now.
    put(a, 40);
    for (long id : new long[] {12, 4, 36}) {
      assertErrno(Errno.EINVAL, () -> put(a, id));
    }
    onShard(left.reset::clear);
    for (long id = 0; id <= 40; id += 4) {
      put(a, id);
    }
  }

  @Test
  void theEndOfTheConnectionIsToldOnAnyStream() throws Exception {
    QuicSocket a = withTenStreams();
    onShard(() -> left.die(Errno.ECONNRESET));
    put(a, 4);
    // Behind what was queued.
    onShard(() -> {});
    assertErrno(Errno.EPIPE, () -> put(a, 8));
    assertErrno(Errno.EPIPE, () -> put(a, 4));
  }

  /** What names no stream gives the socket's own answer, also as the first of all. */
  @Test
  void aStreamThatIsNotNamedIsAskedFor() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    onShard(() -> left.die(Errno.ECONNRESET));
    assertErrno(Errno.EPIPE, () -> put(a, -1));
  }

  private QuicSocket withTenStreams() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    for (long id = 0; id < 40; id += 4) {
      put(a, id);
    }
    return a;
  }

  private static void put(QuicSocket s, long id) throws QuicException {
    assertThat(s.sendmsg(QuicMsg.stream(id, 0), new byte[10], 0, 10)).isEqualTo(10);
  }

  @Test
  void recvWakesWhenDataComesAndEndsWithEnotconnAfterTheLastByte() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    QuicSocket b = front(right);
    byte[] buf = new byte[100];
    b.setNonBlocking(true);
    assertErrno(Errno.EAGAIN, () -> b.recvmsg(new QuicMsg(), buf, 0, 100));
    b.setNonBlocking(false);
    CompletableFuture<Integer> got =
        CompletableFuture.supplyAsync(() -> {
          try {
            return b.recvmsg(new QuicMsg(), buf, 0, 100);
          } catch (QuicException e) {
            return -e.errno();
          }
        });
    a.sendmsg(QuicMsg.stream(0, 0), new byte[42], 0, 42);
    assertThat(got.get(20, TimeUnit.SECONDS)).isEqualTo(42);
    a.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_FIN), new byte[7], 0, 7);
    a.close();
    assertThat(b.recvmsg(new QuicMsg(), buf, 0, 100)).isEqualTo(7);
    assertErrno(Errno.ENOTCONN, () -> b.recvmsg(new QuicMsg(), buf, 0, 100));
    assertThat(b.pollIn(0)).isTrue();
  }

  @Test
  void nothingPassesTheGateButEarlyDataOfWhoWantsIt() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    KernelSocket b = front(right);
    onShard(() -> b.front().gate());
    a.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_FIN), new byte[7], 0, 7);
    b.setNonBlocking(true);
    byte[] buf = new byte[100];
    assertErrno(Errno.EAGAIN, () -> b.recvmsg(new QuicMsg(), buf, 0, 100));
    right.deliversEarly = true;
    // As the socket does when the option is set.
    onShard(right::established);
    b.setNonBlocking(false);
    assertThat(b.recvmsg(new QuicMsg(), buf, 0, 100)).isEqualTo(7);
  }

  @Test
  void peekAndShortReadsLoseNothing() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    QuicSocket b = front(right);
    a.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_FIN), new byte[] {1, 2, 3, 4, 5}, 0, 5);
    byte[] buf = new byte[5];
    QuicMsg m = new QuicMsg();
    m.flags = QuicUapi.MSG_PEEK;
    assertThat(b.recvmsg(m, buf, 0, 2)).isEqualTo(2);
    assertThat(m.isFin()).isFalse();
    m.flags = 0;
    assertThat(b.recvmsg(m, buf, 0, 3)).isEqualTo(3);
    assertThat(m.isFin()).isFalse();
    m.flags = 0;
    assertThat(b.recvmsg(m, buf, 3, 2)).isEqualTo(2);
    assertThat(m.isFin()).isTrue();
    assertThat(buf).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void handshakeMessagesStayInTheSocketUntilAskedFor() throws Exception {
    QuicSocket a = front(left);
    a.connect(new InetSocketAddress("127.0.0.1", 4433));
    onShard(() -> left.handshakeArrives(QuicUapi.QUIC_CRYPTO_INITIAL, (byte) 9));
    onShard(() -> left.handshakeArrives(QuicUapi.QUIC_CRYPTO_HANDSHAKE, (byte) 8));
    assertThat(a.pollIn(-1)).isTrue();
    QuicMsg m = new QuicMsg();
    byte[] buf = new byte[10];
    assertThat(a.recvmsg(m, buf, 0, 10)).isEqualTo(1);
    assertThat(m.cryptoLevel).isEqualTo(QuicUapi.QUIC_CRYPTO_INITIAL);
    m.flags = QuicUapi.MSG_DONTWAIT;
    assertThat(a.recvmsg(m, buf, 0, 10)).isEqualTo(1);
    assertThat(m.cryptoLevel).isEqualTo(QuicUapi.QUIC_CRYPTO_HANDSHAKE);
    m.flags = QuicUapi.MSG_DONTWAIT;
    assertErrno(Errno.EAGAIN, () -> a.recvmsg(m, buf, 0, 10));
    assertThat(a.pollIn(0)).isFalse();
  }

  @Test
  void acceptWaitsForAConnection() throws Exception {
    QuicSocket listener = front(left);
    assertErrno(Errno.EINVAL, listener::accept);
    listener.bind(new InetSocketAddress("127.0.0.1", 1234));
    assertThat(listener.getsockname()).isEqualTo(new InetSocketAddress("127.0.0.1", 1234));
    listener.listen(8);
    listener.setNonBlocking(true);
    assertErrno(Errno.EAGAIN, listener::accept);
    listener.setNonBlocking(false);
    CompletableFuture<QuicSocket> got =
        CompletableFuture.supplyAsync(() -> {
          try {
            return listener.accept();
          } catch (QuicException e) {
            throw new IllegalStateException(e);
          }
        });
    onShard(() -> left.incoming(right));
    QuicSocket s = got.get(20, TimeUnit.SECONDS);
    assertErrno(Errno.ENOTCONN, s::getpeername);
    assertThat(fronts.size()).isEqualTo(2);
    s.close();
    listener.close();
    onShard(() -> {});
    assertThat(fronts.size()).isZero();
    assertThat(right.closed).isTrue();
  }

  @Test
  void closingWakesABlockedReader() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    CompletableFuture<Integer> got = new CompletableFuture<>();
    Thread t =
        Thread.ofVirtual()
            .start(() -> {
              try {
                a.recvmsg(new QuicMsg(), new byte[1], 0, 1);
              } catch (QuicException e) {
                got.complete(e.errno());
              }
            });
    a.close();
    assertThat(got.get(20, TimeUnit.SECONDS)).isEqualTo(Errno.EBADF);
    t.join();
  }

  /** Some mean for ever by it. */
  @Test
  void theLongestPollWaits() throws Exception {
    FakeSock.join(left, right);
    QuicSocket a = front(left);
    QuicSocket b = front(right);
    var came = new FutureTask<>(() -> b.pollIn(Long.MAX_VALUE));
    Thread poller = Thread.ofPlatform().daemon().start(came);
    await().until(() -> came.isDone() || poller.getState() == Thread.State.TIMED_WAITING);
    a.sendmsg(QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_FIN), new byte[3], 0, 3);
    assertThat(came.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void optionsPassThrough() throws Exception {
    QuicSocket a = front(left);
    a.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, new byte[] {'h', '3'});
    assertThat(a.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, new byte[0], 64))
        .containsExactly('h', '3');
    assertErrno(Errno.ENOPROTOOPT, () -> a.getsockopt(QuicUapi.SOL_QUIC, 99, new byte[0], 64));
  }

  private interface Call {
    void run() throws QuicException;
  }

  private static void assertErrno(int errno, Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(QuicException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
