package dev.quic.consumer.connection;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Listens, does the handshakes on virtual threads, and hands out established connections: a slow or
 * hostile client holds nobody else up. A protocol has to be named; several servers, of several
 * processes, may listen on one port with different ones.
 *
 * {@snippet :
 * try (QuicServer server =
 *     QuicServer.with(chain, key).protocols("echo").listen(new InetSocketAddress(address, 0))) {
 *   while (true) {
 *     QuicConnection c = server.accept();
 *     Thread.startVirtualThread(() -> echo(c));
 *   }
 * }
 * }
 */
public final class QuicServer implements AutoCloseable {
  /** Handshakes under way at one time; further clients wait in the listener's backlog. */
  public static final int HANDSHAKES = 256;

  /** Between two attempts to accept while there are no descriptors. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Connections that may wait for {@link #accept}, unless the builder says otherwise. */
  public static final int BACKLOG = 128;

  /** Sets a server up. Not thread-safe. */
  public static final class Builder {
    private UnaryOperator<QuicServerTls> tls = t -> t;
    private final Path chain;
    private final Path key;
    private List<String> protocols = List.of();
    private final SocketSource source = new SocketSource();
    private int backlog = BACKLOG;
    private boolean validate;
    private String names = "";
    private Consumer<QuicException> refused = e -> {};

    private Builder(Path chain, Path key) {
      this.chain = chain;
      this.key = key;
    }

    /** The protocols served (ALPN), best first. Needed. */
    public Builder protocols(String... served) {
      protocols = List.of(served);
      return this;
    }

    /** Serves clients that look for these names only; the first label may be a star. */
    public Builder serverNames(String... hosts) {
      names = String.join(",", hosts);
      return this;
    }

    /** Whatever else TLS shall do: client certificates, tickets, early data. */
    public Builder tls(UnaryOperator<QuicServerTls> change) {
      UnaryOperator<QuicServerTls> before = tls;
      tls = t -> change.apply(before.apply(t));
      return this;
    }

    /** Connections that may wait, 1 to 4096. */
    public Builder backlog(int connections) {
      if (connections < 1 || connections > 4_096) {
        throw new IllegalArgumentException("backlog " + connections);
      }
      backlog = connections;
      return this;
    }

    /** Has every client prove its address first (Retry); otherwise only when many come. */
    public Builder validateAddresses() {
      validate = true;
      return this;
    }

    /**
     * Told of each handshake that failed, on its thread, and of connections that could not be taken
     * since the program has no descriptors left (EMFILE).
     */
    public Builder onRefused(Consumer<QuicException> listener) {
      refused = Objects.requireNonNull(listener);
      return this;
    }

    /**
     * Takes datagrams (RFC 9221) of clients; without it they can send none. What we send is up to
     * them.
     *
     * @param largest bytes of a datagram with its header, 1200 to 65535; what a path carries is
     *     less
     */
    public Builder datagrams(int largest) {
      source.datagrams(largest);
      return this;
    }

    /** Makes the socket here; it stays the caller's to close. */
    public Builder sockets(QuicSockets maker) {
      source.use(maker);
      return this;
    }

    /** Where the data plane's sockets are; the default run directory otherwise. */
    public Builder runDir(Path dir) {
      source.runDir(dir);
      return this;
    }

    /**
     * Starts to listen.
     *
     * @throws IllegalStateException without a protocol
     * @throws QuicException EADDRINUSE when another server has the port for one of the protocols;
     *     EADDRNOTAVAIL, EACCES; ECONNREFUSED without a data plane
     */
    public QuicServer listen(InetSocketAddress at) throws IOException {
      if (protocols.isEmpty()) {
        throw new IllegalStateException("name a protocol: QuicServer.Builder.protocols(...)");
      }
      SocketSource.Opened from = source.open();
      boolean done = false;
      try {
        QuicServer s = new QuicServer(this, listener(from, at), from.end());
        done = true;
        return s;
      } finally {
        if (!done) {
          from.end().run();
        }
      }
    }

