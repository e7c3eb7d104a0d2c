package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.handshaked.daemon.trace.HaltSwitch;
import dev.quic.uapi.Errno;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a consumer sees of a handshake daemon that dies, stalls, or was never there. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class CrashPointsTest {
  /** A handshake has about twenty calls; more than this and the switch does not work. */
  private static final int MOST_POINTS = 60;

  private static final int SIGKILLED = 137;

  @TempDir Path dir;
  private SplitHouse house;

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
  }

  @AfterEach
  void close() {
    house.close();
  }

  /** One connection: the consumer's end with its request, and a program's end. */
  private record Pair(QuicSocket consumer, SplitHouse.Asked asked, Future<QuicSocket> far) {
    void established() throws Exception {
      assertThat(asked.await()).isZero();
      goesOn();
    }

    void goesOn() throws Exception {
      QuicSocket other = far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
      SplitHouse.carry(consumer, other, "there");
      SplitHouse.carry(other, consumer, "and back");
    }

    /** The far end learns of the failure, unless its own handshake was over by then. */
    void farEnds() throws Exception {
      try {
        far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS).close();
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(dev.quic.consumer.QuicException.class);
      }
    }
  }

  @FunctionalInterface
  private interface Role {
    Pair connect() throws Exception;
  }

  private Pair consumerIsClient() throws Exception {
    QuicSocket listener = house.listener(SplitHouse.ALPN);
    Future<QuicSocket> far =
        house.pool.submit(() -> {
          QuicSocket s = listener.accept();
          QuicHandshake.server(
              s, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
          return s;
        });
    QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
    SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
    // A client that never came would leave the far end waiting for it.
    asked
        .status()
        .whenComplete((status, failure) -> {
          if (status != 0) {
            listener.close();
          }
        });
    return new Pair(consumer, asked, far);
  }

  private Pair consumerIsServer() throws Exception {
    QuicSocket listener = house.listener(SplitHouse.ALPN);
    InetSocketAddress at = listener.getsockname();
    Future<QuicSocket> far =
        house.pool.submit(() -> {
          QuicSocket s = house.connect(at, SplitHouse.ALPN);
          QuicHandshake.client(
              s,
              QuicClientTls.of(SplitHouse.NAME, SplitHouse.ALPN)
                  .withTrustAnchors(List.of(house.ca.certificate())));
          return s;
        });
    QuicSocket consumer = listener.accept();
    return new Pair(consumer, house.serverHello(consumer, SplitHouse.TIMEOUT_MS), far);
  }

  @Test
  void clientOutlivesTheDaemonAtEveryPoint() throws Exception {
    everyPoint("client", this::consumerIsClient);
  }

  @Test
  void serverOutlivesTheDaemonAtEveryPoint() throws Exception {
    everyPoint("server", this::consumerIsServer);
  }

  private void everyPoint(String name, Role role) throws Exception {
    Pair oldest;
    try (Handshaked healthy = house.daemon()) {
      oldest = role.connect();
      oldest.established();
    }
    long begin = System.nanoTime();
    int points = 0;
    boolean done = false;
    while (!done) {
      assertThat(++points).isLessThan(MOST_POINTS);
      Files.deleteIfExists(house.file("trace"));
      try (Handshaked mortal =
          house.daemon(
              "-D" + HaltSwitch.PROPERTY + "=" + points,
              "-D" + HaltSwitch.REQUEST_PROPERTY + "=2")) {
        // It is the restart after the death before this one, too.
        Pair next = role.connect();
        next.established();
        Pair doomed = role.connect();
        int status = doomed.asked.await();
        assertThat(mortal.awaitEnd()).isEqualTo(SIGKILLED);
        String last = Files.readAllLines(house.file("trace")).getLast();
        done = last.contains("\"done\"");
        System.out.printf("%s, point %d: %s: %s%n", name, points, status, last);
        if (done) {
          doomed.established();
        } else {
          assertThat(status).as(last).isEqualTo(-Errno.EIO);
          doomed.farEnds();
        }
        oldest.goesOn();
        next.goesOn();
      }
    }
    try (Handshaked healthy = house.daemon()) {
      role.connect().established();
    }
    System.out.printf(
        "%s: %d points covered in %.1f s%n", name, points, (System.nanoTime() - begin) / 1e9);
  }

  @Test
  void killedWhileItWaitsForThePeer() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Handshaked daemon = house.daemon()) {
      QuicSocket consumer =
          house.connect((InetSocketAddress) silent.getLocalSocketAddress(), SplitHouse.ALPN);
      SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
      // The ClientHello is out: the daemon waits for an answer that never comes.
      silent.receive(new DatagramPacket(new byte[2048], 2048));
      daemon.kill();
      assertThat(asked.await()).isEqualTo(-Errno.EIO);
    }
  }

  @Test
  void silentPeerTimesOut() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Handshaked daemon = house.daemon()) {
      QuicSocket consumer =
          house.connect((InetSocketAddress) silent.getLocalSocketAddress(), SplitHouse.ALPN);
      assertThat(house.clientHello(consumer, SplitHouse.NAME, 200).await())
          .isEqualTo(-Errno.ETIMEDOUT);
    }
  }

  @Test
  void noDaemonIsRefusedAtOnce() throws Exception {
    QuicSocket listener = house.listener(SplitHouse.ALPN);
    QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
    SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
    assertThat(asked.submitted()).isEqualTo(-Errno.ESRCH);
    try (Handshaked daemon = house.daemon()) {
      // The refused socket is as good as new.
      house.pool.submit(() -> {
        QuicSocket s = listener.accept();
        return QuicHandshake.server(
            s, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
      });
      assertThat(house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS).await())
          .isZero();
    }
    // Once the last daemon has gone it is ESRCH again.
    await()
        .until(() -> {
          try (QuicSocket late = house.connect(listener.getsockname(), SplitHouse.ALPN)) {
            return house.clientHello(late, SplitHouse.NAME, 1).submitted() == -Errno.ESRCH;
          }
        });
    assertThat(asked.status()).isNotDone();
  }

  @Test
  void secondRequestOfASocketIsBusy() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Handshaked daemon = house.daemon()) {
      QuicSocket consumer =
          house.connect((InetSocketAddress) silent.getLocalSocketAddress(), SplitHouse.ALPN);
      SplitHouse.Asked first = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
      SplitHouse.Asked second = house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS);
      assertThat(first.submitted()).isZero();
      assertThat(second.submitted()).isEqualTo(-Errno.EBUSY);
      // Once the daemon has it; until then another could, and its death changes nothing.
      silent.receive(new DatagramPacket(new byte[2048], 2048));
      daemon.kill();
      assertThat(first.await()).isEqualTo(-Errno.EIO);
      // Had, not only has.
      assertThat(house.clientHello(consumer, SplitHouse.NAME, 1).submitted())
          .isEqualTo(-Errno.EBUSY);
      assertThat(second.status()).isNotDone();
    }
  }
}
