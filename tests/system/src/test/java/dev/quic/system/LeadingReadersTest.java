package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs inside the data plane that ask and answer, so that a reader takes the shard's turns
 * while it waits (docs/adr/0007): whatever ends a wait ends such a one.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class LeadingReadersTest {
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;

  /** Enough for readers to have begun to lead. */
  private static final int EXCHANGES = 50;

  private static final int SIZE = 700;

  @TempDir Path dir;
  private SplitPair pair;

  @BeforeEach
  void connect() throws Exception {
    pair = new SplitPair(dir, true);
    pair.listen();
    pair.connect();
  }

  @AfterEach
  void close() throws Exception {
    pair.close();
  }

  private static <T> FutureTask<T> start(Callable<T> body, List<Thread> threads) {
    FutureTask<T> task = new FutureTask<>(body);
    threads.add(Thread.ofPlatform().daemon().start(task));
    return task;
  }

  /** Sends back what comes on whatever stream, until the socket ends. */
  private static int echo(QuicSocket s, int most) throws QuicException {
    byte[] buf = new byte[4096];
    QuicMsg msg = QuicMsg.plain();
    int n = 0;
    for (int i = 0; i < most; i++) {
      msg.flags = 0;
      n = s.recvmsg(msg, buf, 0, buf.length);
      QuicStreams.sendAll(s, msg.streamId, msg.streamFlags & FIN, buf, 0, n);
    }
    return n;
  }

  private static void ask(QuicSocket s, long stream, int i, int flags) throws QuicException {
    byte[] question = new byte[SIZE];
    Arrays.fill(question, (byte) i);
    byte[] answer = new byte[SIZE];
    QuicStreams.sendAll(s, stream, flags, question, 0, SIZE);
    QuicMsg msg = QuicMsg.plain();
    assertThat(QuicStreams.recvFully(s, msg, answer, 0, SIZE)).isEqualTo(SIZE);
    assertThat(answer).isEqualTo(question);
  }

  private void exchange() throws QuicException {
    for (int i = 0; i < EXCHANGES; i++) {
      ask(pair.client, 0, i, i == 0 ? NEW : 0);
    }
  }

  /** Waits for an answer that never comes, after some that did. */
  private FutureTask<Integer> waiting(List<Thread> threads) throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    FutureTask<Integer> silent =
        start(
            () -> {
              echo(pair.server, EXCHANGES);
              byte[] buf = new byte[SIZE];
              int n = pair.server.recvmsg(QuicMsg.plain(), buf, 0, SIZE);
              asked.countDown();
              return n;
            },
            new ArrayList<>());
    FutureTask<Integer> reader =
        start(
            () -> {
              exchange();
              QuicStreams.sendAll(pair.client, 0, 0, new byte[SIZE], 0, SIZE);
              return catchThrowableOfType(
                      QuicException.class,
                      () -> pair.client.recvmsg(QuicMsg.plain(), new byte[SIZE], 0, SIZE))
                  .errno();
            },
            threads);
    assertThat(silent.get(1, TimeUnit.MINUTES)).isPositive();
    assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
    return reader;
  }

  @RepeatedTest(5)
  void anInterruptEndsTheWait() throws Exception {
    List<Thread> threads = new ArrayList<>();
    FutureTask<Integer> reader = waiting(threads);
    threads.getFirst().interrupt();
    assertThat(reader.get(1, TimeUnit.MINUTES)).isEqualTo(Errno.EINTR);
  }

  @RepeatedTest(5)
  void closingTheSocketEndsTheWait() throws Exception {
    FutureTask<Integer> reader = waiting(new ArrayList<>());
    pair.client.close();
    assertThat(reader.get(1, TimeUnit.MINUTES)).isEqualTo(Errno.EBADF);
  }

  @RepeatedTest(5)
  void thePeersCloseEndsTheWait() throws Exception {
    FutureTask<Integer> reader = waiting(new ArrayList<>());
    pair.server.close();
    assertThat(reader.get(1, TimeUnit.MINUTES)).isEqualTo(Errno.ENOTCONN);
  }

  @Test
  void theDataPlanesEndEndsTheWait() throws Exception {
    FutureTask<Integer> reader = waiting(new ArrayList<>());
    pair.house.plane.close();
    assertThat(reader.get(1, TimeUnit.MINUTES)).isIn(Errno.EBADF, Errno.ENOTCONN);
  }

  @Test
  void manyAskAtOnceOnOneShard() throws Exception {
    int streams = 8;
    List<QuicSocket> clients = new ArrayList<>();
    List<FutureTask<?>> tasks = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      if (i > 0) {
        pair.connect();
      }
      QuicSocket client = pair.client;
      QuicSocket server = pair.server;
      clients.add(client);
      tasks.add(start(() -> echo(server, 10 * EXCHANGES), threads));
      tasks.add(
          start(
              () -> {
                for (int k = 0; k < 10 * EXCHANGES; k++) {
                  ask(client, 0, k, k == 0 ? NEW : 0);
                }
                return null;
              },
              threads));
    }
    for (FutureTask<?> t : tasks) {
      t.get(2, TimeUnit.MINUTES);
    }
    for (QuicSocket c : clients) {
      c.close();
    }
  }
}
