package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.Errno;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Many connections to one server from a few UDP ports. */
final class Crowd implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;
  private static final int DAEMON_WAIT_MS = 20_000;
  private static final int LOOK_MS = 20;

  private final QuicSockets sockets;
  private final TlsHandshakes tls;
  private final Arguments args;
  private final List<QuicSocket> open = new ArrayList<>();
  private final List<QuicSocket> anchors = new ArrayList<>();
  private final List<InetSocketAddress> ports = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  Crowd(QuicSockets sockets, TlsHandshakes tls, Arguments args) {
    this.sockets = sockets;
    this.tls = tls;
    this.args = args;
  }

  /**
   * Opens them all.
   *
   * @return them, in no order
   */
  List<QuicSocket> open() throws Exception {
    takePorts();
    connectAll();
    return List.copyOf(open);
  }

  @Override
  public void close() {
    open.forEach(QuicSocket::close);
    anchors.forEach(QuicSocket::close);
  }

  /** Sockets that only hold the ports the connections share. */
  private void takePorts() throws QuicException {
    for (int i = 0; i < args.number("ports"); i++) {
      QuicSocket s = IdleLoad.socket(sockets, args);
      anchors.add(s);
      s.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      ports.add(s.getsockname());
    }
  }

  private void connectAll() throws Exception {
    // The first waits for the daemon.
    int total = args.number("count");
    keep(first(next.getAndIncrement()));
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < args.number("concurrency"); i++) {
      workers.add(Thread.ofVirtual().name("idle-" + i).start(() -> work(total)));
    }
    for (Thread t : workers) {
      t.join();
    }
    Exception e = failure.get();
    if (e != null) {
      throw e;
    }
  }

  private void work(int total) {
    try {
      for (int n = next.getAndIncrement(); n < total; n = next.getAndIncrement()) {
        keep(connect(n));
        if (failure.get() != null) {
          return;
        }
      }
    } catch (QuicException | ExecutionException | InterruptedException e) {
      failure.compareAndSet(null, e);
    }
  }

  private synchronized void keep(QuicSocket s) {
    open.add(s);
  }

  private QuicSocket first(int n) throws Exception {
    for (int waited = 0; ; waited += LOOK_MS) {
      try {
        return connect(n);
      } catch (ExecutionException e) {
        boolean nobody = e.getCause() instanceof QuicException q && q.errno() == Errno.ESRCH;
        if (!nobody || waited >= DAEMON_WAIT_MS) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  private QuicSocket connect(int n) throws QuicException, ExecutionException, InterruptedException {
    QuicSocket s = IdleLoad.socket(sockets, args);
    boolean ok = false;
    try {
      s.bind(ports.get(n % ports.size()));
      s.connect(args.address("client"));
      var unused = tls.clientHelloX509(s, "localhost", TIMEOUT_MS).get();
      ok = true;
      return s;
    } finally {
      if (!ok) {
        s.close();
      }
    }
  }
}
