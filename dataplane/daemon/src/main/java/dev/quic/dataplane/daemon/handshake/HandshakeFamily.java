package dev.quic.dataplane.daemon.handshake;

import dev.quic.consumer.TlsResult;
import dev.quic.uapi.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code net/handshake}: requests of consumers, waiting for a daemon, with a daemon, done. A
 * request completes exactly once: by DONE, by the grant's last close, by its timeout, by
 * cancellation (which runs no callback), or by the data plane's end. Any thread; callbacks run on
 * the thread that completes, without any lock held.
 */
public final class HandshakeFamily {
  private static final Logger log = LoggerFactory.getLogger(HandshakeFamily.class);

  private final HandshakeLimits limits;
  private final ReadySink bus;
  private final HandshakeTrace trace;
  private final LongSupplier clock;

  private final RefusalCount refusals;
  private final Object lock = new Object();

  /** The request of each socket that ever had one, until the socket is destroyed. */
  private final HashMap<Long, HandshakeRequest> hash = new HashMap<>();

  private final ArrayDeque<HandshakeRequest> pending = new ArrayDeque<>();
  private final TreeSet<HandshakeRequest> timers =
      new TreeSet<>(
          Comparator.<HandshakeRequest>comparingLong(r -> r.deadline).thenComparingLong(r -> r.id));

  /** Not yet accepted, those included that are on their way into {@link #pending}. */
  private int waiting;

  private int accepted;

  /** ACCEPTs that found a request, and too many accepted: READY comes again for each. */
  private int turnedAway;

  private long lastId;
  private boolean draining;

  /**
   * @param clock monotonic nanoseconds
   */
  public HandshakeFamily(
      HandshakeLimits limits, ReadySink bus, HandshakeTrace trace, LongSupplier clock) {
    this.limits = limits;
    this.bus = bus;
    this.trace = trace;
    this.clock = clock;
    this.refusals = new RefusalCount(clock);
  }

  /** Requests refused because too many waited for a daemon. */
  public long refused() {
    return refusals.total();
  }

  /**
   * {@code handshake_req_submit()}.
   *
   * @return 0, or a negated errno, in which case the callback never runs: EINVAL for no request,
   *     EAGAIN when too many wait, EOPNOTSUPP when draining, EBUSY when the socket has or had a
   *     request, ESRCH when nobody listens
   */
  public int submit(@Nullable HandshakeRequest r) {
    if (r == null) {
      return -Errno.EINVAL;
    }
    int handlerClass = r.question().handlerClass();
    int err = enter(r, handlerClass);
    if (err != 0) {
      if (err == Errno.EAGAIN) {
        refusals.add(limits.pending());
      }
      return -err;
    }
    trace.request(r.target().cookie(), r.question());
    // Outside the lock, since it may wait for the shard; before anyone can accept.
    r.target().gate();
    synchronized (lock) {
      if (r.state != HandshakeRequest.State.NEW) {
        return 0;
      }
      r.state = HandshakeRequest.State.PENDING;
      int ms = r.question().timeoutMs();
      ms = ms == 0 ? limits.defaultTimeoutMs() : Math.clamp(ms, 1, HandshakeLimits.TIMEOUT_MAX_MS);
      r.id = ++lastId;
      r.submitted = clock.getAsLong();
      r.deadline = r.submitted + ms * 1_000_000L;
      timers.add(r);
      pending.addLast(r);
    }
    trace.ready(r.target().cookie());
    bus.ready(handlerClass);
    bus.deadlineChanged();
    return 0;
  }

  private int enter(HandshakeRequest r, int handlerClass) {
    synchronized (lock) {
      int err = refusal(r, handlerClass);
      if (err == 0) {
        hash.put(r.target().cookie(), r);
        waiting++;
      }
      return err;
    }
  }

  /** The checks of submit in the kernel's order. @return a positive errno, 0 for none */
  private int refusal(HandshakeRequest r, int handlerClass) {
    if (r.state != HandshakeRequest.State.NEW) {
      return Errno.EBUSY;
    }
    if (waiting >= limits.pending()) {
      return Errno.EAGAIN;
    }
    if (draining) {
      return Errno.EOPNOTSUPP;
    }
    if (hash.containsKey(r.target().cookie())) {
      return Errno.EBUSY;
    }
    return bus.hasSubscribers(handlerClass) ? 0 : Errno.ESRCH;
  }

  /** Milliseconds since a request was submitted. */
  public int waitedMs(HandshakeRequest r) {
    synchronized (lock) {
      return (int) ((clock.getAsLong() - r.submitted) / 1_000_000);
    }
  }

