package dev.quic.handshaked.daemon.bus;

import dev.quic.uds.door.NetlinkClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A few connections to the bus for requests, made as they are needed: a request holds its
 * connection until it is answered, and workers should not wait for each other's answers. Any
 * thread.
 */
final class RequestLines implements AutoCloseable {
  /** Connections of one daemon; the data plane takes 256 in all. */
  static final int MAX_LINES = 8;

  /** A request and its answer. */
  @FunctionalInterface
  interface Exchange<T> {
    T on(NetlinkClient line) throws IOException;
  }

  private final RunDir dir;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition returned = lock.newCondition();
  private final ArrayDeque<NetlinkClient> idle = new ArrayDeque<>();
  private final List<NetlinkClient> all = new ArrayList<>();
  private boolean closed;

  /** Makes the first connection, so that it is known to be possible. */
  RequestLines(RunDir dir) throws IOException {
    this.dir = dir;
    NetlinkClient first = NetlinkClient.connect(dir);
    all.add(first);
    idle.add(first);
  }

  <T> T call(Exchange<T> exchange) throws IOException {
    NetlinkClient line = take();
    try {
      return exchange.on(line);
    } finally {
      give(line);
    }
  }

  private NetlinkClient take() throws IOException {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IOException("the bus is closed");
        }
        // The last one used: its memory is warm, and fewer are in use.
        NetlinkClient line = idle.pollLast();
        if (line == null && all.size() < MAX_LINES) {
          line = NetlinkClient.connect(dir);
          all.add(line);
        }
        if (line != null) {
          return line;
        }
        returned.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void give(NetlinkClient line) {
    lock.lock();
    try {
      idle.addLast(line);
      returned.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      all.forEach(NetlinkClient::close);
      returned.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
