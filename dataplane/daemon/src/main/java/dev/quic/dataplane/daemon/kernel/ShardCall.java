package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.io.ShardTask;
import dev.quic.uapi.Errno;

/** A call carried out by a shard while its caller waits: the in-process system call. */
final class ShardCall implements ShardTask {
  /** What the call does. */
  @FunctionalInterface
  interface Body {
    /**
     * @return 0 or more, or a negated errno
     */
    long run(QuicNet net, long now);
  }

  private final ShardLink link;
  private final Body body;
  private final Waiter waiter = new Waiter();
  private long result;
  private volatile boolean finished;

  private ShardCall(ShardLink link, Body body) {
    this.link = link;
    this.body = body;
  }

  /**
   * Runs {@code body} on the shard.
   *
   * @return its result, 0 or more
   * @throws QuicException its errno; EBADF when the data plane has stopped; EINTR when interrupted
   *     while waiting, the call then still happens
   */
  static long run(ShardLink link, String what, Body body) throws QuicException {
    ShardCall call = new ShardCall(link, body);
    if (link.onThread()) {
      // A callback on the shard itself: waiting would be for ever.
      link.runNow(call);
    } else if (link.postHere(call)) {
      call.join(what);
    } else {
      throw new QuicException(Errno.EBADF, what);
    }
    if (call.result < 0) {
      throw new QuicException((int) -call.result, what);
    }
    return call.result;
  }

  private void join(String what) throws QuicException {
    if (finished) {
      return;
    }
    // Not by looking now and then: a virtual thread that parks for a time wakes another thread.
    Runnable ended = () -> waiter.signal(link);
    link.whenStopped(ended);
    try {
      var unused = waiter.await(link, () -> finished || link.isStopped()).orInterrupted(what);
      if (!finished) {
        throw new QuicException(Errno.EBADF, what);
      }
    } finally {
      link.forget(ended);
    }
  }

  @Override
  public void run(QuicNet net, long now) {
    try {
      result = body.run(net, now);
    } catch (RuntimeException e) {
      result = -Errno.EIO;
      throw e;
    } finally {
      finished = true;
      waiter.signal(link);
    }
  }
}
