package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Twin;
import dev.quic.dataplane.core.socket.Watcher;
import dev.quic.dataplane.io.ShardTask;
import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A listener's twins on the other shards (ADR 0009). The system deals out the clients among the
 * ports that share the address; whom a twin accepts stays on its shard and goes to the listener's
 * user. Confined to the listener's shard.
 */
final class Twins {
  /** Connections handed over in one visit. */
  private static final int ACCEPTS_PER_VISIT = 64;

  /** In the order in which they are opened, so that the system's numbers for them are known. */
  private final List<Member> members = new ArrayList<>();

  private Twins(Twin like, ShardLink home, ChannelUser user) {
    Member next = null;
    List<ShardLink> others = home.others();
    for (int i = others.size() - 1; i >= 0; i--) {
      next = new Member(like, others.get(i), user, home.index(), next);
      members.addFirst(next);
    }
  }

  static Twins open(Twin like, ShardLink home, ChannelUser user) {
    Twins all = new Twins(like, home, user);
    if (!all.members.isEmpty()) {
      all.members.getFirst().open(true);
    }
    return all;
  }

  /** The listener's options or backlog changed. */
  void renew(Twin like) {
    for (Member m : members) {
      m.like = like;
      m.visit();
    }
  }

  /** The user has room for connections again. */
  void visit() {
    members.forEach(Member::visit);
  }

  void close() {
    for (Member m : members) {
      m.closed = true;
      m.visit();
    }
  }

  /**
   * A twin on its shard. Others say what it is to be, in any order, and have its shard visit it:
   * {@link #run} makes it so.
   */
  private static final class Member implements Watcher, ShardTask {
    private final ShardLink link;
    private final ChannelUser user;
    private final int homeIndex;
    private final @Nullable Member next;
    private final AtomicBoolean due = new AtomicBoolean();
    private volatile Twin like;
    private volatile boolean opens;
    private volatile boolean closed;

    /** All before it were opened. */
    private volatile boolean allBefore;

    private @Nullable Sock sock;

    /** What it was made or renewed by last; null before it was. */
    private @Nullable Twin made;

    Member(Twin like, ShardLink link, ChannelUser user, int homeIndex, @Nullable Member next) {
      this.like = like;
      this.link = link;
      this.user = user;
      this.homeIndex = homeIndex;
      this.next = next;
    }

    void open(boolean isWhole) {
      allBefore = isWhole;
      opens = true;
      visit();
    }

    /** Brings its shard here soon. Any thread. */
    void visit() {
      if (due.compareAndSet(false, true) && !link.post(this)) {
        due.set(false);
      }
    }

    @Override
    public void run(QuicNet net, long now) {
      due.set(false);
      Sock s = sock;
      if (closed) {
        if (s != null) {
          sock = null;
          s.watch(null);
          s.close(now);
        }
        return;
      }
      if (!opens) {
        return;
      }
      Twin wanted = like;
      if (made == null) {
        listen(net, wanted, now);
      } else if (s != null && wanted != made) {
        wanted.renew(now, s);
      }
      made = wanted;
      accept(now);
    }

    private void listen(QuicNet net, Twin wanted, long now) {
      Sock s = net.socket(wanted.family());
      int handle = wanted.listen(now, s);
      if (handle >= 0) {
        sock = s;
        s.watch(this);
      } else {
        // Those that listen serve all clients; which of them has which number is not known then.
        s.close(now);
        link.notice(
            "shard "
                + link.index()
                + " does not listen at "
                + wanted.address()
                + " ("
                + Errno.name(handle)
                + "): the others take its clients");
      }
      boolean isWhole = allBefore && handle >= 0;
      if (next != null) {
        next.open(isWhole);
      } else if (isWhole) {
        link.steer(handle, homeIndex);
      }
    }

    @Override
    public void ready(Sock which, int mask) {
      accept(link.now());
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
        visit();
      }
    }
  }
}
