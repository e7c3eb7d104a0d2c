package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives the socket of one split handshake from the first call to the last, in tlshd's order.
 * Blocks the calling thread, owns none.
 */
public final class HandshakeDriver {
  /** Loads a configuration, late, so that an unreadable key fails this handshake only. */
  @FunctionalInterface
  public interface ConfigSource<C extends TlsConfig> {
    C load() throws CredentialException;
  }

  /** tlshd asks for a ticket that often. */
  private static final long MAX_TICKET_PAUSE_NANOS = 100_000_000;

  private final HandshakePort port;
  private final long deadlineNanos;
  private final HandshakeTrace trace;

  /** Words are made for who reads them only. */
  private final boolean traced;

  private HandshakeDriver(HandshakePort port, long deadlineNanos, HandshakeTrace trace) {
    this.port = port;
    this.deadlineNanos = deadlineNanos;
    this.trace = trace;
    this.traced = trace != HandshakeTrace.NONE;
  }

  /**
   * A client's handshake. The socket's ALPN and cipher type, when set, take precedence over the
   * configuration's. A configuration that cannot be loaded fails with its exception's status before
   * anything is sent.
   *
   * @param deadlineNanos {@link System#nanoTime} at which the handshake fails with ETIMEDOUT
   */
  public static HandshakeResult client(
      HandshakePort port,
      ConfigSource<TlsConfig.Client> config,
      long deadlineNanos,
      HandshakeTrace trace) {
    HandshakeDriver driver = new HandshakeDriver(port, deadlineNanos, trace);
    final TlsConfig.Client loaded;
    try {
      loaded = config.load();
    } catch (CredentialException e) {
      return driver.failed(e.status(), HandshakeResult.NO_ALERT, text(e));
    }
    return driver.run(() -> HandshakeStepper.client(loaded));
  }

  /**
   * A server's handshake; as {@link #client}, but a configuration that cannot be loaded also closes
   * the connection with internal_error.
   */
  public static HandshakeResult server(
      HandshakePort port,
      ConfigSource<TlsConfig.Server> config,
      long deadlineNanos,
      HandshakeTrace trace) {
    HandshakeDriver driver = new HandshakeDriver(port, deadlineNanos, trace);
    final TlsConfig.Server loaded;
    try {
      loaded = config.load();
    } catch (CredentialException e) {
      return driver.failed(e.status(), TlsAlert.INTERNAL_ERROR, text(e));
    }
    return driver.run(() -> HandshakeStepper.server(loaded));
  }

  private HandshakeResult run(Supplier<HandshakeStepper> begin) {
    HandshakeStepper stepper = begin.get();
    try {
      HandshakeStep step = stepper.step(new HandshakeInput.Proceed());
      while (true) {
        switch (step) {
          case HandshakeStep.Done done -> {
            port.finish();
            trace("done", null, 0, "");
            return HandshakeResult.success(done.outcome());
          }
          case HandshakeStep.Failed failed -> {
            return failed(failed.status(), failed.alert(), failed.reason());
          }
          default -> {
            HandshakeInput input = carryOut(step);
            if (input == null) {
              return failed(
                  SocketOptions.ETIMEDOUT,
                  HandshakeResult.NO_ALERT,
                  "the handshake did not finish in time");
            }
            if (isRestart(input)) {
              // RFC 9368 section 2.1: in another QUIC version it is another connection.
              stepper.close();
              stepper = begin.get();
              input = new HandshakeInput.Proceed();
            }
            step = stepper.step(input);
          }
        }
      }
    } catch (IOException e) {
      return portFailed(e);
    } finally {
      stepper.close();
    }
  }

  /** A message without bytes: the socket went on in another QUIC version. */
  private static boolean isRestart(HandshakeInput input) {
    return input instanceof HandshakeInput.Received got && got.bytes().length == 0;
  }

  /** One call at the socket; null when the time is over. */
  private @Nullable HandshakeInput carryOut(HandshakeStep step) throws IOException {
    switch (step) {
      case HandshakeStep.Get get -> {
        return new HandshakeInput.Value(get(get.option()));
      }
      case HandshakeStep.SetAlpn set ->
          set(SocketOptions.ALPN, set.alpn().getBytes(StandardCharsets.UTF_8), null, set.alpn());
      case HandshakeStep.SetTransportParameters set ->
          set(SocketOptions.TRANSPORT_PARAM_EXT, set.body(), null, "peer's");
      case HandshakeStep.InstallSecret install -> install(install);
      case HandshakeStep.SetEarlyData early ->
          set(
              SocketOptions.EARLY_DATA,
              SocketOptions.u32(early.accepted() ? 1 : 0),
              null,
              early.accepted() ? "accepted" : "rejected");
      case HandshakeStep.AwaitTicket await -> {
        return new HandshakeInput.Value(awaitTicket(await.millis()));
      }
      case HandshakeStep.SetSession session -> {
        try {
          set(SocketOptions.SESSION_TICKET, session.session(), null, "session");
        } finally {
          session.destroy();
        }
      }
      case HandshakeStep.Send send -> {
        port.send(send.level(), send.bytes(), send.more());
        traceMessage("sendmsg", send.level(), send.bytes());
      }
      case HandshakeStep.Receive ignored -> {
        if (System.nanoTime() - deadlineNanos >= 0) {
          // A peer that keeps sending scraps does not buy time.
          return null;
        }
        HandshakePort.Message message = port.receive(deadlineNanos);
        if (message == null) {
          return null;
        }
        traceMessage("recvmsg", message.level(), message.bytes());
        return new HandshakeInput.Received(message.level(), message.bytes());
      }
      case HandshakeStep.Done ignored -> throw new IllegalStateException("nothing to carry out");
      case HandshakeStep.Failed ignored -> throw new IllegalStateException("nothing to carry out");
    }
    return new HandshakeInput.Proceed();
  }

