package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a listening socket holds: connections nobody accepted yet. */
final class Listener {
  private final ArrayDeque<QuicSock> waiting = new ArrayDeque<>();
  private final Claim claim;
  private int backlog;

  Listener(int backlog, Claim claim) {
    this.claim = claim;
    backlog(backlog);
  }

  Claim claim() {
    return claim;
  }

  /** A bound of at least 1, as listen(2) has it. */
  void backlog(int wanted) {
    backlog = Math.max(1, Math.min(wanted, Limits.ACCEPT_BACKLOG));
  }

  int backlog() {
    return backlog;
  }

  boolean full() {
    return waiting.size() >= backlog;
  }

  int size() {
    return waiting.size();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  void add(QuicSock child) {
    waiting.add(child);
  }

  @Nullable QuicSock poll() {
    return waiting.poll();
  }

  /** A waiting connection died. */
  void remove(QuicSock child) {
    waiting.remove(child);
  }
}
