package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.uapi.Errno;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The split handshake for an event loop, in the manner of libquic's {@code quic_handshake_init},
 * {@code _step} and {@code _deinit}: each {@link #step} names one socket call for the caller to
 * make, and the last one is null.
 *
 * <pre>{@code
 * try (HandshakeStepper tls = HandshakeStepper.client(config)) {
 *   HandshakeStep step = tls.step();
 *   while (step != null) {
 *     step.perform(sock);
 *     if (step.retval() == -Errno.EAGAIN) {
 *       ... come back here when the socket is ready, or at tls.deadlineNanos() ...
 *     }
 *     step = tls.step();
 *   }
 *   QuicHandshakeResult result = tls.result();
 * }
 * }</pre>
 *
 * <p>Not thread-safe, but the steps may be taken by different threads one after another. Secrets
 * are handed over between the messages they belong between, so the calls must be made in the order
 * in which they come. No step waits for the network or a clock; signing and verifying take place
 * inside a step and cost about a millisecond. Session tickets come after the last step and are
 * never waited for, whatever the socket's {@code receive_session_ticket} says: see {@link
 * QuicHandshakeResult#session}.
 */
public final class HandshakeStepper implements AutoCloseable {
  private final StepPort port;
  private final String what;
  private final Duration timeout;
  private final Function<HandshakeStepper, HandshakeResult> driver;
  private @Nullable Thread thread;
  private @Nullable HandshakeStep pending;
  private long deadlineNanos;
  private boolean finished;
  private boolean told;

  private volatile HandshakeResult outcome =
      new HandshakeResult(
          Errno.ECANCELED, HandshakeResult.NO_ALERT, "given up by the program", null);

  private HandshakeStepper(
      String what,
      Duration timeout,
      StepPort port,
      Function<HandshakeStepper, HandshakeResult> driver) {
    this.what = what;
    this.timeout = timeout;
    this.port = port;
    this.driver = driver;
  }

  /**
   * A client's handshake on a connected socket.
   *
   * @throws QuicException EINVAL when the server name is missing
   */
  public static HandshakeStepper client(QuicClientTls tls) throws QuicException {
    TlsSetup.check(tls);
    return new HandshakeStepper(
        "handshake with " + tls.serverName(),
        tls.timeout(),
        new StepPort(null),
        self -> HandshakeRun.client(self.port, tls, self.deadlineNanos));
  }

  /** A server's handshake on an accepted socket. */
  public static HandshakeStepper server(QuicServerTls tls) {
    return new HandshakeStepper(
        "handshake with a client",
        tls.timeout(),
        new StepPort(tls.tickets().early()),
        self -> HandshakeRun.server(self.port, tls, self.deadlineNanos));
  }

  /**
   * Takes the outcome of the last call and says which one is next. The handshake's time starts with
   * the first.
   *
   * @return the next call, or null when the handshake ended, well or not: see {@link #result}
   */
  public @Nullable HandshakeStep step() {
    if (finished) {
      return null;
    }
    if (thread == null) {
      deadlineNanos = QuicHandshake.deadline(timeout);
      port.deadline(deadlineNanos);
      // The driver is straight-line code that blocks in its port. It runs as a coroutine here: this
      // thread and that one take turns and never run at the same time.
      thread = Thread.ofVirtual().name("quic-handshake-step").start(this::drive);
    } else if (pending != null) {
      port.resume(pending);
    }
    pending = port.next();
    finished = pending == null;
    return pending;
  }

  private void drive() {
    try {
      outcome = driver.apply(this);
    } finally {
      port.end();
    }
  }

  /** {@link System#nanoTime} after which a step ends the handshake with ETIMEDOUT. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  /**
   * The agreement; to be asked for when {@link #step} returned null.
   *
   * @throws QuicException as {@link QuicHandshake#client} and {@link QuicHandshake#server};
   *     EINPROGRESS before the end
   */
  public QuicHandshakeResult result() throws QuicException {
    if (!finished) {
      throw new QuicException(Errno.EINPROGRESS, what);
    }
    told = true;
    return TlsSetup.finish(outcome, what);
  }

  /**
   * Gives the handshake up if it is still running, and wipes its secrets; those of a {@link
   * #result} that was asked for are its owner's.
   */
  @Override
  public void close() {
    boolean ended = finished;
    finished = true;
    port.cancel();
    if (ended && !told) {
      outcome.destroy();
    }
  }
}
