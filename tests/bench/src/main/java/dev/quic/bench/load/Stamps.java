package dev.quic.bench.load;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** Latencies of what arrived since the last reset, and how often each sender was served. */
final class Stamps {
  private final Buckets latencies = new Buckets();
  private final AtomicIntegerArray served;

  Stamps(int senders) {
    served = new AtomicIntegerArray(senders);
  }

  void arrived(int sender, long stamp) {
    latencies.add(System.nanoTime() - stamp);
    served.incrementAndGet(sender);
  }

  void reset() {
    latencies.reset();
    for (int i = 0; i < served.length(); i++) {
      served.set(i, 0);
    }
  }

  long count() {
    return latencies.total();
  }

  RateSearch.Outcome outcome(long sent, double seconds) {
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < served.length(); i++) {
      least = Math.min(least, served.get(i));
      most = Math.max(most, served.get(i));
    }
    return new RateSearch.Outcome(
        sent / seconds, 1e3 * count() / Math.max(1, sent), latencies.percentile(99), least, most);
  }
}
