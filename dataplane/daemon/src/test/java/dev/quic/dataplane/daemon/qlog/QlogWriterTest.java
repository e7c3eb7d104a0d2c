package dev.quic.dataplane.daemon.qlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.uapi.QuicUapi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as the drafts want them, whatever happens while they are written. */
class QlogWriterTest {
  private static final long ID = 0x0102030405060708L;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;

  @TempDir Path dir;

  private static void start(EventSink s, long sock, boolean server) {
    s.connectionStarted(1_000_000, sock, server, 1, ID + sock, 0, 0, 8);
    s.pathAssigned(1_000_000, sock, 0, 0xffff_7f00_0001L, 0, 0xffff_7f00_0001L, 4_000 << 16 | 443);
  }

  /** One call of each event. */
  private static void everything(EventSink s, long sock) {
    long t = 2_000_000;
    s.stateChanged(t, sock, QuicUapi.QUIC_SS_CLOSED, QuicUapi.QUIC_SS_ESTABLISHING);
    s.secretInstalled(t, sock, APP, true, 51);
    s.packetSent(t += 1_234, sock, QuicUapi.QUIC_CRYPTO_INITIAL, 0, 1_200, true);
    s.packetReceived(t, sock, QuicUapi.QUIC_CRYPTO_HANDSHAKE, 1, 900);
    s.packetSent(t, sock, QuicUapi.QUIC_CRYPTO_EARLY, 2, 100, true);
    s.packetLost(t, sock, APP, 7, 1_472);
    for (int reason = 0; reason < 10; reason++) {
      s.packetDropped(t, sock, reason, 40);
    }
    s.secretDiscarded(t, sock, QuicUapi.QUIC_CRYPTO_INITIAL);
    s.stateChanged(t += 1_000, sock, QuicUapi.QUIC_SS_ESTABLISHING, QuicUapi.QUIC_SS_ESTABLISHED);
    s.recoveryUpdated(t, sock, 14_720, 1_200, 20_123_456, Long.MAX_VALUE);
    s.recoveryUpdated(t, sock, 14_720, 1_200, 20_123_456, 7_000);
    s.lossTimer(t, sock, 1);
    s.streamOpened(t, sock, 4, true);
    s.streamOpened(t, sock, 3, false);
    for (int state = 0; state < 4; state++) {
      s.ecnState(t, sock, state);
    }
    s.mtuUpdated(t, sock, 1_200, 1_472, true);
    s.pathValidated(t, sock, 0);
    s.pathAssigned(t, sock, 0x2001_0db8_0000_0000L, 1, 0, 1, 1 << 16 | 2);
    for (long code : new long[] {0, 1, 0x10, 0x12a, 0xffff, Long.MAX_VALUE}) {
      s.closed(t, sock, code == 0, false, code);
    }
    s.closed(t, sock, true, true, 77);
    s.stateChanged(t, sock, QuicUapi.QUIC_SS_ESTABLISHED, QuicUapi.QUIC_SS_CLOSED);
    s.connectionForgotten(t, sock);
  }

  /** One of each frame, and an ACK with three ranges, as parts of packet 9. */
  private static void frames(EventSink s, long sock) {
    for (int type = 0; type <= 0x31; type++) {
      boolean ack = type == 2 || type == 3;
      if (type > 0x1e && type < 0x30) {
        continue;
      }
      int fin = type == 0x09 ? 1 << 12 : 0;
      s.frame(3_000_000, sock, type | APP << 8 | fin | 8 << 16, 9, ack ? 90 : 4, 8, ack ? 80 : 100);
      if (ack) {
        s.ackRange(3_000_000, sock, APP, 9, 70, 70);
        s.ackRange(3_000_000, sock, APP, 9, 50, 60);
      }
    }
    s.packetSent(3_000_000, sock, APP, 9, 1_200, true);
  }

  private static void parameters(EventSink s, long sock, boolean local) {
    for (int id = 0; id < 0x30; id++) {
      s.parameter(3_000_000, sock, local, id, id == 4 ? Long.MAX_VALUE : 1);
    }
    s.parameter(3_000_000, sock, local, 0x2ab2, 1);
    s.parametersSet(3_000_000, sock, local);
  }

