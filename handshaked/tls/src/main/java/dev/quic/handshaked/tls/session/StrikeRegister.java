package dev.quic.handshaked.tls.session;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers every first flight for as long as its copy could pass the check of freshness, and says
 * no once it is full: those clients go on in 1-RTT. So do those that come when the clock was set
 * back to where flights were fresh that have been forgotten, until it is past that again. A fresh
 * register has a fresh name, so that what an earlier one knew is never needed. Any thread.
 */
public final class StrikeRegister implements ReplayGuard {
  /** Entries of a register unless configured. */
  public static final int DEFAULT_ENTRIES = 1 << 17;

  /** Window unless configured (RFC 8446 section 8.3: about ten seconds). */
  public static final Duration DEFAULT_WINDOW = Duration.ofSeconds(10);

  private record Key(long high, long low) {}

  private final long id;
  private final long windowMillis;
  private final int capacity;
  private final Mac mac;

  // Two generations, each as long as a flight stays fresh: what is in neither is stale.
  private Set<Key> current = new HashSet<>();
  private Set<Key> previous = new HashSet<>();
  private long currentSince = Long.MIN_VALUE;

  /** All flights that were forgotten had come before this. */
  private long forgottenUntil = Long.MIN_VALUE;

  private long refused;

  /**
   * @param entries flights remembered at once, at least 2
   */
  public StrikeRegister(Duration window, int entries) {
    if (window.toMillis() < 1 || entries < 2) {
      throw new IllegalArgumentException("a window of at least 1 ms, and at least 2 entries");
    }
    SecureRandom random = new SecureRandom();
    byte[] key = new byte[32];
    random.nextBytes(key);
    this.id = random.nextLong();
    this.windowMillis = window.toMillis();
    this.capacity = entries / 2;
    try {
      this.mac = Mac.getInstance("HmacSHA256");
      // Keyed, so that nobody can choose flights that collide.
      this.mac.init(new SecretKeySpec(key, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 does not work", e);
    }
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public long windowMillis() {
    return windowMillis;
  }

  @Override
  public synchronized boolean firstSeen(byte[] unique, long nowMillis) {
    rotate(nowMillis);
    // What is fresh now may have come two windows ago, by this clock.
    if (forgottenUntil != Long.MIN_VALUE && nowMillis - 2 * windowMillis < forgottenUntil) {
      refused++;
      return false;
    }
    ByteBuffer digest = ByteBuffer.wrap(mac.doFinal(unique));
    Key key = new Key(digest.getLong(), digest.getLong());
    if (current.contains(key) || previous.contains(key)) {
      refused++;
      return false;
    }
    if (current.size() >= capacity) {
      refused++;
      return false;
    }
    current.add(key);
    return true;
  }

  private void rotate(long nowMillis) {
    // A flight accepted with an age one window off is fresh for two windows.
    long generation = 2 * windowMillis;
    if (currentSince == Long.MIN_VALUE) {
      currentSince = nowMillis;
    }
    long age = nowMillis - currentSince;
    if (age >= 2 * generation) {
      forgottenUntil = currentSince + generation;
      previous = new HashSet<>();
      current = new HashSet<>();
      currentSince = nowMillis;
    } else if (age >= generation) {
      forgottenUntil = currentSince;
      previous = current;
      current = new HashSet<>();
      currentSince += generation;
    }
  }

  /** Flights that were not the first, or came when the register was full. */
  public synchronized long refused() {
    return refused;
  }
}