  private byte[] get(HandshakeStep.Option option) throws IOException {
    return switch (option) {
      case ALPN -> get(SocketOptions.ALPN, SocketOptions.ALPN_MAX);
      case SESSION_TICKET -> get(SocketOptions.SESSION_TICKET, SocketOptions.SESSION_TICKET_MAX);
      case SET_TICKET_KEY -> get(SocketOptions.SET_TICKET_KEY, SocketOptions.SESSION_TICKET_MAX);
      case CONFIG -> get(SocketOptions.CONFIG, SocketOptions.CONFIG_MAX);
      case TRANSPORT_PARAMETERS ->
          get(SocketOptions.TRANSPORT_PARAM_EXT, SocketOptions.TRANSPORT_PARAM_EXT_MAX);
    };
  }

  private byte[] get(int name, int max) throws IOException {
    byte[] value = port.getOption(name, max);
    trace("getsockopt", null, value.length, SocketOptions.name(name));
    return value;
  }

  /** Asks until there is a ticket or the time is over; no ticket is no failure. */
  private byte[] awaitTicket(int millis) throws IOException {
    long now = System.nanoTime();
    long end = now + Math.min(millis * 1_000_000L, Math.max(0, deadlineNanos - now));
    long pause = 1_000_000;
    while (true) {
      byte[] value = get(SocketOptions.SESSION_TICKET, SocketOptions.SESSION_TICKET_MAX);
      long left = end - System.nanoTime();
      if (value.length > 0 || left <= 0) {
        return value;
      }
      LockSupport.parkNanos(Math.min(pause, left));
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        return value;
      }
      pause = Math.min(2 * pause, MAX_TICKET_PAUSE_NANOS);
    }
  }

  private void set(int name, byte[] value, @Nullable CryptoLevel level, String what)
      throws IOException {
    port.setOption(name, value);
    if (traced) {
      trace("setsockopt", level, value.length, SocketOptions.name(name) + " " + what);
    }
  }

  private void install(HandshakeStep.InstallSecret install) throws IOException {
    byte[] value =
        SocketOptions.cryptoSecret(
            install.send(), install.level(), install.cipher(), install.secret());
    try {
      set(SocketOptions.CRYPTO_SECRET, value, install.level(), traced ? secretName(install) : "");
    } finally {
      Arrays.fill(value, (byte) 0);
      install.destroy();
    }
  }

  private static String secretName(HandshakeStep.InstallSecret install) {
    return install.level().name().toLowerCase(Locale.ROOT) + (install.send() ? " send" : " recv");
  }

  private HandshakeResult portFailed(IOException e) {
    int errno = e instanceof HandshakePortException port ? port.errno() : SocketOptions.EIO;
    boolean gone =
        errno == SocketOptions.ENOTCONN
            || errno == SocketOptions.EPIPE
            || errno == SocketOptions.ECONNRESET;
    int code = gone ? closeCode() : 0;
    if (code >= TlsAlert.CRYPTO_ERROR && code <= TlsAlert.CRYPTO_ERROR + 0xff) {
      int alert = code - TlsAlert.CRYPTO_ERROR;
      return ended(
          TlsAlert.peerStatus(alert),
          alert,
          "the peer refused the handshake: " + TlsAlert.name(alert));
    }
    String reason =
        code != 0
            ? "the peer closed the connection with error 0x" + Integer.toHexString(code)
            : text(e);
    return ended(errno, HandshakeResult.NO_ALERT, reason);
  }

  /** What the peer closed with, when the socket tells. */
  private int closeCode() {
    try {
      return SocketOptions.closeError(
          port.getOption(SocketOptions.CONNECTION_CLOSE, SocketOptions.CONNECTION_CLOSE_MAX));
    } catch (IOException e) {
      return 0;
    }
  }

  /** A failure of ours: the data plane is told with what to close. */
  private HandshakeResult failed(int status, int alert, String reason) {
    if (alert != HandshakeResult.NO_ALERT) {
      try {
        // The peer learns the alert's name only: reasons may hold names and paths of ours.
        set(
            SocketOptions.CONNECTION_CLOSE,
            SocketOptions.connectionClose(TlsAlert.CRYPTO_ERROR + alert, TlsAlert.name(alert)),
            null,
            TlsAlert.name(alert));
        port.flush();
      } catch (IOException e) {
        // The socket is gone: there is nobody left to tell, and the first failure counts.
        trace("setsockopt", null, 0, "CONNECTION_CLOSE failed");
      }
    }
    return ended(status, alert, reason);
  }

  private HandshakeResult ended(int status, int alert, String reason) {
    trace("failed", null, 0, reason);
    return HandshakeResult.failure(status, alert, reason);
  }

  private void traceMessage(String call, CryptoLevel level, byte[] bytes) {
    if (traced) {
      trace(call, level, bytes.length, HandshakeMessages.names(bytes));
    }
  }

  private void trace(String call, @Nullable CryptoLevel level, int bytes, String detail) {
    trace.call(System.nanoTime(), call, level, bytes, detail);
  }

  private static String text(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
