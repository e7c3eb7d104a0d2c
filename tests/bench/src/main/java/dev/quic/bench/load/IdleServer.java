package dev.quic.bench.load;

import com.sun.management.OperatingSystemMXBean;
import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Accepts, has the handshakes done, keeps the sockets, and looks at its own process. */
final class IdleServer {
  private static final int BACKLOG = 256;
  private static final int TIMEOUT_MS = 60_000;

  /** From the last handshake to the first figure: tickets, tokens and MTU probes are through. */
  private static final int SETTLE_SECONDS = 5;

  /** How close to where it began the heap counts as back, bytes: classes and caches stay. */
  private static final long BACK = 8L << 20;

  private static final int CLOSE_SECONDS = 120;
  private static final int LOOK_MS = 100;

  private final TlsHandshakes tls;
  private final Arguments args;
  private final List<QuicSocket> open = new ArrayList<>();
  private final OperatingSystemMXBean os =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  IdleServer(TlsHandshakes tls, Arguments args) {
    this.tls = tls;
    this.args = args;
  }

  void run(QuicSockets sockets) throws Exception {
    try (QuicSocket listener = IdleLoad.socket(sockets, args)) {
      listener.bind(args.address("server"));
      listener.listen(BACKLOG);
      long before = heap();
      IdleLoad.say("bench listening on 127.0.0.1:" + listener.getsockname().getPort());
      Thread accepting = Thread.ofPlatform().name("idle-accept").start(() -> accept(listener));
      while (count() < args.number("count")) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      }
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      long full = heap();
      long cpu = os.getProcessCpuTime();
      TimeUnit.SECONDS.sleep(args.number("seconds"));
      cpu = os.getProcessCpuTime() - cpu;
      IdleLoad.say("bench idle up heap_before=" + before + " heap_full=" + full + " cpu_ns=" + cpu);
      closeAll(before);
      listener.close();
      accepting.join();
    }
  }

  private synchronized int count() {
    return open.size();
  }

  private synchronized void keep(QuicSocket s) {
    open.add(s);
  }

  private void accept(QuicSocket listener) {
    try {
      while (true) {
        QuicSocket s = listener.accept();
        Thread.ofVirtual().start(() -> handshake(s));
      }
    } catch (QuicException e) {
      // The listener was closed: all is done.
      IdleLoad.say("bench idle listener over");
    }
  }

  private void handshake(QuicSocket s) {
    try {
      var unused = tls.serverHelloX509(s, TIMEOUT_MS).get();
      keep(s);
    } catch (ExecutionException e) {
      IdleLoad.say("bench server: " + e.getCause());
      s.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      s.close();
    }
  }

  private void closeAll(long before) throws InterruptedException {
    List<QuicSocket> all;
    synchronized (this) {
      all = List.copyOf(open);
      open.clear();
    }
    IdleLoad.say("bench idle closing ms=" + System.currentTimeMillis());
    long start = System.nanoTime();
    all.forEach(QuicSocket::close);
    long closed = System.nanoTime() - start;
    all = List.of();
    long limit = start + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
    long after = heap();
    while (after > before + BACK && System.nanoTime() < limit) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      after = heap();
    }
    long back = System.nanoTime() - start;
    IdleLoad.say(
        "bench idle down heap_after=" + after + " close_ns=" + closed + " back_ns=" + back);
  }

  /** Live bytes, once garbage is gone. */
  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 2; i++) {
      System.gc();
      long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      least = Math.min(least, used);
    }
    return least;
  }
}
