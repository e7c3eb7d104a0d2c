package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Relocation;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.Addresses;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ChannelUser;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.MsgQueue;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A socket of a consumer inside the data plane. Control calls run on the shard while the caller
 * waits. Data does not: received messages are moved ahead to the reader, and most of what is sent
 * is queued ({@link SendCalls}).
 */
final class KernelSocket implements QuicSocket, ChannelUser {
  /** Accepted connections that wait here for {@link #accept}. */
  private static final int ACCEPT_AHEAD = 16;

  private final Fronts fronts;
  private final KernelSockets home;
  private final Channel channel;

  private final ReentrantLock receiveLock = new ReentrantLock();
  private final Credit credit = new Credit();
  private final PatientCalls patient = new PatientCalls(this, credit);
  private final Waiter receiver = new Waiter();
  private final Rhythm rhythm = new Rhythm();
  private final SendCalls sends;
  private final Msg receiveMsg = new Msg();

  private final ConcurrentLinkedQueue<KernelSocket> acceptQueue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger acceptCount = new AtomicInteger();

  /** Another one after the socket moved to the shard of its port. */
  private volatile SockFront front;

  private volatile boolean nonBlocking;
  private volatile boolean closed;

  /** Shard thread. */
  KernelSocket(KernelSockets home, Sock sock, ShardLink link, long now) {
    this.home = home;
    fronts = home.fronts();
    front = fronts.front(sock, link);
    channel = new Channel(Channel.Mode.ON_DEMAND, this, fronts.pool());
    sends = new SendCalls(this, channel, rhythm);
    front.attach(channel, now);
  }

  SockFront front() {
    return front;
  }

  // Shard thread: what the socket tells us.

  @Override
  public void wake(int what) {
    if ((what & (READABLE | CLOSED)) != 0) {
      receiver.signal(front.link());
    }
    if ((what & (WRITABLE | RESULT | CLOSED)) != 0) {
      sends.look(front.link());
    }
    if ((what & (WRITABLE | GREW | CLOSED)) != 0) {
      credit.grew();
    }
    if ((what & CLOSED) != 0) {
      closeUnaccepted();
    }
  }

  @Override
  public boolean readerSleeps() {
    return receiver.isParked();
  }

  @Override
  public boolean acceptRoom() {
    return acceptCount.get() < ACCEPT_AHEAD;
  }

  @Override
  public void accepted(Sock sock, ShardLink link, long now) {
    acceptCount.incrementAndGet();
    acceptQueue.add(new KernelSocket(home, sock, link, now));
    if (closed || channel.end() == Errno.EBADF) {
      // By another shard, which did not know yet.
      closeUnaccepted();
    }
  }

  // Set-up.

  @Override
  public void bind(InetSocketAddress local) throws QuicException {
    SockAddr a = resolved(local, "bind");
    move(a.port());
    call("bind", (sock, now) -> sock.bind(now, a));
  }

  /** Goes to the shard of this port: all the way if interrupted, to be closed there if closed. */
  private void move(int port) throws QuicException {
    SockFront from = front;
    int to = port == 0 ? from.link().index() : from.link().homeOf(port);
    if (to == from.link().index()) {
      return;
    }
    ShardLink link = home.shard(to);
    boolean[] moves = new boolean[1];
    ShardCall.Body leave =
        (net, now) -> {
          Sock old = from.leave(now);
          moves[0] = old != null && link.post((there, then) -> arrive(old, link, there, then));
          return 0;
        };
    ShardCall.run(from.link(), "bind", leave);
    while (moves[0] && front == from) {
      ShardCall.run(link, "bind", (net, now) -> 0);
    }
  }

  private void arrive(Sock old, ShardLink link, QuicNet net, long now) {
    Sock sock = net.socket(old.family());
    Relocation.carry(old, sock);
    SockFront next = fronts.front(sock, link);
    front = next;
    next.attach(channel, now);
    if (closed) {
      next.close(now);
    }
  }

  @Override
  public void listen(int backlog) throws QuicException {
    call("listen", (sock, now) -> alive(sock.listen(now, backlog), now));
  }

  @Override
  public void connect(InetSocketAddress remote) throws QuicException {
    SockAddr a = resolved(remote, "connect");
    call("connect", (sock, now) -> alive(sock.connect(now, a), now));
  }

