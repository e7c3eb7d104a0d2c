package dev.quic.dataplane.daemon.kernel;

import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.front.SockFront;
import java.util.function.BooleanSupplier;

/**
 * Tells a program that asks and answers from one that sends or receives a lot. In the first every
 * change of thread is time lost, so what it sends and waits for is done on its own thread; the
 * second is faster with the shard's beside it. Any thread; a race costs a change of thread.
 */
final class Rhythm {
  /** Waits after a send that may be for its answer, which comes in pieces. */
  private static final int PIECES = 4;

  private volatile boolean answered = true;
  private volatile int pieces;

  /** A message is in the queue of a socket: has it sent. */
  void sent(SockFront front) {
    pieces = PIECES;
    if (answered) {
      answered = false;
      front.visit();
    } else {
      front.schedule();
    }
  }

  void received() {
    if (!answered) {
      answered = true;
    }
  }

  /** Waits for a message, by taking the shard's turns if it may be an answer. */
  Waiter.Outcome await(Waiter receiver, ShardLink link, BooleanSupplier there) {
    int left = pieces;
    if (left == 0) {
      return receiver.await(there, Long.MAX_VALUE);
    }
    pieces = left - 1;
    return receiver.await(link, there);
  }
}
