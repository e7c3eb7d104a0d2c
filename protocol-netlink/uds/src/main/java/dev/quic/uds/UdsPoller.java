package dev.quic.uds;

import dev.quic.uds.linux.Epoll;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Waits on many connections and servers at once, for one thread. Level-triggered: what is not
 * handled is reported again. Everything but {@link #wakeup} belongs to the polling thread.
 */
public final class UdsPoller implements AutoCloseable {
  /** What happened to an entry. */
  @FunctionalInterface
  public interface Handler {
    /**
     * @param hangup the other end is gone (what it sent before can still be read)
     */
    void ready(boolean readable, boolean writable, boolean hangup);
  }

  private static final class Entry {
    final long key;
    final Handler handler;
    boolean shut;

    Entry(long key, Handler handler) {
      this.key = key;
      this.handler = handler;
    }
  }

  private final Epoll epoll;
  private final Map<Integer, Entry> byFd = new HashMap<>();
  private final Map<Long, Entry> byKey = new HashMap<>();
  private long nextKey;

  public UdsPoller() throws IOException {
    epoll = new Epoll();
  }

  /**
   * Watches a descriptor from now on.
   *
   * @return 0, or a negated errno: ENOSPC and ENOMEM when the system can watch no more
   */
  public int add(int fd, boolean read, boolean write, Handler handler) {
    Entry e = new Entry(nextKey++, handler);
    int r = epoll.add(fd, interest(read, write), e.key);
    if (r == 0) {
      byFd.put(fd, e);
      byKey.put(e.key, e);
    }
    return r;
  }

  /** Changes what is watched for. */
  public void interest(int fd, boolean read, boolean write) {
    Entry e = byFd.get(fd);
    if (e != null && !e.shut) {
      epoll.modify(fd, interest(read, write), e.key);
    }
  }

  /**
   * From now on only tells that the other end is gone with something left unread: all that is still
   * to be learned of a descriptor after {@link SeqPacket#shutdown}.
   */
  public void interestInEnd(int fd) {
    Entry e = byFd.get(fd);
    if (e != null) {
      e.shut = true;
      epoll.modify(fd, Epoll.EDGE, e.key);
    }
  }

  private static int interest(boolean read, boolean write) {
    return (read ? Epoll.IN : 0) | (write ? Epoll.OUT : 0);
  }

  /** Stops watching; call before closing the descriptor. */
  public void remove(int fd) {
    Entry e = byFd.remove(fd);
    if (e != null) {
      byKey.remove(e.key);
      epoll.remove(fd);
    }
  }

  /** Forgets a descriptor that is about to be closed for good, which ends the watching. */
  public void drop(int fd) {
    Entry e = byFd.remove(fd);
    if (e != null) {
      byKey.remove(e.key);
    }
  }

  /** Its own descriptor, readable while {@link #poll} has something: for another poller. */
  public int number() {
    return epoll.number();
  }

  public int size() {
    return byFd.size();
  }

  /**
   * Waits at most {@code timeoutMs} (negative: for ever) and runs the handlers of what is ready.
   */
  public void poll(long timeoutMs) {
    epoll.await(timeoutMs, this::dispatch);
  }

  private void dispatch(long key, int events) {
    Entry e = byKey.get(key);
    if (e != null && e.shut) {
      if ((events & Epoll.ERR) != 0) {
        e.handler.ready(false, false, true);
      }
    } else if (e != null) {
      e.handler.ready(
          (events & Epoll.IN) != 0,
          (events & Epoll.OUT) != 0,
          (events & (Epoll.HUP | Epoll.ERR)) != 0);
    }
  }

  /** Ends a {@link #poll} early. Any thread. */
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public void close() {
    epoll.close();
  }
}
