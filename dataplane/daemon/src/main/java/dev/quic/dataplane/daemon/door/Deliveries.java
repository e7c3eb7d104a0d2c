package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ChannelUser;
import dev.quic.dataplane.daemon.front.MsgQueue;
import dev.quic.dataplane.daemon.front.ResultRing;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What goes from a socket to the program behind its descriptor: answers, results, accepted
 * connections, messages, the end. {@link #hasArrivalRoom} and {@link #arrived} belong to the
 * shards, the rest to the conductor.
 */
final class Deliveries {
  private final DataDescriptor owner;
  private final Conductor conductor;
  private final DescriptorTable table;
  private final Channel channel;
  private final @Nullable GrantCalls calls;

  private final ConcurrentLinkedQueue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger arrivalCount = new AtomicInteger();
  private final Msg msg = new Msg();
  private final DoorData header = new DoorData();

  /** Errno of a pipelined send the program has not been told of. */
  private int sendError;

  private boolean closedSent;

  /** Waits for a descriptor to be had, or passed on. */
  private boolean hungry;

  /** The program wants to see the connection's end as a hang-up of its descriptor. */
  private volatile boolean hangsUp;

  /** And has been given to see it: nothing goes either way any more. */
  private boolean hungUp;

  Deliveries(
      DataDescriptor owner,
      Conductor conductor,
      DescriptorTable table,
      Channel channel,
      @Nullable GrantCalls calls) {
    this.owner = owner;
    this.conductor = conductor;
    this.table = table;
    this.channel = channel;
    this.calls = calls;
  }

  /** The end shows as a hang-up; the program never reads the CLOSED packet. Before it is used. */
  void hangsUp(boolean on) {
    hangsUp = on;
  }

  boolean hangsUp() {
    return hangsUp;
  }

  boolean isHungUp() {
    return hungUp;
  }

  /** Room in the descriptor does not help one who waits for another descriptor. */
  boolean isHungry() {
    return hungry;
  }

  boolean hasArrivalRoom() {
    return arrivalCount.get() < DoorLimits.ACCEPT_AHEAD;
  }

  /** A connection that the program is to accept. */
  void arrived(Arrival a) {
    arrivalCount.incrementAndGet();
    arrivals.add(a);
  }

  /** A packet that makes no sense is answered, and the descriptor lives on. */
  void refuse(SeqPacket l, int errno) {
    header.reset(Door.DATA_RESULT).streamId = -errno;
    trySend(l);
  }

  /** Writes what waits. @return false when the program has to read first */
  boolean flush(SeqPacket l, SockFront f) {
    if (hungUp) {
      return true;
    }
    if (!flushAnswer(l) || owner.isOver()) {
      return owner.isOver();
    }
    if (!flushResults(l, f) || !flushArrivals(l, f) || !flushMessages(l, f)) {
      return false;
    }
    if (channel.end() != 0 && !closedSent && !channel.rx().hasNext()) {
      header.reset(Door.DATA_CLOSED).streamId = channel.deathErrno();
      closedSent = trySend(l);
      hangUp(l);
      return closedSent;
    }
    return true;
  }

  /** Has the program's poll and epoll report the end. Its last close shows by the unread CLOSED. */
  private void hangUp(SeqPacket l) {
    if (closedSent && hangsUp && !owner.isOver() && !channel.listens()) {
      hungUp = true;
      l.shutdown();
      conductor.awaitEnd(l);
    }
  }

  private boolean flushAnswer(SeqPacket l) {
    byte[] answer = calls == null ? null : calls.answer();
    if (calls == null || answer == null) {
      return true;
    }
    int n = l.trySend(answer, 0, answer.length, -1);
    if (n == -Errno.EAGAIN) {
      return false;
    }
    calls.dispose();
    if (n < 0 || calls.isEnded()) {
      owner.end();
    }
    return true;
  }

  private boolean flushResults(SeqPacket l, SockFront f) {
    if (sendError == 0) {
      sendError = channel.takeSendError();
    }
    if (sendError != 0) {
      header.reset(Door.DATA_RESULT).streamId = -sendError;
      if (!trySend(l)) {
        return false;
      }
      sendError = 0;
    }
    if (channel.takeNews()) {
      header.reset(Door.DATA_NEWS);
      if (!trySend(l)) {
        channel.keepNews();
        return false;
      }
    }
    ResultRing results = channel.results();
    boolean wasFull = results.isFull();
    while (!results.isEmpty()) {
      long r = results.peek();
      header.reset(Door.DATA_RESULT).streamId = ResultRing.result(r);
      header.seq = ResultRing.seq(r);
      if (!trySend(l)) {
        return false;
      }
      results.take();
    }
    if (wasFull) {
      f.schedule();
    }
    return true;
  }

  private boolean flushArrivals(SeqPacket l, SockFront listener) {
    for (Arrival a = arrivals.peek(); a != null; a = arrivals.peek()) {
      if (!flushArrival(l, a)) {
        return false;
      }
      arrivals.poll();
      if (arrivalCount.getAndDecrement() == DoorLimits.ACCEPT_AHEAD) {
        listener.schedule();
      }
    }
    return true;
  }

  private boolean flushArrival(SeqPacket l, Arrival a) {
    SockFront f = a.descriptor.front();
    SeqPacket far = a.far;
    if (far == null) {
      try {
        far = a.descriptor.open();
        a.far = far;
      } catch (IOException e) {
        // No descriptor to be had. As in the kernel the connection waits in the backlog.
        starve();
        return false;
      }
    }
    header.reset(Door.DATA_ACCEPT).streamId = f == null ? 0 : f.cookie();
    SockAddr peer = a.peer;
    int len = peer == null ? 0 : SockAddrCodec.encode(peer, conductor.out(), Door.DATA_HEADER);
    int n = offer(l, len, far.number());
    if (n == -Errno.ETOOMANYREFS) {
      starve();
      return false;
    }
    if (hungry) {
      hungry = false;
      table.sated(owner);
    }
    if (!sent(n)) {
      return false;
    }
    far.close();
    return true;
  }

  private void starve() {
    hungry = true;
    table.starve(owner, conductor);
  }

  private boolean flushMessages(SeqPacket l, SockFront f) {
    MsgQueue rx = channel.rx();
    int budget = DoorLimits.PACKETS_PER_VISIT;
    boolean room = true;
    while (room && !owner.isOver() && rx.hasNext()) {
      if (budget-- == 0) {
        owner.wake(ChannelUser.READABLE);
        break;
      }
      DataMessages.fromMsg(rx.header(msg), header);
      byte[] out = conductor.out();
      header.write(out, 0);
      room = sent(l.trySend(out, Door.DATA_HEADER, rx.buffer(), rx.offset(), rx.length()));
      if (room) {
        rx.drop();
      }
    }
    if (channel.readerProgress()) {
      f.schedule();
    }
    return room;
  }

  /** Sends {@link #header} alone. @return false to try again later */
  private boolean trySend(SeqPacket l) {
    return sent(offer(l, 0, -1));
  }

  /** Sends the header and what was put behind it: 0 or more, or a negated errno. */
  private int offer(SeqPacket l, int len, int pass) {
    byte[] out = conductor.out();
    header.write(out, 0);
    return l.trySend(out, 0, Door.DATA_HEADER + len, pass);
  }

  private boolean sent(int n) {
    if (n < 0 && n != -Errno.EAGAIN) {
      // The program is gone; nothing more can be told.
      owner.end();
    }
    return n != -Errno.EAGAIN;
  }

  /** Nobody will read any more. */
  void drop() {
    if (hungry) {
      table.sated(owner);
    }
    dropArrivals();
  }

  void dropArrivals() {
    for (Arrival a = arrivals.poll(); a != null; a = arrivals.poll()) {
      SeqPacket far = a.far;
      if (far != null) {
        far.close();
      }
      a.descriptor.end();
    }
  }
}
