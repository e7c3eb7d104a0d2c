package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicErrinfo;
import dev.quic.uapi.option.QuicStreamInfo;
import dev.quic.uapi.option.Timeval;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer that allows one stream and 20,000 bytes on it: calls wait for more of either, and no
 * longer than they were told. Inside the data plane and out of another process's descriptor.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class CreditWaitsTest {
  private static final int SOL = QuicUapi.SOL_QUIC;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;
  private static final int CREDIT = 20_000;

  /** More than credit, and what is received ahead of the reader, come to. */
  private static final int MUCH = 16_000_000;

  /** Threads that wait for streams at once. */
  private static final int WAITERS = 5;

  /** Bytes that may wait in the data plane after a deadline. */
  private static final int LEFT_WAITING = 256;

  /** Of struct quic_transport_param. */
  private static final int MAX_STREAMS_BIDI = 20;

  private static final int MAX_STREAM_DATA_REMOTE = 40;

  @TempDir Path dir;
  private SplitPair pair;
  private QuicSocket client;
  private QuicSocket server;

  private void connect(boolean inside, int streams) throws Exception {
    pair = new SplitPair(dir, inside);
    QuicSocket listener = pair.listener;
    byte[] v = listener.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, new byte[64], 64);
    ByteBuffer limits = ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN);
    limits.putShort(MAX_STREAMS_BIDI, (short) streams).putLong(MAX_STREAM_DATA_REMOTE, CREDIT);
    listener.setsockopt(SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v);
    pair.listen();
    pair.connect();
    client = pair.client;
    server = pair.server;
  }

  @AfterEach
  void close() throws Exception {
    pair.close();
  }

  private static long open(QuicSocket s, int flags) throws QuicException {
    byte[] in = new QuicStreamInfo(-1, flags).encode();
    byte[] v = s.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, in, in.length);
    return QuicStreamInfo.decode(v).streamId();
  }

  private static long in(int ms) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private int send(long id, int len, long deadline) throws QuicException {
    return client.sendBefore(QuicMsg.stream(id, 0), new byte[len], 0, len, deadline);
  }

  /**
   * Sends until there is neither credit nor room, however slow the machine.
   *
   * @return bytes that were taken
   */
  private int fill(long id) throws QuicException {
    int taken = 0;
    try {
      while (taken < MUCH) {
        taken += send(id, MUCH, in(100));
      }
    } catch (QuicException e) {
      assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.EAGAIN);
    }
    return taken;
  }

  private static void refused(int errno, ThrowingCallable call) {
    QuicException e = catchThrowableOfType(QuicException.class, call);
    assertThat(e).as("a refusal with %s", Errno.name(errno)).isNotNull();
    assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
  }

  private <T> T outcome(Future<T> f) throws Exception {
    return f.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Runs a call that waits, and returns when it is under way. */
  private <T> Future<T> waiting(Callable<T> call) throws InterruptedException {
    Thread[] t = new Thread[1];
    Future<T> f =
        pair.house.pool.submit(() -> {
          synchronized (t) {
            t[0] = Thread.currentThread();
            t.notifyAll();
          }
          return call.call();
        });
    synchronized (t) {
      while (t[0] == null) {
        t.wait();
      }
    }
    while (!f.isDone()
        && t[0].getState() != Thread.State.WAITING
        && t[0].getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return f;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void openingAStreamWaitsUnlessToldNotTo(boolean inside) throws Exception {
    connect(inside, 1);
    long first = open(client, 0);
    assertThat(first).isZero();
    refused(Errno.EAGAIN, () -> open(client, QuicUapi.MSG_QUIC_STREAM_DONTWAIT));
    client.setNonBlocking(true);
    refused(Errno.EAGAIN, () -> open(client, 0));
    client.setNonBlocking(false);
    Future<Long> second = waiting(() -> open(client, 0));
    assertThat(second.isDone()).isFalse();
    echo(first);
    assertThat(outcome(second)).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void openingAStreamWaitsAsLongAsTold(boolean inside) throws Exception {
    connect(inside, 1);
    long first = open(client, 0);
    patience(new Timeval(0, 20_000));
    refused(Errno.EAGAIN, () -> open(client, 0));
    patience(new Timeval(3_600, 0));
    List<Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < WAITERS; i++) {
      all.add(waiting(() -> open(client, 0)));
    }
    // Each stream that ends lets one of them go on.
    echo(first);
    Set<Long> opened = new HashSet<>();
    while (opened.size() < WAITERS) {
      for (Future<Long> f : all) {
        if (f.isDone() && opened.add(outcome(f))) {
          echo(outcome(f));
        }
      }
      Thread.onSpinWait();
    }
    assertThat(opened).allMatch(id -> id % 4 == 0 && id <= 4 * WAITERS).hasSize(WAITERS);
  }

  private void patience(Timeval limit) throws QuicException {
    client.setsockopt(QuicUapi.SOL_SOCKET, QuicUapi.SO_SNDTIMEO, limit.encode());
  }

  /** A stream to its end in both directions. */
  private void echo(long id) throws QuicException {
    byte[] hello = {1, 2, 3};
    byte[] got = new byte[10];
    QuicStreams.sendAll(client, id, FIN, hello, 0, 3);
    assertThat(QuicStreams.recvFully(server, QuicMsg.plain(), got, 0, 10)).isEqualTo(3);
    QuicStreams.sendAll(server, id, FIN, hello, 0, 3);
    assertThat(QuicStreams.recvFully(client, QuicMsg.plain(), got, 0, 10)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theEndOfTheConnectionEndsTheWait(boolean inside) throws Exception {
    connect(inside, 1);
    long first = open(client, 0);
    Future<?> opening =
        waiting(() -> {
          refused(Errno.EPIPE, () -> open(client, 0));
          return true;
        });
    assertThat(send(first, MUCH, in(300))).isBetween(CREDIT, MUCH - 1);
    Future<?> sending =
        waiting(() -> {
          QuicException e = null;
          while (e == null) {
            e = catchThrowableOfType(QuicException.class, () -> send(first, 1000, Long.MAX_VALUE));
          }
          assertThat(e.errno()).isEqualTo(Errno.EPIPE);
          return true;
        });
    server.shutdown(2);
    outcome(opening);
    outcome(sending);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDeadlineEndsASendAndSaysWhatWasTaken(boolean inside) throws Exception {
    connect(inside, 10);
    long stalled = open(client, 0);
    long other = open(client, 0);
    int taken = fill(stalled);
    assertThat(taken).isBetween(CREDIT, MUCH - 1);
    Future<Integer> rest = waiting(() -> send(stalled, 30_000, Long.MAX_VALUE));
    assertThat(send(other, 10, in(20_000))).isEqualTo(10);
    assertThat(rest.isDone()).isFalse();
    int[] came = new int[2];
    byte[] got = new byte[70_000];
    while (came[0] < taken + 30_000 || came[1] < 10) {
      QuicMsg m = QuicMsg.plain();
      int n = server.recvmsg(m, got, 0, got.length);
      came[m.streamId == stalled ? 0 : 1] += n;
    }
    assertThat(outcome(rest)).isEqualTo(30_000);
    assertThat(came).containsExactly(taken + 30_000, 10);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void interruptsAndThePeersStopEndASend(boolean inside) throws Exception {
    connect(inside, 10);
    long id = open(client, 0);
    assertThat(send(id, MUCH, in(300))).isBetween(CREDIT, MUCH - 1);
    Thread.currentThread().interrupt();
    int taken = 0;
    try {
      taken = send(id, 1000, Long.MAX_VALUE);
    } catch (QuicException e) {
      assertThat(e.errno()).isEqualTo(Errno.EINTR);
    }
    assertThat(taken).isLessThanOrEqualTo(LEFT_WAITING);
    assertThat(Thread.interrupted()).isTrue();
    byte[] got = new byte[1000];
    assertThat(server.recvmsg(QuicMsg.plain(), got, 0, 1000)).isPositive();
    Future<?> stopped =
        waiting(() -> {
          QuicException e = null;
          while (e == null) {
            e = catchThrowableOfType(QuicException.class, () -> send(id, 100_000, Long.MAX_VALUE));
          }
          assertThat(e.errno()).isIn(Errno.EINVAL, Errno.ENOSTR);
          return true;
        });
    server.setsockopt(
        SOL, QuicUapi.QUIC_SOCKOPT_STREAM_STOP_SENDING, new QuicErrinfo(id, 5).encode());
    outcome(stopped);
  }
}
