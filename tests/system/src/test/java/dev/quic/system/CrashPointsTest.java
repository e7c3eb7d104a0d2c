package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.handshaked.daemon.trace.HaltSwitch;
import dev.quic.system.ConsumerPair.Role;
import dev.quic.uapi.Errno;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  @ParameterizedTest
  @EnumSource
  void outlivesTheDaemonAtEveryPoint(Role role) throws Exception {
    ConsumerPair oldest;
    try (Handshaked healthy = house.daemon()) {
      oldest = connect(role);
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
        ConsumerPair next = connect(role);
        next.established();
        ConsumerPair doomed = connect(role);
        int status = doomed.asked().await();
        assertThat(mortal.awaitEnd()).isEqualTo(SIGKILLED);
        String last = lastOfTheSecond(Files.readAllLines(house.file("trace")));
        done = last.contains("\"done\"");
        System.out.printf("%s, point %d: %s: %s%n", role, points, status, last);
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
      connect(role).established();
    }
    System.out.printf(
        "%s: %d points covered in %.1f s%n", role, points, (System.nanoTime() - begin) / 1e9);
  }

  /** The last call of the second request; DONE of the first may be traced behind it. */
  private static String lastOfTheSecond(List<String> trace) {
    List<String> accepts = trace.stream().filter(l -> l.contains("\"event\":\"accept\"")).toList();
    String sock = accepts.get(1).replaceAll(".*(\"sock\":[0-9]+,).*", "$1");
    int begin = trace.lastIndexOf(accepts.get(1));
    return trace.subList(begin, trace.size()).stream()
        .filter(l -> l.contains(sock))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  private ConsumerPair connect(Role role) throws Exception {
    return role.connect(house, SplitHouse.TIMEOUT_MS);
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
