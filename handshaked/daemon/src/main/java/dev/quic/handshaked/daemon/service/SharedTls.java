package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.config.SessionSettings;
import dev.quic.handshaked.daemon.config.TlsSettings;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.handshaked.tls.KeyLog;
import dev.quic.handshaked.tls.KeyLogFile;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.uds.FileReason;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What all handshakes of this process share: groups and ciphers, ticket keys, the register of first
 * flights, the key log. A reload keeps the keys and the register unless their own settings changed:
 * tickets outlive it. Any thread.
 */
public final class SharedTls implements ConfigSource.Follower, AutoCloseable {
  /** Names the key log's file; nothing is logged without it. */
  public static final String KEY_LOG_VARIABLE = "SSLKEYLOGFILE";

  /** What is in force. */
  private record State(
      TlsSettings tls,
      SessionSettings session,
      TicketIssuer issuer,
      @Nullable StrikeRegister register,
      @Nullable KeyLogFile keyLog,
      Library library) {
    static final State NONE =
        new State(
            TlsSettings.DEFAULT,
            SessionSettings.DEFAULT,
            TicketIssuer.NONE,
            null,
            null,
            new Library(CryptoMode.BC, null));
  }

  /** What a mode meant when it was asked for. */
  private record Library(CryptoMode mode, @Nullable LibCrypto opened) {}

  private final DaemonLog log;
  private final @Nullable String keyLogName;
  private final TicketKeyring keys;
  private final CryptoMode crypto;
  private volatile State state = State.NONE;

  /** Without a key log. */
  public SharedTls(DaemonLog log) {
    this(log, null, Clock.systemUTC());
  }

  /**
   * @param keyLogName {@link #KEY_LOG_VARIABLE}'s value; null when it is not set
   */
  public SharedTls(DaemonLog log, @Nullable String keyLogName, Clock clock) {
    this(log, keyLogName, clock, CryptoMode.AUTO);
  }

  /**
   * @param crypto where key exchange and ECDSA come from unless the configuration says
   */
  public SharedTls(DaemonLog log, @Nullable String keyLogName, Clock clock, CryptoMode crypto) {
    this.crypto = crypto;
    this.log = log;
    this.keyLogName = keyLogName == null || keyLogName.isBlank() ? null : keyLogName;
    this.keys = new TicketKeyring(clock);
  }

  @Override
  public Runnable prepare(DaemonConfig next) throws ConfigException {
    SessionSettings session = next.session();
    Library library = library(next.tls());
    TicketKeyring.Prepared prepared = session.tickets() ? keys.prepare(session) : null;
    return () -> {
      State old = state;
      TicketIssuer issuer =
          prepared == null
              ? TicketIssuer.NONE
              : TicketIssuer.of(keys.use(prepared), session.lifetime());
      state =
          new State(
              next.tls(), session, issuer, register(old, session), keyLog(old, next), library);
    };
  }

  /** Loaded and tested once, and when another is asked for. */
  private Library library(TlsSettings settings) throws ConfigException {
    CryptoMode wanted = settings.crypto() == null ? crypto : settings.crypto();
    State s = state;
    if (s != State.NONE && s.library.mode == wanted) {
      return s.library;
    }
    try {
      return new Library(wanted, wanted.open());
    } catch (UnsupportedOperationException e) {
      throw new ConfigException("crypto = libcrypto: " + e.getMessage());
    }
  }

  /** What key exchange and ECDSA come from, for logs: "bc", or a library's version. */
  public String crypto() {
    return CryptoMode.name(state.library.opened);
  }

  private static @Nullable StrikeRegister register(State old, SessionSettings session) {
    if (!session.earlyData()) {
      return null;
    }
    boolean same =
        old.session.replayWindow().equals(session.replayWindow())
            && old.session.replayEntries() == session.replayEntries();
    return old.register != null && same
        ? old.register
        : new StrikeRegister(session.replayWindow(), Math.max(2, session.replayEntries()));
  }

  /** Secrets leave the process only when both the configuration and the environment say so. */
  private @Nullable KeyLogFile keyLog(State old, DaemonConfig next) {
    String name = keyLogName;
    if (!next.keylog() || name == null) {
      if (next.keylog()) {
        log.warn(
            "[debug] keylog is on but $" + KEY_LOG_VARIABLE + " is not set: nothing is logged");
      }
      close(old.keyLog);
      return null;
    }
    if (old.keyLog != null) {
      return old.keyLog;
    }
    try {
      KeyLogFile file = KeyLogFile.open(Path.of(name));
      log.warn("secrets are logged to " + name + ": who reads it can read every connection");
      return file;
    } catch (IOException e) {
      log.warn("cannot log secrets to " + name + ": " + FileReason.of(e));
      return null;
    } catch (InvalidPathException e) {
      log.warn("cannot log secrets to " + name + ": " + e.getReason());
      return null;
    }
  }

  private static void close(@Nullable KeyLogFile file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      // Every line was written when its secret was.
      return;
    }
  }

  /** What key exchange and ECDSA come from; null for Bouncy Castle. */
  public @Nullable LibCrypto library() {
    return state.library.opened;
  }

  /** A client's configuration with what is shared. */
  TlsConfig.Client client(TlsConfig.Client config) {
    State s = state;
    TlsConfig.Client out =
        config.withCiphers(s.tls.ciphers()).withKeyLog(log(s)).withLibcrypto(s.library.opened);
    return s.tls.groups().isEmpty() ? out : out.withGroups(s.tls.groups());
  }

  /**
   * A server's configuration with what is shared. Pre-shared keys go without tickets, as in tlshd.
   */
  TlsConfig.Server server(TlsConfig.Server config) {
    State s = state;
    TlsConfig.Server out =
        config.withCiphers(s.tls.ciphers()).withKeyLog(log(s)).withLibcrypto(s.library.opened);
    if (!s.tls.groups().isEmpty()) {
      out = out.withGroups(s.tls.groups());
    }
    if (out.psks() != null) {
      return out;
    }
    return out.withTickets(s.issuer).withEarlyData(s.register);
  }

  private static KeyLog log(State s) {
    return Objects.requireNonNullElse(s.keyLog, KeyLog.NONE);
  }

  /** Wipes the ticket keys; no handshake may be under way. */
  @Override
  public void close() {
    close(state.keyLog);
    state = State.NONE;
    keys.destroy();
  }
}
