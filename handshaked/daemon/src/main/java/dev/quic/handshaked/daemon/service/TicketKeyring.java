package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.SessionSettings;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.TicketProtector;
import dev.quic.uds.FileReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Set;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's ticket keys: random ones, or those of a secret file that several daemons share. They
 * stay the same until the file or the rotation changes. Any thread.
 */
final class TicketKeyring implements Destroyable {
  /** Longest secret file. */
  static final int MAX_SECRET_BYTES = 4096;

  /** Handshakes under way may still seal with keys that were replaced. */
  private static final Duration GRACE = Duration.ofMillis(RequestWorker.MAX_TIMEOUT_MS);

  /**
   * Keys to be put in force.
   *
   * @param fingerprint of the shared secret, empty for random keys
   */
  record Prepared(RotatingTicketKeys keys, byte[] fingerprint, Duration rotation) {
    boolean isLike(byte[] print, Duration period) {
      return Arrays.equals(fingerprint, print) && rotation.equals(period);
    }
  }

  private record Retired(RotatingTicketKeys keys, long atMillis) {}

  private final Clock clock;
  private final ArrayDeque<Retired> retired = new ArrayDeque<>();
  private @Nullable Prepared current;
  private boolean destroyed;

  TicketKeyring(Clock clock) {
    this.clock = clock;
  }

  /**
   * @throws ConfigException when the secret file is of no use
   */
  synchronized Prepared prepare(SessionSettings settings) throws ConfigException {
    Path file = settings.ticketKeys();
    byte[] secret = file == null ? new byte[0] : read(file);
    try {
      byte[] print = file == null ? new byte[0] : sha256(secret);
      Duration rotation = settings.rotation();
      if (current != null && current.isLike(print, rotation)) {
        return current;
      }
      RotatingTicketKeys keys =
          file == null
              ? RotatingTicketKeys.random(clock, rotation)
              : RotatingTicketKeys.ofMaster(secret, clock, rotation);
      return new Prepared(keys, print, rotation);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /** Puts keys in force; those before are wiped once no handshake can need them. */
  synchronized TicketProtector use(Prepared next) {
    Prepared old = current;
    if (old != null && old.keys != next.keys) {
      retired.add(new Retired(old.keys, clock.millis()));
    }
    current = next;
    wipeRetired(clock.millis() - GRACE.toMillis());
    return next.keys;
  }

  private void wipeRetired(long before) {
    for (Retired r = retired.peek(); r != null && r.atMillis < before; r = retired.peek()) {
      r.keys.destroy();
      retired.remove();
    }
  }

  private static byte[] read(Path file) throws ConfigException {
    byte[] secret;
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (mode.contains(PosixFilePermission.OTHERS_READ)
          || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new ConfigException(file + ": a secret that everybody can read or write: chmod 600");
      }
      try (InputStream in = Files.newInputStream(file)) {
        secret = in.readNBytes(MAX_SECRET_BYTES + 1);
      }
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": no such file; make one of 32 random bytes, mode 0600");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (" + FileReason.of(e) + ")");
    }
    if (secret.length < RotatingTicketKeys.MIN_MASTER || secret.length > MAX_SECRET_BYTES) {
      int length = secret.length;
      Arrays.fill(secret, (byte) 0);
      throw new ConfigException(
          file
              + ": a secret has "
              + RotatingTicketKeys.MIN_MASTER
              + " to "
              + MAX_SECRET_BYTES
              + " bytes, not "
              + (length > MAX_SECRET_BYTES ? "more" : length));
    }
    return secret;
  }

  private static byte[] sha256(byte[] secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void destroy() {
    wipeRetired(Long.MAX_VALUE);
    if (current != null) {
      current.keys.destroy();
      current = null;
    }
    destroyed = true;
  }

  @Override
  public synchronized boolean isDestroyed() {
    return destroyed;
  }
}
