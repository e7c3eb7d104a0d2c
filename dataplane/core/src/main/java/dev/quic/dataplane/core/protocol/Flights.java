package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongObjectMap;
import dev.quic.dataplane.core.packet.FirstFlight;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Clients whose ClientHello is not complete, so that nobody knows which listener is theirs. Bounded
 * by {@link Limits#FLIGHTS} and {@link Limits#FLIGHTS_BYTES}, the oldest go first, and by {@link
 * Limits#FLIGHT_NANOS}, looked at when another comes.
 */
final class Flights {
  private static final class Entry {
    final long key;
    final long since;
    final FirstFlight flight;
    int bytes;

    /** Key of the id given out; that of the client's choice until then. */
    long alias;

    Entry(long key, long since, FirstFlight flight) {
      this.key = key;
      alias = key;
      this.since = since;
      this.flight = flight;
    }
  }

  private final LongObjectMap<Entry> byKey = new LongObjectMap<>();

  /** By age. Who leaves from the middle is let go at once: most do, behind one that never will. */
  private final LinkedHashSet<Entry> order = new LinkedHashSet<>();

  private long bytes;

  int size() {
    return order.size();
  }

  long bytes() {
    return bytes;
  }

  /** The client's, if it is not too old. */
  @Nullable FirstFlight get(long now, long key) {
    trim(now, 0);
    Entry e = byKey.get(key);
    return e == null ? null : e.flight;
  }

  /** Keeps a client, or what it sent further. */
  void put(long now, long key, FirstFlight flight) {
    Entry e = byKey.get(key);
    if (e == null) {
      trim(now, 1);
      e = new Entry(key, now, flight);
      byKey.put(key, e);
      order.add(e);
    }
    count(e);
    trim(now, 0);
  }

  /** Keeps a datagram of 0-RTT for a client that waits; false when there is none. */
  boolean keep(long now, long key, RxBatch b, int i) {
    Entry e = byKey.get(key);
    if (e == null) {
      return false;
    }
    e.flight.keep(b.slab, b.off[i], b.len[i], b.ecn[i]);
    count(e);
    trim(now, 0);
    return true;
  }

  private void count(Entry e) {
    bytes += e.flight.bytes() - e.bytes;
    e.bytes = e.flight.bytes();
  }

  /** The client learnt an id of ours, and will use it. */
  void alias(long key, long other) {
    Entry e = byKey.get(key);
    if (e != null && e.alias == e.key && !byKey.containsKey(other)) {
      e.alias = other;
      byKey.put(other, e);
    }
  }

  void remove(long key) {
    Entry e = byKey.get(key);
    if (e != null) {
      drop(e);
    }
  }

  private void drop(Entry e) {
    byKey.remove(e.key);
    byKey.remove(e.alias);
    bytes -= e.bytes;
    order.remove(e);
  }

  private void trim(long now, int further) {
    while (!order.isEmpty()) {
      Entry oldest = order.getFirst();
      boolean over = order.size() + further > Limits.FLIGHTS || bytes > Limits.FLIGHTS_BYTES;
      if (!over && now - oldest.since < Limits.FLIGHT_NANOS) {
        return;
      }
      drop(oldest);
    }
  }
}
