package dev.quic.handshaked.daemon.trace;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A fault switch for tests: ends the process as SIGKILL would, or sends it another signal, after so
 * many traced calls, so that every point of a handshake can be the last one. Set by the system
 * property {@value #PROPERTY}.
 */
public final class HaltSwitch implements CallTrace {
  /** Number of calls to survive; absent or 0 for all. */
  public static final String PROPERTY = "dev.quic.handshaked.haltAfter";

  /**
   * Which request's calls are counted, from 1 in the order of their ACCEPTs; absent for those of
   * all. Other requests are served as ever.
   */
  public static final String REQUEST_PROPERTY = "dev.quic.handshaked.haltInRequest";

  /**
   * What happens at that call: {@code KILL}, the default, or {@code STOP} or {@code TERM}. A
   * process that goes on afterwards does the same one call later in the next request, and so on.
   */
  public static final String SIGNAL_PROPERTY = "dev.quic.handshaked.haltSignal";

  /** What a shell reports for a process that SIGKILL ended. */
  private static final int EXIT_STATUS = 137;

  private final String signal;
  private long limit;
  private long request;
  private long calls;
  private long requests;

  /** The grant of the request that is counted; -1 before it came and after it ended. */
  private long counted = -1;

  private HaltSwitch(long limit, long request, String signal) {
    this.limit = limit;
    this.request = request;
    this.signal = signal;
  }

  /** The switch as the system properties have it, or nothing. */
  public static CallTrace fromProperty() {
    long limit = Long.getLong(PROPERTY, 0);
    String signal = System.getProperty(SIGNAL_PROPERTY, "KILL").toUpperCase(Locale.ROOT);
    return limit <= 0
        ? CallTrace.NONE
        : new HaltSwitch(limit, Long.getLong(REQUEST_PROPERTY, 0), signal);
  }

  @Override
  public void call(
      long nanoTime, long sock, String event, @Nullable String level, String name, int len) {
    if (isDue(event, sock)) {
      fire();
    }
  }

  private synchronized boolean isDue(String event, long sock) {
    if (event.equals("accept") && ++requests == request) {
      counted = sock;
    }
    // The DONE of the request before may be traced when this one's calls have begun.
    boolean counts = request == 0 || counted == sock;
    if (counts && event.equals("done")) {
      counted = -1;
    }
    if (!counts || ++calls != limit) {
      return false;
    }
    request = requests + 1;
    limit++;
    calls = 0;
    counted = -1;
    return true;
  }

  private void fire() {
    if (signal.equals("KILL")) {
      Runtime.getRuntime().halt(EXIT_STATUS);
    }
    long self = ProcessHandle.current().pid();
    try {
      new ProcessBuilder("sh", "-c", "kill -" + signal + " " + self).start().waitFor();
    } catch (IOException e) {
      throw new IllegalStateException("the fault switch cannot send SIG" + signal, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
