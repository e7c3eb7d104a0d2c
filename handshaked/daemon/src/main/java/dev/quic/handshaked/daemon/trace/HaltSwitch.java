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
   * Which request's calls are counted, from 1 in the order of their ACCEPTs; absent for those of
   * all. Other requests are served as ever.
   */
  public static final String REQUEST_PROPERTY = "dev.quic.handshaked.haltInRequest";

  /** What a shell reports for a process that SIGKILL ended. */
  private static final int EXIT_STATUS = 137;

  private final long limit;
  private final long request;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  /** The grant of the request that is counted; -1 before it came and after it ended. */
  private final AtomicLong counted = new AtomicLong(-1);

  private HaltSwitch(long limit, long request) {
    this.limit = limit;
    this.request = request;
  }

  /** The switch as the system properties have it, or nothing. */
  public static CallTrace fromProperty() {
    long limit = Long.getLong(PROPERTY, 0);
    return limit <= 0 ? CallTrace.NONE : new HaltSwitch(limit, Long.getLong(REQUEST_PROPERTY, 0));
  }

  @Override
  public void call(
      long nanoTime, long sock, String event, @Nullable String level, String name, int len) {
    if (event.equals("accept") && requests.incrementAndGet() == request) {
      counted.set(sock);
    }
    // The DONE of the request before may be traced when this one's calls have begun.
    boolean counts = request == 0 || counted.get() == sock;
    if (counts && calls.incrementAndGet() == limit) {
      Runtime.getRuntime().halt(EXIT_STATUS);
    }
    if (event.equals("done")) {
      counted.compareAndSet(sock, -1);
    }
  }
}
