package dev.quic.consumer.session;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Iterator;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/** Sessions that end with the process. Holds at most a given number of them; any thread. */
public final class MemorySessionStore implements SessionStore, Destroyable {
  private record Entry(String key, QuicSession session) {}

  private final int limit;
  private final InstantSource clock;

  /** The oldest first. */
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  /** Of {@link SessionStore#DEFAULT_SESSIONS}. */
  public MemorySessionStore() {
    this(DEFAULT_SESSIONS, InstantSource.system());
  }

  /**
   * @param limit sessions held at once, at least 1
   * @param clock tells which have expired
   */
  public MemorySessionStore(int limit, InstantSource clock) {
    if (limit < 1) {
      throw new IllegalArgumentException("a store of at least one session");
    }
    this.limit = limit;
    this.clock = clock;
  }

  @Override
  public synchronized void put(String key, QuicSession session) {
    byte[] bytes = session.encode();
    QuicSession own = QuicSession.parse(bytes);
    java.util.Arrays.fill(bytes, (byte) 0);
    if (own == null) {
      throw new IllegalStateException("a session that does not parse");
    }
    forgetExpired();
    long same = entries.stream().filter(e -> e.key.equals(key)).count();
    if (same >= SESSIONS_OF_A_KEY) {
      forgetOldest(key);
    }
    if (entries.size() >= limit) {
      entries.removeFirst().session.destroy();
    }
    entries.addLast(new Entry(key, own));
  }

  private void forgetExpired() {
    entries.removeIf(e -> {
      boolean dead = !e.session.isLive(clock.instant());
      if (dead) {
        e.session.destroy();
      }
      return dead;
    });
  }

  private void forgetOldest(String key) {
    for (Iterator<Entry> all = entries.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.key.equals(key)) {
        entry.session.destroy();
        all.remove();
        return;
      }
    }
  }

  @Override
  public synchronized @Nullable QuicSession take(String key) {
    forgetExpired();
    for (Iterator<Entry> newest = entries.descendingIterator(); newest.hasNext(); ) {
      Entry entry = newest.next();
      if (entry.key.equals(key)) {
        newest.remove();
        return entry.session;
      }
    }
    return null;
  }

  /** Sessions held now, expired ones included. */
  public synchronized int size() {
    return entries.size();
  }

  /** Wipes and forgets them all. */
  @Override
  public synchronized void destroy() {
    entries.forEach(e -> e.session.destroy());
    entries.clear();
  }
}
