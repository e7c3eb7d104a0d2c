package dev.quic.bench.load;

import java.util.concurrent.locks.LockSupport;

/** Sends at a rate, each message stamped with when it was due: a late one counts its wait. */
final class Pace {
  /** Sends one message. */
  @FunctionalInterface
  interface Send {
    /**
     * @param number 0, 1, ... : whose turn it is
     * @param stamp {@link System#nanoTime}, which all processes of a machine share
     */
    void send(long number, long stamp) throws Exception;
  }

  private static final long NAP_NANOS = 50_000;

  /** Behind by more, it gives up the messages: the trial is lost anyway. */
  private static final long HOPELESS_NANOS = 500_000_000;

  private Pace() {}

  /**
   * @return messages sent
   */
  static long run(double rate, double seconds, Send out) throws Exception {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long sent = 0;
    while (true) {
      long due = start + (long) (sent * 1e9 / rate);
      long now = System.nanoTime();
      if (due >= end || now - due > HOPELESS_NANOS) {
        return sent;
      }
      if (due > now) {
        LockSupport.parkNanos(Math.min(NAP_NANOS, due - now));
        continue;
      }
      out.send(sent, due);
      sent++;
    }
  }
}