    private QuicSocket listener(SocketSource.Opened from, InetSocketAddress at) throws IOException {
      QuicSocket s = from.socket(at, protocols);
      boolean done = false;
      try {
        if (!names.isEmpty()) {
          byte[] hosts = names.getBytes(StandardCharsets.US_ASCII);
          s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SERVER_NAME, hosts);
        }
        if (validate) {
          byte[] config = QuicConfig.validatingAddresses().encode();
          s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config);
        }
        s.bind(at);
        s.listen(backlog);
        done = true;
        return s;
      } finally {
        if (!done) {
          s.close();
        }
      }
    }
  }

  private final QuicSocket listener;
  private final QuicServerTls tls;
  private final Consumer<QuicException> refused;
  private final Runnable end;
  private final int backlog;
  private final Semaphore handshakes = new Semaphore(HANDSHAKES);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread acceptor;

  /** The server while it is open, and each connection. */
  private final AtomicInteger users = new AtomicInteger(1);

  // Guarded by the lock.
  private final ArrayDeque<QuicConnection> ready = new ArrayDeque<>();
  private boolean closed;
  private boolean ended;

  private QuicServer(Builder b, QuicSocket listener, Runnable end) {
    this.listener = listener;
    this.end = end;
    backlog = b.backlog;
    tls = b.tls.apply(QuicServerTls.of(b.chain, b.key, b.protocols.toArray(String[]::new)));
    refused = b.refused;
    acceptor = Thread.ofVirtual().name("quic-accept").unstarted(this::acceptAll);
    acceptor.start();
  }

  /**
   * A server with a certificate and its key in PEM files, read anew for each handshake.
   *
   * @param chain leaf first
   */
  public static Builder with(Path chain, Path key) {
    return new Builder(Objects.requireNonNull(chain), Objects.requireNonNull(key));
  }

  /** Waits for the next established connection. */
  public QuicConnection accept() throws IOException {
    return accept(Duration.ZERO);
  }

  /**
   * Waits for the next established connection.
   *
   * @param timeout zero for ever
   * @throws SocketTimeoutException when none came
   * @throws ConnectionClosedException when the server is closed, or the data plane gone
   */
  public QuicConnection accept(Duration timeout) throws IOException {
    long deadline = Patience.deadline(timeout);
    lock.lock();
    try {
      while (ready.isEmpty()) {
        if (ended) {
          throw new ConnectionClosedException(0, "the server is closed");
        }
        long left = Patience.left(deadline);
        if (left == 0) {
          throw new SocketTimeoutException("nobody connected");
        }
        if (left == Patience.NEVER) {
          changed.await();
        } else {
          left = changed.awaitNanos(left);
        }
      }
      changed.signalAll();
      return ready.remove();
    } catch (InterruptedException e) {
      throw (IOException) Patience.interrupted("accept").initCause(e);
    } finally {
      lock.unlock();
    }
  }

  /** Where it listens, with the port chosen. */
  public InetSocketAddress localAddress() throws IOException {
    return listener.getsockname();
  }

  private void acceptAll() {
    try {
      while (true) {
        handshakes.acquire();
        QuicSocket s = acceptOne();
        users.incrementAndGet();
        Thread.ofVirtual().name("quic-handshake").start(() -> handshake(s));
      }
    } catch (QuicException | InterruptedException e) {
      // Closed, or the data plane is gone.
      finish(false);
    }
  }

  /** Waits out a lack of descriptors, which the next connection that ends may end. */
  private QuicSocket acceptOne() throws QuicException, InterruptedException {
    while (true) {
      try {
        return listener.accept();
      } catch (QuicException e) {
        if (e.errno() != Errno.EMFILE && e.errno() != Errno.ENFILE) {
          throw e;
        }
        Thread.ofVirtual().name("quic-refused").start(() -> refused.accept(e));
        Thread.sleep(PAUSE);
      }
    }
  }

  private void handshake(QuicSocket s) {
    boolean done = false;
    try {
      QuicHandshakeResult result = QuicHandshake.server(s, tls);
      QuicConnection c = new QuicConnection(s, true, result, this::release);
      done = true;
      if (!offer(c)) {
        c.close();
      }
    } catch (QuicException e) {
      refused.accept(e);
    } finally {
      handshakes.release();
      if (!done) {
        s.close();
        release();
      }
    }
  }

  /** Waits for room; false when the server is closed. */
  private boolean offer(QuicConnection c) {
    lock.lock();
    try {
      while (ready.size() >= backlog && !closed) {
        changed.awaitUninterruptibly();
      }
      if (!closed) {
        ready.add(c);
        changed.signalAll();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void release() {
    if (users.decrementAndGet() == 0) {
      end.run();
    }
  }

  /**
   * @return whether it was this call that closed the server
   */
  private boolean finish(boolean byUser) {
    lock.lock();
    try {
      boolean first = byUser && !closed;
      closed |= byUser;
      ended = true;
      changed.signalAll();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Stops listening; connections handed out live on, those nobody accepted are closed. */
  @Override
  public void close() {
    if (!finish(true)) {
      return;
    }
    acceptor.interrupt();
    listener.close();
    List<QuicConnection> left;
    lock.lock();
    try {
      left = List.copyOf(ready);
      ready.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(QuicConnection::close);
    release();
  }
}
