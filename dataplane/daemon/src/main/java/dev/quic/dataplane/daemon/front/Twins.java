package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Twin;
import dev.quic.dataplane.core.socket.Watcher;
import dev.quic.dataplane.io.ShardTask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listener's twins on the other shards (ADR 0009). The system deals out the clients among the
 * ports that share the address; whom a twin accepts stays on its shard and goes to the listener's
 * user. Confined to the listener's shard; each {@link Member} to its own.
 */
final class Twins {
  /** Connections handed over in one visit. */
  private static final int ACCEPTS_PER_VISIT = 64;

  private final List<Member> members = new ArrayList<>();

  private Twins(ShardLink home, ChannelUser user) {
    Member next = null;
    List<ShardLink> others = home.others();
    for (int i = others.size() - 1; i >= 0; i--) {
      next = new Member(others.get(i), user, home.index(), next);
      members.add(next);
    }
  }

  /** Opens them, one after the other, so that the system's numbers for them are known. */
  static Twins open(Twin twin, ShardLink home, ChannelUser user) {
    Twins all = new Twins(home, user);
    if (!all.members.isEmpty()) {
      all.members.getLast().open(twin);
    }
    return all;
  }

  /** The listener's options or backlog changed. */
  void renew(Twin twin) {
    members.forEach(m -> m.link.post((net, now) -> m.renew(twin, now)));
  }

  /** The user has room for connections again. */
  void visit() {
    members.forEach(m -> m.link.post(m));
  }

  void close() {
    for (Member m : members) {
      m.closed = true;
      m.link.post((net, now) -> m.close(now));
    }
  }

  /** A twin on its shard. */
  private static final class Member implements Watcher, ShardTask {
    final ShardLink link;
    private final ChannelUser user;
    private final int first;
    private final @Nullable Member next;
    private @Nullable Sock sock;

    /** What was changed last; it may come before {@link #open}. */
    private @Nullable Twin changed;

    /** The listener is gone; what is still to be opened is not. */
    volatile boolean closed;

    Member(ShardLink link, ChannelUser user, int first, @Nullable Member next) {
      this.link = link;
      this.user = user;
      this.first = first;
      this.next = next;
    }

    void open(Twin twin) {
      link.post((net, now) -> open(net, twin, now));
    }

    private void open(QuicNet net, Twin twin, long now) {
      if (closed) {
        return;
      }
      Twin latest = changed == null ? twin : changed;
      Sock s = net.socket(latest.family());
      int handle = latest.listen(now, s);
      if (handle < 0) {
        // The shards that listen serve all clients.
        s.close(now);
        return;
      }
      sock = s;
      s.watch(this);
      if (next != null) {
        next.open(twin);
      } else {
        link.steer(handle, first);
      }
    }

    void renew(Twin twin, long now) {
      changed = twin;
      if (sock != null) {
        twin.renew(now, sock);
      }
    }

    @Override
    public void ready(Sock which, int mask) {
      accept(link.now());
    }

    @Override
    public void run(QuicNet net, long now) {
      accept(now);
    }

    private void accept(long now) {
      Sock listener = sock;
      int taken = 0;
      while (listener != null && taken < ACCEPTS_PER_VISIT && user.acceptRoom()) {
        Sock s = listener.accept(now);
        if (s == null) {
          break;
        }
        user.accepted(s, link, now);
        taken++;
      }
      if (taken > 0) {
        user.wake(ChannelUser.READABLE);
      }
      if (taken == ACCEPTS_PER_VISIT) {
        link.post(this);
      }
    }

    void close(long now) {
      Sock s = sock;
      if (s != null) {
        sock = null;
        s.watch(null);
        s.close(now);
      }
    }
  }
}
