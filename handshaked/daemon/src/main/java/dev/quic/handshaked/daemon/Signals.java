package dev.quic.handshaked.daemon;

import java.util.List;
import sun.misc.Signal;

/** The signals of a daemon. The handlers run on the JVM's signal thread and must be short. */
final class Signals {
  private Signals() {}

  /**
   * @param reload for SIGHUP and, as in tlshd, SIGUSR1 where the JVM leaves it free
   * @param stop for SIGTERM and SIGINT
   */
  static void install(Runnable reload, Runnable stop) {
    for (String name : List.of("HUP", "USR1")) {
      handle(name, reload);
    }
    for (String name : List.of("TERM", "INT")) {
      handle(name, stop);
    }
  }

  private static void handle(String name, Runnable action) {
    try {
      Signal.handle(new Signal(name), signal -> action.run());
    } catch (IllegalArgumentException e) {
      // The JVM keeps USR1 for itself on some platforms, and everything under -Xrs.
      return;
    }
  }
}
