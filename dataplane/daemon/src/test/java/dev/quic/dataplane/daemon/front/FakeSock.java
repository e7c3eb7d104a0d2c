package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose peer is another one on the same fake shard. Data waits in the receiver up to
 * {@link #limit} bytes, then the sender gets EAGAIN.
 */
public final class FakeSock extends Sock {
  private static final AtomicLong COOKIES = new AtomicLong();

  private record Item(Msg msg, byte[] bytes) {}

  private final ThreadLink link;
  private final long cookie = COOKIES.incrementAndGet();
  private final ArrayDeque<Item> data = new ArrayDeque<>();
  private final ArrayDeque<Item> handshake = new ArrayDeque<>();
  private final ArrayDeque<FakeSock> queue = new ArrayDeque<>();
  private int queued;
  private int partDone;
  private boolean owned;
  private boolean blocked;
  private @Nullable FakeSock peer;
  private @Nullable SockAddr local;

  public int limit = 128 * 1024;

  /** A stream the peer gives no credit; -1 for none. */
  public volatile long starved = -1;

  /** Streams on which sending fails with EINVAL. */
  public final Set<Long> reset = ConcurrentHashMap.newKeySet();

  public volatile int state = QuicUapi.QUIC_SS_CLOSED;
  public volatile int dead;
  public volatile boolean closed;
  public volatile boolean shut;
  public volatile boolean deliversEarly;
  public volatile byte[] lastOption = new byte[0];
  public volatile int lastOptionName = -1;

  public FakeSock(ThreadLink link) {
    this.link = link;
  }

  /** Makes two connected sockets. */
  public static void join(FakeSock a, FakeSock b) {
    a.peer = b;
    b.peer = a;
    a.state = QuicUapi.QUIC_SS_ESTABLISHED;
    b.state = QuicUapi.QUIC_SS_ESTABLISHED;
  }

  /** A handshake message arrives. Fake shard. */
  public void handshakeArrives(int level, byte... bytes) {
    handshake.add(new Item(new Msg().handshake(level), bytes));
    wake(POLL_IN | POLL_HANDSHAKE);
  }

  /** A connection waits on this listener. Fake shard. */
  public void incoming(FakeSock s) {
    s.state = QuicUapi.QUIC_SS_ESTABLISHING;
    queue.add(s);
    wake(POLL_IN);
  }

  /** The connection dies. Fake shard. */
  public void die(int errno) {
    dead = errno;
    state = QuicUapi.QUIC_SS_CLOSED;
    shut = true;
    wake(POLL_IN | POLL_HUP | POLL_ERR);
  }

  public void established() {
    state = QuicUapi.QUIC_SS_ESTABLISHED;
    wake(POLL_IN | POLL_OUT);
  }

  private void wake(int mask) {
    link.later(() -> {
      if (watcher() != null) {
        watcher().ready(this, mask);
      }
    });
  }

  @Override
  public boolean deliversEarly() {
    return deliversEarly;
  }

  @Override
  public long cookie() {
    return cookie;
  }

  @Override
  public int family() {
    return QuicUapi.AF_INET;
  }

  @Override
  public int state() {
    return state;
  }

  @Override
  public boolean isServer() {
    return false;
  }

  @Override
  public int bind(long now, SockAddr a) {
    local = a;
    return 0;
  }

  @Override
  public int listen(long now, int backlog) {
    state = QuicUapi.QUIC_SS_LISTENING;
    return 0;
  }

  @Override
  public int connect(long now, SockAddr remote) {
    state = QuicUapi.QUIC_SS_ESTABLISHING;
    return 0;
  }

  @Override
  public @Nullable Sock accept(long now) {
    return queue.poll();
  }

  @Override
  public int sendmsg(long now, Msg msg, byte[] buf, int off, int len) {
    FakeSock to = peer;
    if (shut || to == null || to.closed) {
      return -Errno.EPIPE;
    }
    if (msg.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO) {
      to.handshakeArrives(msg.cryptoLevel, Arrays.copyOfRange(buf, off, off + len));
      return len;
    }
    if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO && reset.contains(msg.streamId)) {
      return -Errno.EINVAL;
    }
    if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO && msg.streamId == starved) {
      return -Errno.ENOSPC;
    }
    int room = to.limit - to.queued;
    if (room <= 0 && len > 0) {
      blocked = true;
      return -Errno.EAGAIN;
    }
    int n = Math.min(room, len);
    Msg m = new Msg().stream(msg.streamId, 0);
    if (n == len) {
      m.streamFlags = (msg.streamFlags | msg.flags) & QuicUapi.MSG_QUIC_STREAM_FIN;
    }
    to.data.add(new Item(m, Arrays.copyOfRange(buf, off, off + n)));
    to.queued += n;
    to.wake(POLL_IN);
    return n;
  }

  @Override
  public int recvmsg(long now, Msg msg, byte[] buf, int off, int len) {
    if (!owned && !handshake.isEmpty()) {
      return recvHandshake(now, msg, buf, off, len);
    }
    Item i = data.peek();
    if (i == null) {
      return state == QuicUapi.QUIC_SS_CLOSED ? -Errno.ENOTCONN : -Errno.EAGAIN;
    }
    int n = Math.min(len, i.bytes.length - partDone);
    System.arraycopy(i.bytes, partDone, buf, off, n);
    msg.stream(i.msg.streamId, 0);
    partDone += n;
    queued -= n;
    if (partDone == i.bytes.length) {
      msg.streamFlags = i.msg.streamFlags;
      msg.flags = QuicUapi.MSG_EOR;
      partDone = 0;
      data.remove();
    }
    FakeSock from = peer;
    if (from != null && from.blocked) {
      from.blocked = false;
      from.wake(POLL_OUT);
    }
    return n;
  }

  @Override
  public int recvHandshake(long now, Msg msg, byte[] buf, int off, int len) {
    Item i = handshake.poll();
    if (i == null) {
      return state == QuicUapi.QUIC_SS_CLOSED ? -Errno.ENOTCONN : -Errno.EAGAIN;
    }
    msg.handshake(i.msg.cryptoLevel);
    msg.flags = QuicUapi.MSG_EOR;
    System.arraycopy(i.bytes, 0, buf, off, i.bytes.length);
    return i.bytes.length;
  }

  @Override
  public void handshakeOwnedElsewhere(boolean elsewhere) {
    owned = elsewhere;
  }

  @Override
  public int setsockopt(long now, int level, int name, byte[] value) {
    lastOptionName = name;
    lastOption = value;
    return 0;
  }

  @Override
  public int getsockopt(long now, int level, int name, byte[] value, int len) {
    int n = Math.min(len, lastOption.length);
    System.arraycopy(lastOption, 0, value, 0, n);
    return name == lastOptionName ? n : -Errno.ENOPROTOOPT;
  }

  @Override
  public int shutdown(long now, int how) {
    shut = true;
    state = QuicUapi.QUIC_SS_CLOSED;
    wake(POLL_IN | POLL_HUP);
    FakeSock p = peer;
    if (p != null) {
      p.die(0);
    }
    return 0;
  }

  @Override
  public void close(long now) {
    closed = true;
    FakeSock p = peer;
    if (p != null && !p.closed) {
      p.die(0);
    }
  }

  @Override
  public int poll() {
    int bits = 0;
    if (!data.isEmpty() || !owned && !handshake.isEmpty() || !queue.isEmpty()) {
      bits |= POLL_IN;
    }
    if (!handshake.isEmpty()) {
      bits |= POLL_HANDSHAKE;
    }
    FakeSock to = peer;
    if (to != null && to.queued < to.limit) {
      bits |= POLL_OUT;
    }
    return shut ? bits | POLL_IN | POLL_HUP : bits;
  }

  @Override
  public SockAddr sockname() {
    return local == null ? SockAddr.any(QuicUapi.AF_INET, 0) : local;
  }

  @Override
  public @Nullable SockAddr peername() {
    return peer == null ? null : SockAddr.v4(0x7f000001, 4433);
  }

  @Override
  public long ioctl(int request) {
    return queued;
  }

  @Override
  public int error() {
    return dead;
  }

  @Override
  public void ofType(int type) {}
}
