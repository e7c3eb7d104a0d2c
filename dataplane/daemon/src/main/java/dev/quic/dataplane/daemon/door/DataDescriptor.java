package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ChannelUser;
import dev.quic.dataplane.daemon.front.MsgQueue;
import dev.quic.dataplane.daemon.front.ResultRing;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The data plane's end of a data descriptor or a grant. Packets are read while the socket takes
 * them: one that finds the channel full is kept and reading stops. Packets are written while the
 * program reads. {@link #wake} and the accept calls belong to the shard, the rest to the conductor.
 */
public final class DataDescriptor implements Endpoint, ChannelUser {
  /** What the owner of a descriptor wants to hear. */
  public interface Ended {
    void ended(DataDescriptor which);
  }

  /** A listener's connection on its way to the program. */
  private static final class Arrival {
    final DataDescriptor descriptor;
    final @Nullable SockAddr peer;
    Line.@Nullable Passed far;

    Arrival(DataDescriptor descriptor, @Nullable SockAddr peer) {
      this.descriptor = descriptor;
      this.peer = peer;
    }
  }

  private final Conductor conductor;
  private final DescriptorTable table;
  private final Channel channel;
  private final AtomicBoolean queued = new AtomicBoolean();
  private final ConcurrentLinkedQueue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger arrivalCount = new AtomicInteger();
  private final Msg msg = new Msg();

  private volatile @Nullable SockFront front;
  private @Nullable Line line;
  private @Nullable Ended ended;
  private long farInode = -1;

  /** A SEND that found no room. */
  private byte @Nullable [] parked;

  /** Errno of a pipelined send the program has not been told of. */
  private int sendError;

  private int handles;
  private boolean owned;
  private boolean closedSent;
  private boolean over;

  DataDescriptor(Conductor conductor, DescriptorTable table, Channel.Mode mode) {
    this.conductor = conductor;
    this.table = table;
    channel = new Channel(mode, this, table.fronts().pool());
  }

  // Set-up.

  /** Gives it its socket. Shard thread. */
  void attach(SockFront f, long now) {
    front = f;
    f.attach(channel, now);
  }

  /** Makes it the grant of a socket. Any thread. */
  void attachGrant(SockFront f) {
    front = f;
    f.link().post((net, now) -> f.attachGrant(channel, now));
  }

  /**
   * Makes the pair of descriptors.
   *
   * @param whenEnded told once the program's end is closed
   * @return the program's end, to be passed on and closed
   */
  Line.Passed open(@Nullable Ended whenEnded) throws IOException {
    ended = whenEnded;
    Conductor.Pair pair = conductor.pair();
    line = pair.near();
    farInode = pair.far().inode();
    table.add(farInode, this);
    conductor.watch(pair.near(), this);
    process();
    return pair.far();
  }

  @Nullable SockFront front() {
    return front;
  }

  boolean isGrant() {
    return channel.mode() == Channel.Mode.GRANT;
  }

  /** Counts a control connection's handle. @return true for the first one ever: the owner's */
  boolean addHandle() {
    handles++;
    boolean first = !owned;
    owned = true;
    return first;
  }

  /** Uncounts one. @return true when none is left */
  boolean removeHandle() {
    return --handles == 0;
  }

  Channel channel() {
    return channel;
  }

  boolean isOver() {
    return over;
  }

  // The shard.

  @Override
  public void wake(int what) {
    if (!queued.get() && queued.compareAndSet(false, true)) {
      conductor.execute(this::process);
    }
  }

  @Override
  public boolean acceptRoom() {
    return arrivalCount.get() < DoorLimits.ACCEPT_AHEAD;
  }

  @Override
  public void accepted(Sock sock, long now) {
    SockFront listener = front;
    if (listener == null) {
      sock.close(now);
      return;
    }
    DataDescriptor d = new DataDescriptor(conductor, table, Channel.Mode.EAGER);
    d.attach(table.fronts().front(sock, listener.link()), now);
    arrivalCount.incrementAndGet();
    arrivals.add(new Arrival(d, sock.peername()));
  }

  // The conductor.

  private void process() {
    queued.set(false);
    if (over) {
      dropArrivals();
      return;
    }
    if (line == null) {
      return;
    }
    unpark();
    writable();
  }

  @Override
  public void readable() {
    Line l = line;
    SockFront f = front;
    if (l == null || f == null || parked != null) {
      return;
    }
    ByteBuffer buf = conductor.in();
    boolean any = false;
    try {
      for (int i = 0; i < DoorLimits.PACKETS_PER_VISIT && parked == null; i++) {
        buf.clear();
        int n = l.receive(buf);
        l.takePassed().forEach(Line.Passed::close);
        if (n == Line.WOULD_BLOCK) {
          break;
        }
        if (n == Line.HANG_UP) {
          end();
          return;
        }
        buf.flip();
        any |= take(buf);
      }
    } catch (IOException e) {
      end();
      return;
    }
    if (any) {
      f.schedule();
    }
    if (parked != null) {
      conductor.interest(l, false, !flush(l));
    }
  }

  /** Hands one packet to the channel. @return true when the shard has something to do */
  private boolean take(ByteBuffer packet) {
    if (packet.remaining() < DataPackets.HEADER || DataPackets.type(packet) != DataPackets.SEND) {
      refuse(Errno.EINVAL);
      return false;
    }
    if (packet.remaining() > DataPackets.HEADER + DoorLimits.DATA_PACKET_BYTES) {
      refuse(Errno.EMSGSIZE);
      return false;
    }
    if (!offer(packet)) {
      byte[] copy = new byte[packet.remaining()];
      packet.get(copy);
      parked = copy;
    }
    return true;
  }

  private boolean offer(ByteBuffer packet) {
    boolean wantResult = DataPackets.send(packet, msg);
    boolean wait = !wantResult || (msg.flags & QuicUapi.MSG_DONTWAIT) == 0;
    int kind = (wantResult ? Channel.WANT_RESULT : 0) | (wait ? Channel.WAIT : 0);
    int len = packet.remaining() - DataPackets.HEADER;
    MsgQueue tx = channel.tx();
    if (!tx.reserve(len)) {
      return false;
    }
    packet.get(packet.position() + DataPackets.HEADER, tx.writeBuffer(), tx.writeOffset(), len);
    tx.commit(msg, kind, DataPackets.seq(packet), len);
    return true;
  }

  private void unpark() {
    byte[] p = parked;
    Line l = line;
    SockFront f = front;
    if (p != null && l != null && f != null && offer(DataPackets.wrap(p))) {
      parked = null;
      f.schedule();
      readable();
      if (parked == null && !over) {
        conductor.interest(l, true, false);
      }
    }
  }

  /** A packet that makes no sense is answered, and the descriptor lives on. */
  private void refuse(int errno) {
    Line l = line;
    if (l != null) {
      trySend(l, DataPackets.result(conductor.out(), 0, -errno), List.of());
    }
  }

  @Override
  public void writable() {
    Line l = line;
    if (l != null && !over) {
      boolean done = flush(l);
      if (!over) {
        conductor.interest(l, parked == null, !done);
      }
    }
  }

  /** Writes what waits. @return false when the program has to read first */
  private boolean flush(Line l) {
    SockFront f = front;
    if (f == null) {
      return true;
    }
    if (!flushResults(l, f) || !flushArrivals(l) || !flushMessages(l, f)) {
      return false;
    }
    if (channel.end() != 0 && !closedSent && !channel.rx().hasNext()) {
      ByteBuffer p = DataPackets.closed(conductor.out(), channel.deathErrno());
      if (!trySend(l, p, List.of())) {
        return false;
      }
      closedSent = true;
    }
    return true;
  }

  private boolean flushResults(Line l, SockFront f) {
    if (sendError == 0) {
      sendError = channel.takeSendError();
    }
    if (sendError != 0) {
      if (!trySend(l, DataPackets.result(conductor.out(), 0, -sendError), List.of())) {
        return false;
      }
      sendError = 0;
    }
    ResultRing results = channel.results();
    boolean wasFull = results.isFull();
    while (!results.isEmpty()) {
      long r = results.peek();
      ByteBuffer p = DataPackets.result(conductor.out(), ResultRing.seq(r), ResultRing.result(r));
      if (!trySend(l, p, List.of())) {
        return false;
      }
      results.take();
    }
    if (wasFull) {
      f.schedule();
    }
    return true;
  }

  private boolean flushArrivals(Line l) {
    for (Arrival a = arrivals.peek(); a != null; a = arrivals.peek()) {
      SockFront f = a.descriptor.front();
      if (a.far == null) {
        try {
          a.far = a.descriptor.open(null);
        } catch (IOException e) {
          // No descriptor to be had: this connection cannot be served.
          a.descriptor.end();
        }
      }
      Line.Passed far = a.far;
      if (far != null && f != null) {
        ByteBuffer p = DataPackets.accept(conductor.out(), f.cookie(), sockaddr(a.peer));
        if (!trySend(l, p, List.of(far))) {
          return false;
        }
        far.close();
      }
      arrivals.remove();
      if (arrivalCount.getAndDecrement() == DoorLimits.ACCEPT_AHEAD && front != null) {
        front.schedule();
      }
    }
    return true;
  }

  private boolean flushMessages(Line l, SockFront f) {
    MsgQueue rx = channel.rx();
    int budget = DoorLimits.PACKETS_PER_VISIT;
    boolean room = true;
    while (room && rx.hasNext()) {
      if (budget-- == 0) {
        wake(READABLE);
        break;
      }
      ByteBuffer p =
          DataPackets.recv(conductor.out(), rx.header(msg), rx.buffer(), rx.offset(), rx.length());
      room = trySend(l, p, List.of());
      if (room) {
        rx.drop();
      }
    }
    if (channel.readerProgress()) {
      f.schedule();
    }
    return room;
  }

  private boolean trySend(Line l, ByteBuffer packet, List<Line.Passed> along) {
    if (over) {
      return true;
    }
    try {
      return l.send(packet, along);
    } catch (IOException e) {
      // The program is gone; nothing more can be told.
      end();
      return true;
    }
  }

  private static byte[] sockaddr(@Nullable SockAddr a) {
    if (a == null) {
      return new byte[0];
    }
    byte[] b = new byte[SockAddrCodec.size(a)];
    SockAddrCodec.encode(a, b, 0);
    return b;
  }

  // The end.

  /** The program's last descriptor is closed: the socket, or the grant, ends. */
  void end() {
    if (over) {
      return;
    }
    closeLine();
    SockFront f = front;
    Ended e = ended;
    if (e != null) {
      e.ended(this);
    } else if (f != null) {
      f.link().post((net, now) -> f.close(now));
    }
    dropArrivals();
  }

  /** Closes our end of the descriptor. */
  void closeLine() {
    if (over) {
      return;
    }
    over = true;
    Line l = line;
    if (l != null) {
      conductor.forget(l);
      l.close();
      table.remove(farInode);
    }
    parked = null;
  }

  private void dropArrivals() {
    for (Arrival a = arrivals.poll(); a != null; a = arrivals.poll()) {
      if (a.far != null) {
        a.far.close();
      }
      a.descriptor.end();
    }
  }
}
