package dev.quic.fuzz.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.fuzz.Allocation;
import dev.quic.fuzz.OpenDescriptors;
import dev.quic.fuzz.Seeds;
import dev.quic.fuzz.Tally;
import dev.quic.handshaked.daemon.bus.NetlinkBus;
import dev.quic.handshaked.daemon.service.Bus;
import dev.quic.handshaked.daemon.service.Grant;
import dev.quic.handshaked.daemon.service.HandshakeRequest;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.uapi.QuicUapi;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.NetlinkClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A data plane whose answers to a daemon are damaged, late by one, or come twice: on the bus, on
 * the control connection and on grants. A call of the daemon's returns or throws an IOException,
 * and no descriptor stays open.
 */
class DaemonSideFuzzTest {
  /** Damaged packets, at least. */
  private static final int PACKETS = Integer.getInteger("fuzz.answers", 20_000);

  /** More than a session has; what a session has of them is not the same for all. */
  private static final int SESSIONS = PACKETS;

  /** Bytes one conversation may allocate: its buffers, and answers of the largest size. */
  private static final long BOUND = 16 << 20;

  private static final String NAME = "DaemonSideFuzzTest#damagedAnswers";

  @TempDir Path dir;
  private final Tally tally = new Tally();
  private final AtomicLong damaged = new AtomicLong();
  private final Allocation allocation = new Allocation(BOUND);

  /** One call of a daemon's. */
  private interface Call {
    void run() throws IOException;
  }

  @Test
  void damagedAnswers() throws Exception {
    SocketChannel.open().close();
    try (LyingPlane plane = new LyingPlane(new RunDir(dir))) {
      SeqPacket.connect(dir.resolve("socket.sock")).close();
      int before = OpenDescriptors.sockets();
      Seeds.run(
          NAME,
          SESSIONS,
          1,
          (seed, random) -> {
            if (damaged.get() < PACKETS) {
              plane.seed(seed);
              allocation.measure(() -> session(plane));
              damaged.addAndGet(plane.damaged());
            }
          });
      await().until(() -> plane.connections() == 0);
      plane.hangUp();
      assertThat(OpenDescriptors.sockets())
          .as(() -> "leaked: " + lines())
          .isLessThanOrEqualTo(before);
    }
    System.out.printf(
        "%d damaged answers to a daemon; at most %d KiB allocated in one conversation%n%s",
        damaged.get(), allocation.most() >> 10, tally.table());
    if (Long.getLong("fuzz.seed") == null) {
      assertThat(damaged).hasValueGreaterThanOrEqualTo(PACKETS);
      for (String row : List.of("connect", "accept", "getpeername", "getOption")) {
        assertThat(tally.of(row, "ok")).as(row).isGreaterThan(PACKETS / 100);
        assertThat(tally.of(row)).as(row).isGreaterThan(tally.of(row, "ok"));
      }
      // Collected: what becomes of it shows at the next answer.
      assertThat(tally.of("send", "ok")).isGreaterThan(PACKETS / 100);
    }
  }

  private static String lines() {
    try {
      return OpenDescriptors.lines().toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private boolean call(String name, Call call) {
    try {
      call.run();
      tally.count(name, "ok");
      return true;
    } catch (IOException e) {
      tally.count(name, e.getClass().getSimpleName());
      return false;
    }
  }

  /** A daemon's life with one request, as far as it gets. */
  private void session(LyingPlane plane) {
    @Nullable NetlinkBus[] bus = new NetlinkBus[1];
    call("connect", () -> bus[0] = NetlinkBus.connect(new RunDir(dir)));
    NetlinkBus connected = bus[0];
    if (connected != null) {
      try (Bus open = connected) {
        requests(plane, open);
      }
    }
    plane.hangUp();
    call("done", this::done);
  }

  private void requests(LyingPlane plane, Bus bus) {
    if (!call("ready", bus::awaitReady)) {
      return;
    }
    for (int i = 0; i < 3; i++) {
      @Nullable HandshakeRequest[] request = new HandshakeRequest[1];
      boolean going = call("accept", () -> request[0] = bus.accept());
      HandshakeRequest taken = request[0];
      if (taken != null) {
        try (Grant grant = taken.grant()) {
          handshake(plane, grant);
        }
      }
      if (!going) {
        return;
      }
    }
  }

  private void handshake(LyingPlane plane, Grant grant) {
    call("getpeername", grant::getpeername);
    call("protocol", grant::protocol);
    call("getOption", () -> grant.getOption(QuicUapi.QUIC_SOCKOPT_CONFIG, 88));
    call("getOption", () -> grant.getOption(QuicUapi.QUIC_SOCKOPT_ALPN, 256));
    call("send", () -> grant.send(CryptoLevel.INITIAL, new byte[40_000], true));
    call("setOption", () -> grant.setOption(QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, new byte[56]));
    call("flush", grant::flush);
    plane.push();
    plane.push();
    // At most what was pushed: then the descriptor is closed, and nothing may wait for more.
    for (int i = 0; i < 2; i++) {
      call("receive", () -> grant.receive(System.nanoTime()));
    }
    plane.hangUp();
    // A foreign descriptor in the grant's place never hangs up: then the request's time decides.
    long soon = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2);
    call("receive at the end", () -> grant.receive(soon));
  }

  /** DONE on a connection of its own. */
  private void done() throws IOException {
    try (NetlinkClient client = NetlinkClient.connect(new RunDir(dir))) {
      client.done(0, -1, List.of(1, 2));
    }
  }
}