  private int alive(int result, long now) {
    if (result >= 0) {
      front.alive(now);
    }
    return result;
  }

  @Override
  public QuicSocket accept() throws QuicException {
    receiveLock.lock();
    try {
      while (true) {
        KernelSocket s = acceptQueue.poll();
        if (s != null) {
          if (acceptCount.getAndDecrement() == ACCEPT_AHEAD) {
            front.schedule();
          }
          return s;
        }
        if (closed) {
          throw new QuicException(Errno.EBADF, "accept");
        }
        // Asks the shard once more, and learns whether this is a listener at all.
        call("accept", (sock, now) -> probeListener(sock, now));
        if (!acceptQueue.isEmpty()) {
          continue;
        }
        if (nonBlocking) {
          throw new QuicException(Errno.EAGAIN, "accept");
        }
        await(receiver, () -> !acceptQueue.isEmpty() || channel.end() != 0, "accept");
      }
    } finally {
      receiveLock.unlock();
    }
  }

  private int probeListener(Sock sock, long now) {
    if (sock.state() != QuicUapi.QUIC_SS_LISTENING) {
      return -Errno.EINVAL;
    }
    front.service(now);
    return 0;
  }

  // Sending.

  @Override
  public int sendmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    Objects.checkFromIndexSize(off, len, buf.length);
    return sends.sendmsg(msg, buf, off, len, !nonBlocking);
  }

  @Override
  public int sendBefore(QuicMsg msg, byte[] buf, int off, int len, long deadline)
      throws QuicException {
    Objects.checkFromIndexSize(off, len, buf.length);
    return patient.sendBefore(msg, buf, off, len, deadline);
  }

  // Receiving.

  @Override
  public int recvmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    Objects.checkFromIndexSize(off, len, buf.length);
    receiveLock.lock();
    try {
      checkOpen("recvmsg");
      boolean peek = (msg.flags & QuicUapi.MSG_PEEK) != 0;
      boolean wait = !nonBlocking && (msg.flags & QuicUapi.MSG_DONTWAIT) == 0;
      MsgQueue rx = channel.rx();
      while (true) {
        int n = rx.read(receiveMsg, buf, off, len, peek);
        if (n >= 0) {
          if (channel.readerProgress()) {
            front.schedule();
          }
          Messages.copy(receiveMsg, msg);
          rhythm.received();
          return n;
        }
        int end = channel.end();
        if (end != 0) {
          if (rx.hasNext()) {
            continue;
          }
          throw new QuicException(end, "recvmsg");
        }
        askForMore(wait);
        checkOpen("recvmsg");
      }
    } finally {
      receiveLock.unlock();
    }
  }

  /** Waits for a message; while none are moved ahead, asks the shard for one. */
  private void askForMore(boolean wait) throws QuicException {
    MsgQueue rx = channel.rx();
    if (!channel.prefetching()) {
      channel.demand();
      if (wait) {
        front.schedule();
      } else {
        call("recvmsg", (sock, now) -> service(now));
      }
    }
    if (wait) {
      BooleanSupplier there = () -> rx.hasNext() || channel.end() != 0 || closed;
      var unused = rhythm.await(receiver, front.link(), there).orInterrupted("recvmsg");
    } else if (!rx.hasNext() && channel.end() == 0) {
      throw new QuicException(Errno.EAGAIN, "recvmsg");
    }
  }

  private int service(long now) {
    front.service(now);
    return 0;
  }

  @Override
  public boolean pollIn(long timeoutMs) throws QuicException {
    receiveLock.lock();
    try {
      if (readable()) {
        return true;
      }
      call("poll", (sock, now) -> service(now));
      if (timeoutMs == 0 || readable()) {
        return readable();
      }
      long most = Math.min(TimeUnit.MILLISECONDS.toNanos(timeoutMs), Long.MAX_VALUE / 2);
      long deadline = timeoutMs < 0 ? Long.MAX_VALUE : System.nanoTime() + most;
      return receiver.await(this::readable, deadline).orInterrupted("poll") == Waiter.Outcome.TRUE;
    } finally {
      receiveLock.unlock();
    }
  }

  private boolean readable() {
    if (!acceptQueue.isEmpty() || channel.rx().hasNext() || channel.end() != 0) {
      return true;
    }
    // What is moved ahead of demand is in the queue; only else does the socket itself tell.
    return !channel.prefetching() && (channel.pollBits() & (Sock.POLL_IN | Sock.POLL_HUP)) != 0;
  }

  // Options and names.

  @Override
  public void setsockopt(int level, int name, byte[] value) throws QuicException {
    byte[] copy = value.clone();
    inTurn("setsockopt", (sock, now) -> sock.setsockopt(now, level, name, copy));
  }

  /** Behind what was sent before, and may make something readable or writable. */
  private void inTurn(String what, SockBody body) throws QuicException {
    call(
        what,
        (sock, now) -> {
          front.service(now);
          long result = body.run(sock, now);
          front.changed(now);
          return result;
        });
  }

  @Override
  public byte[] getsockopt(int level, int name, byte[] in, int max) throws QuicException {
    if (level != QuicUapi.SOL_QUIC || name != QuicUapi.QUIC_SOCKOPT_STREAM_OPEN) {
      return ask(level, name, in, max);
    }
    return patient.openStream(in, max, !nonBlocking);
  }

  /** As getsockopt, answered at once. */
  byte[] ask(int level, int name, byte[] in, int max) throws QuicException {
    byte[] value = new byte[Math.max(max, in.length)];
    System.arraycopy(in, 0, value, 0, in.length);
    int n = (int) call("getsockopt", (sock, now) -> sock.getsockopt(now, level, name, value, max));
    return n == value.length ? value : Arrays.copyOf(value, n);
  }

  @Override
  public void shutdown(int how) throws QuicException {
    inTurn("shutdown", (sock, now) -> sock.shutdown(now, how));
  }

  @Override
  public InetSocketAddress getsockname() throws QuicException {
    SockAddr[] out = new SockAddr[1];
    call(
        "getsockname",
        (sock, now) -> {
          out[0] = sock.sockname();
          return 0;
        });
    return Addresses.of(out[0]);
  }

  @Override
  public InetSocketAddress getpeername() throws QuicException {
    SockAddr[] out = new SockAddr[1];
    call(
        "getpeername",
        (sock, now) -> {
          SockAddr peer = sock.peername();
          if (peer == null) {
            return -Errno.ENOTCONN;
          }
          out[0] = peer;
          return 0;
        });
    return Addresses.of(out[0]);
  }

  @Override
  public long ioctl(int request) throws QuicException {
    return call("ioctl", (sock, now) -> front.ioctl(request));
  }

  @Override
  public void setNonBlocking(boolean on) {
    nonBlocking = on;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    front.link().post((net, now) -> front.close(now));
    receiver.signal(front.link());
    sends.look(front.link());
    credit.grew();
    closeUnaccepted();
  }

  private void closeUnaccepted() {
    for (KernelSocket s = acceptQueue.poll(); s != null; s = acceptQueue.poll()) {
      s.close();
    }
  }

  // Below: what the calls are made of.

  /** A call on the socket itself. */
  interface SockBody {
    long run(Sock sock, long now);
  }

  /** Runs on the shard while the caller waits. */
  long call(String what, SockBody body) throws QuicException {
    checkOpen(what);
    return ShardCall.run(
        front.link(),
        what,
        (net, now) -> {
          Sock sock = front.sock();
          return sock == null ? -Errno.EBADF : body.run(sock, now);
        });
  }

  /**
   * @throws QuicException EBADF: closed
   */
  void checkOpen(String what) throws QuicException {
    if (closed) {
      throw new QuicException(Errno.EBADF, what);
    }
  }

  /** Waits for this, or for the socket to be closed. */
  void await(Waiter w, BooleanSupplier condition, String what) throws QuicException {
    BooleanSupplier over = () -> condition.getAsBoolean() || closed;
    var unused = w.await(over, Long.MAX_VALUE).orInterrupted(what);
  }

  private static SockAddr resolved(InetSocketAddress a, String what) throws QuicException {
    SockAddr addr = Addresses.of(a);
    if (addr == null) {
      throw new QuicException(Errno.EADDRNOTAVAIL, what + " " + a);
    }
    return addr;
  }
}
