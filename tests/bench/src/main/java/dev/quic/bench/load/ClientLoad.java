package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import dev.quic.uds.UdsCounters;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The measuring end. Arguments besides the address: {@code concurrency=N}, {@code warmup=N}, {@code
 * count=N}, {@code rounds=N}, {@code modes=full,resumed,0rtt}.
 */
final class ClientLoad {
  private static final int TIMEOUT_MS = 20_000;
  private static final int DAEMON_WAIT_MS = 20_000;
  private static final int LOOK_MS = 20;
  private static final int MAX_EVENT = 4_096;

  /** How long the daemon waits for the ticket that all resumptions use. */
  private static final int TICKET_SECONDS = 5;

  /** {@code struct quic_event_option}: tell of tickets. */
  private static final byte[] TICKET_EVENTS = {QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET, 1};

  private final QuicSockets sockets;
  private final TlsHandshakes tls;
  private final Arguments args;
  private final InetSocketAddress server;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private volatile @Nullable Resumption session;
  private volatile boolean stopping;

  ClientLoad(QuicSockets sockets, TlsHandshakes tls, Arguments args, InetSocketAddress server) {
    this.sockets = sockets;
    this.tls = tls;
    this.args = args;
    this.server = server;
  }

  void run() throws Exception {
    try {
      awaitDaemon();
      for (String mode : args.text("modes").split(",", -1)) {
        session = mode.equals("full") ? null : ticket(mode.equals("0rtt"));
        phase(mode);
      }
      say("bench over");
    } catch (Exception e) {
      say("bench failed: " + e);
      throw e;
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  // One phase: a warm-up, then the rounds, the load going on all the while.

  private void phase(String mode) throws Exception {
    List<Worker> workers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    stopping = false;
    for (int i = 0; i < args.number("concurrency"); i++) {
      Worker w = new Worker();
      workers.add(w);
      threads.add(Thread.ofVirtual().name("client-" + i).start(w));
    }
    try {
      await(workers, args.number("warmup"));
      for (int round = 0; round < args.number("rounds"); round++) {
        round(mode, workers);
      }
    } finally {
      stopping = true;
      for (Thread t : threads) {
        t.join();
      }
    }
    Exception e = failure.get();
    if (e != null) {
      throw e;
    }
  }

  private void round(String mode, List<Worker> workers) throws InterruptedException {
    workers.forEach(w -> w.times.reset());
    Tally before = Tally.of(workers);
    UdsCounters bus = UdsCounters.now();
    long start = System.nanoTime();
    say("bench begin " + mode);
    Tally round = await(workers, before.done + args.number("count")).since(before);
    say("bench end " + mode);
    long nanos = System.nanoTime() - start;
    UdsCounters used = UdsCounters.now().since(bus);
    long[] times = workers.stream().flatMapToLong(w -> w.times.sorted()).sorted().toArray();
    say(
        String.join(
            " ",
            "bench result",
            mode,
            "handshakes=" + round.done,
            "early=" + round.early,
            "nanos=" + nanos,
            "packets_in=" + used.packetsIn(),
            "packets_out=" + used.packetsOut(),
            "bytes_in=" + used.bytesIn(),
            "bytes_out=" + used.bytesOut(),
            "p50_ns=" + quantile(times, 50),
            "p99_ns=" + quantile(times, 99)));
  }

  /** Looks now and then, so that the load is not disturbed. */
  private Tally await(List<Worker> workers, long count) throws InterruptedException {
    Tally now = Tally.of(workers);
    while (now.done < count && failure.get() == null) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      now = Tally.of(workers);
    }
    return now;
  }

  /**
   * Handshakes that are through.
   *
   * @param early of these, those whose early data was taken
   */
  private record Tally(long done, long early) {
    static Tally of(List<Worker> workers) {
      return workers.stream().map(w -> w.tally).reduce(new Tally(0, 0), Tally::plus);
    }

    Tally plus(Tally other) {
      return new Tally(done + other.done, early + other.early);
    }

    Tally since(Tally before) {
      return new Tally(done - before.done, early - before.early);
    }
  }

  private static long quantile(long[] sorted, int percent) {
    return sorted.length == 0 ? 0 : sorted[(sorted.length - 1) * percent / 100];
  }

  private final class Worker implements Runnable {
    final Times times = new Times();

    /** Written by one thread, read by another. */
    volatile Tally tally = new Tally(0, 0);

    @Override
    public void run() {
      try {
        while (!stopping && failure.get() == null) {
          long start = System.nanoTime();
          Resumption how = session;
          boolean taken;
          try (QuicSocket sock = connect(how, 0)) {
            awaitTicket(sock);
            taken = how != null && how.early() && Resumption.taken(sock);
          }
          times.add(System.nanoTime() - start);
          tally = tally.plus(new Tally(1, taken ? 1 : 0));
        }
      } catch (IOFailure | InterruptedException | QuicException e) {
        failure.compareAndSet(null, e);
      }
    }
  }

  // One handshake.

  /** A handshake that failed. */
  private static final class IOFailure extends Exception {
    private static final long serialVersionUID = 1L;

    IOFailure(Throwable cause) {
      super("handshake: " + cause.getMessage(), cause);
    }
  }

  private QuicSocket connect(@Nullable Resumption resumed, int ticketSeconds)
      throws QuicException, IOFailure, InterruptedException {
    QuicSocket sock = sockets.socket(QuicUapi.AF_INET);
    boolean ok = false;
    try {
      option(sock, QuicUapi.QUIC_SOCKOPT_ALPN, HandshakeLoad.ALPN.getBytes(StandardCharsets.UTF_8));
      option(sock, QuicUapi.QUIC_SOCKOPT_EVENT, TICKET_EVENTS);
      if (resumed != null) {
        resumed.prepare(sock);
      }
      if (ticketSeconds > 0) {
        option(sock, QuicUapi.QUIC_SOCKOPT_CONFIG, ticketWanted(ticketSeconds));
      }
      sock.connect(server);
      if (resumed != null) {
        resumed.sendEarly(sock);
      }
      var unused = tls.clientHelloX509(sock, "localhost", TIMEOUT_MS).get();
      ok = true;
      return sock;
    } catch (ExecutionException e) {
      throw new IOFailure(e.getCause() == null ? e : e.getCause());
    } finally {
      if (!ok) {
        sock.close();
      }
    }
  }

  private static byte[] ticketWanted(int seconds) {
    return new QuicConfig(0, 0, 0, 0, 0, false, false, seconds, 0, 0).encode();
  }

  private static void option(QuicSocket sock, int name, byte[] value) throws QuicException {
    sock.setsockopt(QuicUapi.SOL_QUIC, name, value);
  }

  /** The server's ticket is the last it has to say: its handshake is over, too. */
  private static void awaitTicket(QuicSocket sock) throws QuicException {
    byte[] buf = new byte[MAX_EVENT];
    QuicMsg msg = QuicMsg.plain();
    boolean ticket = false;
    while (!ticket) {
      int n = sock.recvmsg(msg, buf, 0, buf.length);
      ticket =
          (msg.flags & QuicUapi.MSG_QUIC_NOTIFICATION) != 0
              && n > 0
              && buf[0] == QuicUapi.QUIC_EVENT_NEW_SESSION_TICKET;
    }
  }

  /** Waits for a handshake daemon to listen. */
  private void awaitDaemon() throws Exception {
    for (int waited = 0; ; waited += LOOK_MS) {
      try (QuicSocket sock = connect(null, 0)) {
        awaitTicket(sock);
        return;
      } catch (IOFailure e) {
        boolean nobody = e.getCause() instanceof QuicException q && q.errno() == Errno.ESRCH;
        if (!nobody || waited >= DAEMON_WAIT_MS) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  /** The session of a full handshake. */
  private Resumption ticket(boolean early) throws Exception {
    try (QuicSocket sock = connect(null, TICKET_SECONDS)) {
      return Resumption.of(sock, early);
    }
  }
}
