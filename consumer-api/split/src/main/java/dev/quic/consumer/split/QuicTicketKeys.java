package dev.quic.consumer.split;

import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import java.time.Clock;
import java.time.Duration;
import javax.security.auth.Destroyable;

/**
 * The keys a server seals its session tickets with: a new one each period, the one before still
 * taken. One object serves all connections of a server, and lives as long as it; any thread.
 * Whoever knows the keys can read resumed connections that were recorded (RFC 8446 section 8.1
 * names the trade), so they are secrets like a private key.
 */
public final class QuicTicketKeys implements Destroyable {
  /** Time a key is used for unless configured. */
  public static final Duration DEFAULT_PERIOD = Duration.ofHours(6);

  /** Bytes of a shared secret, at least. */
  public static final int MIN_SECRET = RotatingTicketKeys.MIN_MASTER;

  private final RotatingTicketKeys keys;

  private QuicTicketKeys(RotatingTicketKeys keys) {
    this.keys = keys;
  }

  /** Keys nobody else has: tickets end with the process. */
  public static QuicTicketKeys random() {
    return random(DEFAULT_PERIOD);
  }

  /**
   * As {@link #random()}.
   *
   * @param period each key is used for, at least 1 ms
   */
  public static QuicTicketKeys random(Duration period) {
    return new QuicTicketKeys(RotatingTicketKeys.random(Clock.systemUTC(), period));
  }

  /**
   * Keys derived from a secret that other processes of the service, or the next one, have too.
   *
   * @param secret at least {@link #MIN_SECRET} random bytes, copied
   * @param period each key is used for, at least 1 ms; the same wherever the secret is used
   */
  public static QuicTicketKeys ofSecret(byte[] secret, Duration period) {
    return new QuicTicketKeys(RotatingTicketKeys.ofMaster(secret, Clock.systemUTC(), period));
  }

  RotatingTicketKeys keys() {
    return keys;
  }

  /** Wipes the keys: tickets are neither taken nor issued any more. */
  @Override
  public void destroy() {
    keys.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return keys.isDestroyed();
  }
}
