package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Sock;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;

/** Every socket that has a front, by cookie. Any thread. */
public final class Fronts {
  private final ConcurrentHashMap<Long, SockFront> live = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<LongConsumer> onDestroy = new CopyOnWriteArrayList<>();
  private final ChunkPool pool = new ChunkPool();

  public ChunkPool pool() {
    return pool;
  }

  /** Calls back with the cookie of each destroyed socket, on its shard's thread. */
  public void onDestroy(LongConsumer callback) {
    onDestroy.add(callback);
  }

  /** Fronts a socket and watches it. Shard thread. */
  public SockFront front(Sock sock, ShardLink link) {
    SockFront f = new SockFront(sock, link, this);
    live.put(f.cookie(), f);
    sock.owner(f);
    sock.watch(f);
    return f;
  }

  void remove(SockFront front) {
    if (live.remove(front.cookie(), front)) {
      onDestroy.forEach(c -> c.accept(front.cookie()));
    }
  }

  public int size() {
    return live.size();
  }

  /** Closes every socket, each on its own shard. */
  public void closeAll() {
    for (SockFront f : live.values()) {
      f.link().post((net, now) -> f.close(now));
    }
  }
}
