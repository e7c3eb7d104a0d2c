package dev.quic.handshaked.daemon.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's log. Where it goes is the logging back end's affair; how much of it, the
 * configuration's {@code [debug] loglevel}, which a reload may change. Any thread.
 */
public final class DaemonLog {
  private static final int SYSLOG_ERROR = 3;
  private static final int SYSLOG_WARNING = 4;
  private static final int SYSLOG_INFO = 6;
  private static final int SYSLOG_DEBUG = 7;

  private final Logger logger = LoggerFactory.getLogger("handshaked");
  private final String name = "handshaked[" + ProcessHandle.current().pid() + "]: ";
  private final boolean interactive;
  private final @Nullable GatheredOutput output;
  private volatile int level;

  /**
   * @param interactive true for a terminal; false begins each line with the syslog priority in
   *     angle brackets, which systemd's journal and {@code logger --prio-prefix} understand
   */
  public DaemonLog(boolean interactive) {
    this(interactive, null);
  }

  /**
   * As {@link #DaemonLog(boolean)}, for a back end that writes to a gathered output.
   *
   * @param output where lines wait to be written; warnings and errors do not wait
   */
  public DaemonLog(boolean interactive, @Nullable GatheredOutput output) {
    this.interactive = interactive;
    this.output = output;
  }

  /**
   * @param loglevel 0 for what an operator needs, 1 and more for every step
   */
  public void setLevel(int loglevel) {
    level = loglevel;
  }

  public void info(String line) {
    logger.info(line(SYSLOG_INFO, line));
  }

  public void warn(String line) {
    logger.warn(line(SYSLOG_WARNING, line));
    hurry();
  }

  public void error(String line) {
    logger.error(line(SYSLOG_ERROR, line));
    hurry();
  }

  /** A defect in this program: the stack trace follows. */
  public void defect(String line, Throwable cause) {
    logger.error(line(SYSLOG_ERROR, line), cause);
    hurry();
  }

  public void debug(String line) {
    if (level > 0) {
      logger.debug(line(SYSLOG_DEBUG, line));
    }
  }

  private void hurry() {
    if (output != null) {
      output.hurry();
    }
  }

  /** Returns when all lines are written: before an end of the process that runs no hooks. */
  public void end() {
    if (output != null) {
      output.end();
    }
  }

  private String line(int priority, String text) {
    return (interactive ? name : "<" + priority + ">" + name) + clean(text);
  }

  /** Names come from peers and consumers: nothing in them may start a second line. */
  private static String clean(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        out = out == null ? new StringBuilder(text) : out;
        out.setCharAt(i, '?');
      }
    }
    return out == null ? text : out.toString();
  }
}
