package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.handshaked.tls.HandshakeDriver;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.handshaked.tls.HandshakeTrace;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.uapi.Errno;
import dev.quic.uds.SeqPacket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a consumer sees of a handshake daemon that answers late, twice, wrongly or never. Only the
 * handshake concerned fails; a connection made before goes on, and an honest one is made after it.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class LyingDaemonTest {
  /** For requests that are to run into their timeout. */
  private static final int SHORT_MS = 300;

  /** Longer than what a lie leads to may take; a handshake that cannot end waits for it. */
  private static final int HOPELESS_MS = 2_000;

  @TempDir Path dir;
  private SplitHouse house;
  private FakeDaemon daemon;
  private final List<QuicSocket> bystander = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
    daemon = new FakeDaemon(house.file("run"));
    Connection first = connection(SplitHouse.TIMEOUT_MS);
    assertThat(honest(first)).isZero();
    bystander.add(first.consumer);
    bystander.add(first.far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  @AfterEach
  void close() throws Exception {
    try {
      SplitHouse.carry(bystander.get(0), bystander.get(1), "goes on");
      SplitHouse.carry(bystander.get(1), bystander.get(0), "both ways");
      Connection last = connection(SplitHouse.TIMEOUT_MS);
      assertThat(honest(last)).isZero();
    } finally {
      daemon.close();
      house.close();
    }
  }

  /** A consumer's client, its request, and a program's server. */
  private record Connection(
      QuicSocket consumer, SplitHouse.Asked asked, Future<QuicSocket> far, QuicSocket listener) {
    /** The far end has nothing that works. */
    void farFails() throws Exception {
      listener.close();
      try {
        far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS).close();
        throw new AssertionError("the far end has a connection");
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(dev.quic.consumer.QuicException.class);
      }
    }
  }

  private Connection connection(int timeoutMs) throws Exception {
    QuicSocket listener = house.listener(SplitHouse.ALPN);
    Future<QuicSocket> far =
        house.pool.submit(() -> {
          QuicSocket s = listener.accept();
          QuicHandshake.server(
              s, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
          return s;
        });
    QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
    SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, timeoutMs);
    return new Connection(consumer, asked, far, listener);
  }

  private HandshakeResult drive(HandshakePort port, int timeoutMs) throws Exception {
    TlsConfig.Client config = TlsConfig.Client.of(house.ca.trustStore(), SplitHouse.NAME);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    return HandshakeDriver.client(port, () -> config, deadline, HandshakeTrace.NONE);
  }

  private int honest(Connection c) throws Exception {
    try (FakeDaemon.Taken taken = daemon.take()) {
      HandshakeResult result = drive(taken.port(), SplitHouse.TIMEOUT_MS);
      assertThat(result.reason()).isEmpty();
      assertThat(taken.done(result.status())).isZero();
      return c.asked.await();
    }
  }

  @Test
  void neverAccepts() throws Exception {
    Connection c = connection(SHORT_MS);
    assertThat(c.asked.await()).isEqualTo(-Errno.ETIMEDOUT);
    c.listener.close();
    // What is left of the notification.
    assertThat(daemon.tryTake()).isFalse();
  }

  @Test
  void acceptsAndNeverAnswers() throws Exception {
    Connection c = connection(SHORT_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      assertThat(c.asked.await()).isEqualTo(-Errno.ETIMEDOUT);
      // Too late: the grant is worth nothing, and the consumer hears no more of it.
      LyingPort late = new LyingPort(taken.port(), LyingPort.Lie.NONE);
      late.setOption(dev.quic.uapi.QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, new byte[56]);
      assertThat(late.errors()).isEqualTo(1);
      assertThat(taken.done(0)).isZero();
      assertThat(taken.done(Errno.EACCES)).isZero();
      assertThat(c.asked.status().get()).isEqualTo(-Errno.ETIMEDOUT);
    }
    c.listener.close();
  }

  @Test
  void givesTheGrantBackInTheMiddle() throws Exception {
    Connection c = connection(SplitHouse.TIMEOUT_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      drive(taken.port(), 1);
    }
    assertThat(c.asked.await()).isEqualTo(-Errno.EIO);
    c.farFails();
  }

  @Test
  void answersTwice() throws Exception {
    Connection c = connection(SplitHouse.TIMEOUT_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      assertThat(drive(taken.port(), SplitHouse.TIMEOUT_MS).ok()).isTrue();
      assertThat(taken.done(0)).isZero();
      assertThat(taken.done(Errno.EACCES)).isZero();
      assertThat(taken.done(0)).isZero();
      // A second callback would have failed the test by itself.
      assertThat(c.asked.await()).isZero();
    }
    QuicSocket far = c.far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
    SplitHouse.carry(c.consumer, far, "still there");
  }

  @Test
  void failsAndThenGoesOn() throws Exception {
    Connection c = connection(SplitHouse.TIMEOUT_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      assertThat(taken.done(Errno.EKEYEXPIRED)).isZero();
      assertThat(c.asked.await()).isEqualTo(-Errno.EKEYEXPIRED);
      assertThat(drive(taken.port(), SHORT_MS).ok()).isFalse();
    }
    c.farFails();
  }

  @Test
  void succeedsWithoutAHandshake() throws Exception {
    Connection c = connection(SplitHouse.TIMEOUT_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      assertThat(taken.done(0)).isZero();
      assertThat(c.asked.await()).isEqualTo(-Errno.EIO);
    }
    c.farFails();
  }

  @Test
  void answersWithForeignDescriptors() throws Exception {
    Connection c = connection(SplitHouse.TIMEOUT_MS);
    SeqPacket[] foreign = SeqPacket.pair();
    try (FakeDaemon.Taken taken = daemon.take()) {
      assertThat(daemon.done(0, -1)).isEqualTo(-Errno.EBADF);
      assertThat(daemon.done(0, foreign[0].number())).isEqualTo(-Errno.EBUSY);
      // Its own control connection is no grant either.
      assertThat(c.asked.status()).isNotDone();
      assertThat(drive(taken.port(), SplitHouse.TIMEOUT_MS).ok()).isTrue();
      assertThat(taken.done(0)).isZero();
      assertThat(c.asked.await()).isZero();
    }
    foreign[0].close();
    foreign[1].close();
  }

  @ParameterizedTest
  @EnumSource(
      value = LyingPort.Lie.class,
      names = {"NONE", "MESSAGES_TWICE"},
      mode = EnumSource.Mode.EXCLUDE)
  void lies(LyingPort.Lie lie) throws Exception {
    Connection c = connection(HOPELESS_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      LyingPort port = new LyingPort(taken.port(), lie);
      HandshakeResult result = drive(port, HOPELESS_MS);
      taken.done(0);
      int status = c.asked.await();
      System.out.printf(
          "%s: %d calls refused, TLS says %s, the consumer gets %s%n",
          lie, port.errors(), result.ok() ? "ok" : result.reason(), Errno.name(-status));
      // Nothing came of it, or what the daemon says is no success: never a connection by a lie.
      assertThat(status).isIn(-Errno.EIO, -Errno.ETIMEDOUT, 0);
      assertThat(lie == LyingPort.Lie.NONSENSE_PARAMETERS && status == 0).isFalse();
      if (status == 0) {
        noBytes(c);
      }
    } finally {
      c.consumer.close();
      c.listener.close();
    }
  }

  /** A socket whose secrets the peer has not carries nothing. */
  private void noBytes(Connection c) throws Exception {
    Future<?> carried =
        house.pool.submit(() -> {
          SplitHouse.carry(c.consumer, c.far.get(), "by a lie");
          return null;
        });
    try {
      carried.get(SHORT_MS, TimeUnit.MILLISECONDS);
      throw new AssertionError("bytes went through");
    } catch (TimeoutException | ExecutionException e) {
      carried.cancel(true);
    }
  }

  @Test
  void saysEverythingTwice() throws Exception {
    Connection c = connection(HOPELESS_MS);
    try (FakeDaemon.Taken taken = daemon.take()) {
      HandshakeResult result =
          drive(new LyingPort(taken.port(), LyingPort.Lie.MESSAGES_TWICE), HOPELESS_MS);
      taken.done(result.status());
      // The peer refuses the second copy, or never needs it; a close that comes before the next
      // call is that call's errno (docs/tls.md).
      assertThat(c.asked.await())
          .isIn(0, -Errno.EACCES, -Errno.EIO, -Errno.EPIPE, -Errno.ETIMEDOUT);
    }
    c.listener.close();
  }
}
