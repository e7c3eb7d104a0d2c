package dev.quic.handshaked.daemon.trace;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A fault switch for tests: ends the process as SIGKILL would, after so many traced calls, so that
 * every point of a handshake can be the last one. Set by the system property {@value #PROPERTY}.
 */
public final class HaltSwitch implements CallTrace {
  /** Number of calls to survive; absent or 0 for all. */
  public static final String PROPERTY = "dev.quic.handshaked.haltAfter";

  /**
   * Which request's calls are counted, from 1 in the order of their ACCEPTs; absent for the first.
   * Requests before it are served as ever, so meaningful only while they come one by one.
   */
  public static final String REQUEST_PROPERTY = "dev.quic.handshaked.haltInRequest";

  /** What a shell reports for a process that SIGKILL ended. */
  private static final int EXIT_STATUS = 137;

  private final long limit;
  private final long request;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  private HaltSwitch(long limit, long request) {
    this.limit = limit;
    this.request = request;
  }

  /** The switch as the system properties have it, or nothing. */
  public static CallTrace fromProperty() {
    long limit = Long.getLong(PROPERTY, 0);
    return limit <= 0 ? CallTrace.NONE : new HaltSwitch(limit, Long.getLong(REQUEST_PROPERTY, 1));
  }

  @Override
  public void call(
      long nanoTime, long sock, String event, @Nullable String level, String name, int len) {
    long seen = event.equals("accept") ? requests.incrementAndGet() : requests.get();
    if (seen >= request && calls.incrementAndGet() == limit) {
      Runtime.getRuntime().halt(EXIT_STATUS);
    }
  }
}
