package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicSocket;
import dev.quic.handshaked.daemon.trace.HaltSwitch;
import dev.quic.system.ConsumerPair.Role;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A handshake daemon that is stopped, or asked to end, at every point of a handshake. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class SignalPointsTest {
  /** A handshake has about twenty calls; more than this and the switch does not work. */
  private static final int MOST_POINTS = 60;

  /** Time for a handshake that stops in the middle. */
  private static final int SHORT_MS = 1_500;

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

  private ConsumerPair connect(Role role) throws Exception {
    return role.connect(house, SplitHouse.TIMEOUT_MS);
  }

  private static String[] sends(String signal, int point, int request) {
    return new String[] {
      "-D" + HaltSwitch.PROPERTY + "=" + point,
      "-D" + HaltSwitch.REQUEST_PROPERTY + "=" + request,
      "-D" + HaltSwitch.SIGNAL_PROPERTY + "=" + signal
    };
  }

  /** Beside a daemon that stands still, the other one serves everybody else. */
  @ParameterizedTest
  @EnumSource
  void stoppedAtEveryPoint(Role role) throws Exception {
    try (Handshaked stalls = house.daemon(sends("STOP", 1, 2))) {
      ConsumerPair oldest = connect(role);
      oldest.established();
      try (Handshaked healthy = house.daemon()) {
        int points = 0;
        while (stopAt(++points, role, stalls, healthy, oldest)) {
          assertThat(points).isLessThan(MOST_POINTS);
        }
        System.out.printf("%s: stopped at %d points%n", role, points - 1);
        assertThat(points).isGreaterThan(10);
      }
    }
  }

  /**
   * @return false when the handshake was over before the point
   */
  private boolean stopAt(
      int point, Role role, Handshaked stalls, Handshaked healthy, ConsumerPair oldest)
      throws Exception {
    healthy.signal("STOP");
    ConsumerPair doomed = role.connect(house, SHORT_MS);
    await()
        .atMost(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS)
        .until(() -> stalls.isStopped() || doomed.asked().status().isDone());
    boolean stopped = stalls.isStopped();
    healthy.signal("CONT");
    if (stopped) {
      ConsumerPair other = connect(role);
      other.established();
      oldest.goesOn();
    }
    int status = doomed.asked().await();
    System.out.printf("%s: stopped at point %d: %s%n", role, point, Errno.name(-status));
    stalls.signal("CONT");
    if (status == 0) {
      doomed.goesOn();
      return stopped;
    }
    assertThat(status).isEqualTo(-Errno.ETIMEDOUT);
    doomed.farEnds();
    oldest.goesOn();
    // What it does now comes too late, and it knows.
    stalls.awaitCount(line -> line.contains("handshake with"), point + 1);
    return true;
  }

  /** Handshakes under way are finished; then the daemon ends in good order. */
  @ParameterizedTest
  @EnumSource
  void askedToEndAtEveryPoint(Role role) throws Exception {
    int points = 0;
    boolean done = false;
    while (!done) {
      assertThat(++points).isLessThan(MOST_POINTS);
      Files.deleteIfExists(house.file("trace"));
      try (Handshaked leaving = house.daemon(sends("TERM", points, 1))) {
        ConsumerPair last = connect(role);
        assertThat(last.asked().await()).as("point %d", points).isZero();
        done = calls() < points;
        last.goesOn();
        if (done) {
          leaving.signal("TERM");
        }
        assertThat(leaving.awaitEnd()).as("point %d", points).isZero();
      }
    }
    System.out.printf("%s: asked to end at %d points%n", role, points);
  }

  /** Calls of the handshake that is over; the consumer may know that before the trace does. */
  private int calls() {
    Path trace = house.file("trace");
    await()
        .atMost(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS)
        .until(() -> Files.readString(trace).contains("\"done\""));
    try {
      return Files.readAllLines(trace).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void askedToEndWhileItWaitsForThePeer() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Handshaked daemon = house.daemon()) {
      QuicSocket consumer =
          house.connect((InetSocketAddress) silent.getLocalSocketAddress(), SplitHouse.ALPN);
      SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, SHORT_MS);
      silent.receive(new DatagramPacket(new byte[2048], 2048));
      daemon.signal("TERM");
      // It has until then, and uses it.
      assertThat(asked.await()).isEqualTo(-Errno.ETIMEDOUT);
      assertThat(daemon.awaitEnd()).isZero();
    }
  }

  @Test
  void stoppedBeforeItAccepts() throws Exception {
    try (Handshaked daemon = house.daemon()) {
      daemon.signal("STOP");
      ConsumerPair waits = Role.CLIENT.connect(house, SHORT_MS);
      assertThat(waits.asked().await()).isEqualTo(-Errno.ETIMEDOUT);
      waits.farEnds();
      ConsumerPair next = connect(Role.CLIENT);
      daemon.signal("CONT");
      next.established();
    }
  }

  @Test
  void killedBeforeItAccepts() throws Exception {
    try (Handshaked stopped = house.daemon()) {
      stopped.signal("STOP");
      ConsumerPair waits = connect(Role.CLIENT);
      stopped.kill();
      // Nobody had it yet: it waits for the next one.
      assertThat(waits.asked().status()).isNotDone();
      try (Handshaked successor = house.daemon()) {
        waits.established();
      }
    }
  }
}