  @Test
  void framesAndParametersAreWrittenAsTheSchemaWants() {
    Disk disk = new Disk();
    try (QlogWriter w = new QlogWriter(disk::open, 1, 1, 0, 1 << 12)) {
      EventSink s = w.sink(0);
      assertThat(s.detailed()).isTrue();
      start(s, 1, true);
      parameters(s, 1, true);
      parameters(s, 1, false);
      frames(s, 1);
      // Rows of a packet that never came are not another's.
      s.frame(3_000_000, 1, 1 | APP << 8, 10, 0, 0, 0);
      s.packetReceived(3_000_000, 1, APP, 11, 40);
    }
    List<Map<String, Object>> events = QlogSchema.check(disk.texts().getFirst());
    List<Map<String, Object>> data =
        events.stream().map(e -> QlogSchema.map(e.get("data"))).toList();
    assertThat(names(events))
        .containsExactly(
            "quic:connection_started",
            "quic:parameters_set",
            "quic:parameters_set",
            "quic:packet_sent",
            "quic:packet_received");
    assertThat(data.get(1)).containsEntry("initiator", "local").hasSize(15);
    assertThat(data.get(2)).containsEntry("initiator", "remote");
    List<?> frames = (List<?>) QlogSchema.field(data.get(3), "frames");
    assertThat(frames).hasSize(0x1f + 2);
    Map<String, Object> ack = QlogSchema.map(frames.get(2));
    assertThat(ack.get("acked_ranges"))
        .isEqualTo(List.of(List.of(80.0, 90.0), List.of(70.0), List.of(50.0, 60.0)));
    assertThat(QlogSchema.map(frames.get(9))).containsEntry("fin", true);
    assertThat(data.get(4)).doesNotContainKey("frames");
  }