  /** The request of a socket, finished ones included; null for none. */
  public @Nullable HandshakeRequest lookup(long cookie) {
    synchronized (lock) {
      return hash.get(cookie);
    }
  }

  /** Requests of a class that wait for an ACCEPT. */
  public int pending(int handlerClass) {
    synchronized (lock) {
      int n = 0;
      for (HandshakeRequest r : pending) {
        if (r.question().handlerClass() == handlerClass) {
          n++;
        }
      }
      return n;
    }
  }

  /** ACCEPT: takes the oldest request of the class; null for none (EAGAIN). */
  public @Nullable HandshakeRequest accept(int handlerClass) {
    synchronized (lock) {
      if (accepted >= HandshakeLimits.ACCEPTED_MAX) {
        turnedAway = Math.min(turnedAway + 1, pending.size());
        return null;
      }
      for (HandshakeRequest r : pending) {
        if (r.question().handlerClass() == handlerClass) {
          pending.remove(r);
          waiting--;
          accepted++;
          r.state = HandshakeRequest.State.ACCEPTED;
          trace.accept(r.target().cookie());
          return r;
        }
      }
      return null;
    }
  }

  /**
   * Ends a request; only the first call has an effect, so a late DONE is swallowed.
   *
   * @param status 0, or an errno of either sign
   * @param peerid key serial of the authenticated peer, 0 for none
   * @return true when this call ended it
   */
  public boolean complete(HandshakeRequest r, int status, int peerid) {
    return complete(r, TlsResult.of(-Math.abs(status), peerid));
  }

  /**
   * As {@link #complete(HandshakeRequest, int, int)}.
   *
   * @param result its status 0 or negative
   */
  public boolean complete(HandshakeRequest r, TlsResult result) {
    if (!finish(r)) {
      return false;
    }
    trace.done(r.target().cookie(), result.status());
    r.target().release(!result.ok());
    upcall(() -> r.done().done(result));
    return true;
  }

  /**
   * {@code tls_handshake_cancel()}.
   *
   * @return true when the request was not complete: its callback will not run
   */
  public boolean cancel(long cookie) {
    HandshakeRequest r = lookup(cookie);
    if (r == null || !finish(r)) {
      return false;
    }
    trace.done(cookie, -Errno.ECANCELED);
    r.target().release(false);
    upcall(r.dropped());
    return true;
  }

  /** The socket is gone, and its request with it. Shard threads. */
  public void destroyed(long cookie) {
    HandshakeRequest r;
    synchronized (lock) {
      r = hash.remove(cookie);
    }
    if (r != null && finish(r)) {
      trace.done(cookie, -Errno.ECANCELED);
      upcall(r.dropped());
    }
  }

  /** A consumer's code must not take a thread of the data plane down. */
  private static void upcall(Runnable consumer) {
    try {
      consumer.run();
    } catch (RuntimeException | Error e) {
      log.warn("a consumer's handshake callback failed", e);
    }
  }

  /** Takes a request out of every list. @return false when it was already complete */
  private boolean finish(HandshakeRequest r) {
    HandshakeRequest next = null;
    synchronized (lock) {
      switch (r.state) {
        case COMPLETED -> {
          return false;
        }
        case NEW -> waiting--;
        case PENDING -> {
          waiting--;
          pending.remove(r);
        }
        case ACCEPTED -> {
          accepted--;
          next = turnedAway > 0 ? pending.peekFirst() : null;
          turnedAway = next == null ? 0 : turnedAway - 1;
        }
      }
      r.state = HandshakeRequest.State.COMPLETED;
      timers.remove(r);
    }
    if (next != null) {
      bus.ready(next.question().handlerClass());
    }
    return true;
  }

  /** When {@link #onTimer} wants to run; {@link Long#MAX_VALUE} for never. */
  public long nextDeadline() {
    synchronized (lock) {
      return timers.isEmpty() ? Long.MAX_VALUE : timers.first().deadline;
    }
  }

  /** Fails with ETIMEDOUT whatever has waited too long. */
  public void onTimer(long now) {
    while (true) {
      HandshakeRequest due;
      synchronized (lock) {
        if (timers.isEmpty() || timers.first().deadline > now) {
          return;
        }
        due = timers.first();
      }
      complete(due, Errno.ETIMEDOUT, 0);
    }
  }

  /**
   * The data plane stops: no more requests; those nobody accepted end with ETIMEDOUT, as when a
   * network namespace goes.
   */
  public void drain() {
    List<HandshakeRequest> left;
    synchronized (lock) {
      draining = true;
      left = new ArrayList<>(pending);
    }
    left.forEach(r -> complete(r, Errno.ETIMEDOUT, 0));
  }
}
