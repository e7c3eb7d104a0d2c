package dev.quic.handshaked.daemon.trace;

import org.jspecify.annotations.Nullable;

/**
 * Told of every call a request's worker makes, right after it returned; must not throw. Any thread.
 */
public interface CallTrace {
  /** Keeps nothing. */
  CallTrace NONE = (time, sock, event, level, name, len) -> {};

  /**
   * @param nanoTime {@link System#nanoTime} when the call returned
   * @param sock number of the grant in this process
   * @param event accept, getpeername, getsockopt, setsockopt, sendmsg, recvmsg or done
   * @param level {@code initial}, {@code handshake}, {@code app} or {@code early} for a message or
   *     a secret
   * @param name an option's name, the handshake messages' names, a status; never a secret
   * @param len bytes of the message or of the option's value
   */
  void call(long nanoTime, long sock, String event, @Nullable String level, String name, int len);

  /** Tells both, this one first. */
  default CallTrace and(CallTrace next) {
    if (this == NONE || next == NONE) {
      return this == NONE ? next : this;
    }
    return (time, sock, event, level, name, len) -> {
      call(time, sock, event, level, name, len);
      next.call(time, sock, event, level, name, len);
    };
  }
}