  @Test
  void aPacketsFramesAreBounded() {
    Disk disk = new Disk();
    try (QlogWriter w = new QlogWriter(disk::open, 1, 1, 0, 1 << 12)) {
      EventSink s = w.sink(0);
      start(s, 1, true);
      for (int i = 0; i < 2_000; i++) {
        s.frame(3_000_000, 1, 1 | APP << 8, 10, 0, 0, 0);
      }
      s.packetReceived(3_000_000, 1, APP, 10, 1_200);
    }
    List<Map<String, Object>> events = QlogSchema.check(disk.texts().getFirst());
    Map<String, Object> packet = QlogSchema.map(events.getLast().get("data"));
    assertThat((List<?>) QlogSchema.field(packet, "frames")).hasSizeBetween(100, 500);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(dir)) {
      return all.sorted().toList();
    }
  }

  private static List<String> names(List<Map<String, Object>> events) {
    return events.stream().map(e -> (String) e.get("name")).toList();
  }

  @Test
  void everyEventIsWrittenAsTheSchemaWants() throws Exception {
    try (QlogWriter w = new QlogWriter(dir, 1, 1, 0)) {
      start(w.sink(0), 1, true);
      everything(w.sink(0), 1);
      start(w.sink(0), 2, false);
    }
    assertThat(files())
        .extracting(p -> p.getFileName().toString())
        .containsExactly("0102030405060709_server.sqlog", "010203040506070a_client.sqlog");
    List<Map<String, Object>> events = QlogSchema.read(files().getFirst());
    assertThat(names(events))
        .contains(
            "quic:connection_started",
            "quic:packet_sent",
            "quic:packet_received",
            "quic:packet_lost",
            "quic:packet_dropped",
            "quic:key_updated",
            "quic:key_discarded",
            "quic:connection_state_updated",
            "quic:recovery_metrics_updated",
            "quic:timer_updated",
            "quic:stream_state_updated",
            "quic:ecn_state_updated",
            "quic:mtu_updated",
            "quic:migration_state_updated",
            "quic:tuple_assigned",
            "quic:connection_closed");
    assertThat(events.getFirst()).containsEntry("time", 1.0);
    Map<String, Object> local =
        QlogSchema.map(QlogSchema.map(events.getFirst().get("data")).get("local"));
    assertThat(local).containsEntry("ip_v4", "127.0.0.1").containsEntry("port_v4", 4_000.0);
    QlogSchema.read(files().get(1));
  }

  @Test
  void aSecondFileOfANameGetsANumber() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (QlogWriter w = new QlogWriter(dir, 1, 1, 0)) {
        start(w.sink(0), 1, true);
      }
    }
    assertThat(files()).hasSize(2);
    assertThat(files().getLast().getFileName().toString()).endsWith("_server.sqlog");
    assertThat(files().getFirst().getFileName().toString()).endsWith("_server-2.sqlog");
  }

  /** A file system whose files can be held up and have a size. */
  private static final class Disk {
    final Map<String, ByteArrayOutputStream> files = new TreeMap<>();
    final CountDownLatch gate = new CountDownLatch(1);
    volatile boolean held;
    volatile int left = Integer.MAX_VALUE;
    final AtomicInteger closed = new AtomicInteger();

    OutputStream open(String name) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      synchronized (files) {
        files.put(name, bytes);
      }
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
          if (held) {
            try {
              gate.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
          if (left < len) {
            throw new IOException("No space left on device");
          }
          left -= len;
          bytes.write(b, off, len);
        }

        @Override
        public void close() {
          closed.incrementAndGet();
        }
      };
    }

    List<String> texts() {
      List<String> all = new ArrayList<>();
      synchronized (files) {
        files.values().forEach(f -> all.add(f.toString(StandardCharsets.UTF_8)));
      }
      return all;
    }
  }

  @Test
  void eventsThatFindTheQueueFullAreCountedInTheFile() {
    Disk disk = new Disk();
    disk.held = true;
    QlogWriter w = new QlogWriter(disk::open, 1, 1, 0, 64);
    start(w.sink(0), 1, true);
    int sent = 0;
    while (w.dropped() < 1_000) {
      w.sink(0).packetSent(5_000_000, 1, APP, sent++, 1_200, true);
      Thread.onSpinWait();
    }
    disk.held = false;
    disk.gate.countDown();
    await().until(() -> w.written() > 60);
    w.close();
    List<Map<String, Object>> events = QlogSchema.check(disk.texts().getFirst());
    double told = 0;
    for (Map<String, Object> e : events) {
      if (QlogSchema.field(e, "name").equals("loglevel:warning")) {
        told += (Double) QlogSchema.field(QlogSchema.map(e.get("data")), "code");
      }
    }
    long packets = names(events).stream().filter("quic:packet_sent"::equals).count();
    assertThat(told).isEqualTo(w.dropped());
    assertThat(packets + w.dropped()).isEqualTo(sent);
  }

  @Test
  void aFullDiskEndsFilesAndNothingElse() {
    Disk disk = new Disk();
    disk.left = 20_000;
    QlogWriter w = new QlogWriter(disk::open, 2, 1, 0, 1 << 12);
    for (long sock = 1; sock <= 20; sock++) {
      EventSink s = w.sink((int) sock % 2);
      start(s, sock, true);
      everything(s, sock);
    }
    await().until(() -> w.failures() > 0);
    w.close();
    assertThat(w.failures()).isPositive();
    // Space again: later connections are written.
    disk.left = Integer.MAX_VALUE;
    QlogWriter again = new QlogWriter(disk::open, 1, 1, 0, 1 << 12);
    start(again.sink(0), 99, true);
    everything(again.sink(0), 99);
    again.close();
    assertThat(again.failures()).isZero();
    String text =
        Objects.requireNonNull(disk.files.get("010203040506076b_server"))
            .toString(StandardCharsets.UTF_8);
    assertThat(QlogSchema.check(text)).isNotEmpty();
  }

  @Test
  void oneConnectionInSoManyIsWritten() throws Exception {
    try (QlogWriter w = new QlogWriter(dir, 1, 10, 0)) {
      for (long sock = 1; sock <= 1_000; sock++) {
        start(w.sink(0), sock, true);
        w.sink(0).connectionForgotten(3_000_000, sock);
      }
    }
    assertThat(files().size()).isBetween(60, 140);
  }

  @Test
  void onlySoManyFilesAreOpenAtOnce() {
    Disk disk = new Disk();
    QlogWriter w = new QlogWriter(disk::open, 1, 1, 0, 1 << 14);
    for (long sock = 1; sock <= QlogLimits.OPEN_FILES + 100; sock++) {
      start(w.sink(0), sock, true);
    }
    w.close();
    assertThat(disk.texts()).hasSize(QlogLimits.OPEN_FILES);
    assertThat(w.failures()).isEqualTo(100);
  }

  /** Else it would take the place of another for ever. */
  @Test
  void aConnectionThatEndsWhileTheQueueIsFullHasItsFileClosed() {
    Disk disk = new Disk();
    QlogWriter w = new QlogWriter(disk::open, 1, 1, 0, 64);
    EventSink s = w.sink(0);
    for (long sock = 1; sock <= 8; sock++) {
      start(s, sock, true);
    }
    await().until(() -> w.written() == 8);
    disk.held = true;
    long before = w.dropped();
    while (w.dropped() < before + 1_000) {
      s.packetSent(5_000_000, 1, APP, 1, 1_200, true);
    }
    for (long sock = 1; sock <= 8; sock++) {
      s.connectionForgotten(6_000_000, sock);
    }
    disk.held = false;
    disk.gate.countDown();
    await()
        .untilAsserted(() -> {
          s.packetSent(7_000_000, 99, APP, 1, 1_200, true);
          assertThat(disk.closed).hasValue(8);
        });
    w.close();
  }
}
