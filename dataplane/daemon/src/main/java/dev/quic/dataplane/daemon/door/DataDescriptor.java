package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ChannelUser;
import dev.quic.dataplane.daemon.front.MsgQueue;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.door.GrantQuestions;
import dev.quic.uds.PacketBytes;
import dev.quic.uds.PacketTaker;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The data plane's end of a data descriptor or a grant. Packets are read while the channel has room
 * for another one. Packets are written while the program reads. {@link #wake} and the accept calls
 * belong to the shards, the rest to the conductor.
 */
public final class DataDescriptor implements Endpoint, ChannelUser {
  private final Conductor conductor;
  private final DescriptorTable table;
  private final Channel channel;
  private final AtomicBoolean queued = new AtomicBoolean();
  private final Msg msg = new Msg();
  private final DoorData header = new DoorData();
  private final PacketTaker taker = this::take;
  private final Deliveries deliveries;

  private volatile @Nullable SockFront front;
  private @Nullable SeqPacket line;
  private @Nullable Runnable whenEnded;

  /** A grant's own calls; null for a socket, which has its owner's control connection. */
  private final @Nullable GrantCalls calls;

  private long farInode = -1;

  private int handles;
  private boolean owned;
  private boolean reading = true;
  private boolean writing;

  /** Set by the conductor. */
  private volatile boolean over;

  /** What was read gives the shard something to do. */
  private boolean any;

  private volatile boolean behind;

  DataDescriptor(Conductor conductor, DescriptorTable table, Channel.Mode mode) {
    this.conductor = conductor;
    this.table = table;
    channel = new Channel(mode, this, table.fronts().pool());
    calls = mode == Channel.Mode.GRANT ? new GrantCalls(conductor, this) : null;
    deliveries = new Deliveries(this, conductor, table, channel, calls);
  }

  // Set-up.

  /** Gives it its socket. Shard thread. */
  void attach(SockFront f, long now) {
    front = f;
    f.attach(channel, now);
    if (over) {
      // Given up while it moved to another shard: end() met the front it had before.
      f.close(now);
    }
  }

  /**
   * Makes it the grant of a socket.
   *
   * @param released runs when the holder has closed its last copy
   * @return the holder's end, to be passed on and closed
   */
  public SeqPacket grantOf(SockFront f, Runnable released) throws IOException {
    front = f;
    SeqPacket far = open();
    whenEnded = released;
    f.link().post((net, now) -> f.attachGrant(channel, now));
    return far;
  }

  /** Lets the holder of a grant end its request by DONE as a call. After {@link #grantOf}. */
  public void endsBy(GrantEnding ending) {
    if (calls != null) {
      calls.ending(ending);
    }
  }

  /**
   * Answers what every handshake asks for at its beginning before it is asked. After {@link
   * #grantOf}.
   */
  public void answerAhead(boolean client) {
    SockFront f = front;
    if (calls != null && f != null) {
      calls.start(f, GrantQuestions.of(client), Door.AHEAD_SEQ, false, this::answered);
    }
  }

  /**
   * Makes the pair of descriptors.
   *
   * @return the program's end, to be passed on and closed
   */
  SeqPacket open() throws IOException {
    SeqPacket[] pair = SeqPacket.pair();
    SeqPacket near = pair[0];
    SeqPacket far = pair[1];
    if (calls != null) {
      // A handshake's messages fit into the buffers that the system gives.
      near.confidential();
    } else {
      near.buffers(DoorLimits.DATA_BUFFER_BYTES);
      far.buffers(DoorLimits.DATA_BUFFER_BYTES);
    }
    line = near;
    farInode = far.inode();
    table.add(farInode, this);
    conductor.watch(near, this);
    process();
    return far;
  }

  public @Nullable SockFront front() {
    return front;
  }

  boolean isOver() {
    return over;
  }

  public boolean isGrant() {
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

  /** The end shows as a hang-up; the program never reads the CLOSED packet. Before it is used. */
  void hangsUp() {
    deliveries.hangsUp(true);
  }

  // The shard.

  @Override
  public void wake(int what) {
    // What was put in is there before the look at whether it is waited for; process() has the other
    // half.
    VarHandle.fullFence();
    if (!queued.get() && queued.compareAndSet(false, true)) {
      conductor.execute(this::process);
    }
  }

  @Override
  public boolean acceptRoom() {
    return deliveries.hasArrivalRoom();
  }

  @Override
  public void accepted(Sock sock, ShardLink link, long now) {
    DataDescriptor d = new DataDescriptor(conductor, table, Channel.Mode.EAGER);
    d.deliveries.hangsUp(deliveries.hangsUp());
    d.attach(table.fronts().front(sock, link), now);
    deliveries.arrived(new Arrival(d, sock.peername()));
  }

  // The conductor: from the program to the socket.

  /** A descriptor became free. */
  void retry() {
    wake(WRITABLE);
  }

  private void process() {
    queued.set(false);
    VarHandle.fullFence();
    if (over) {
      deliveries.dropArrivals();
    } else if (line != null) {
      resume();
      writable();
    }
  }

  @Override
  public void readable() {
    SeqPacket l = line;
    SockFront f = front;
    if (l == null || f == null || over || deliveries.isHungUp()) {
      return;
    }
    // A handshake's calls come in one packet most often: what else there is the poller tells again.
    read(l, f, calls == null ? DoorLimits.PACKETS_PER_VISIT : 1);
  }

  /**
   * Reads whatever the program wrote before it made the call that is about to be carried out, or
   * closed its last descriptor.
   */
  void catchUp() {
    SeqPacket l = line;
    SockFront f = front;
    if (l != null && f != null && !over && !deliveries.isHungUp()) {
      read(l, f, DoorLimits.PACKETS_PER_CALL);
    }
    behind =
        (calls != null && calls.isUnderWay())
            || (l != null && !over && !channel.tx().hasRoom() && l.awaitReadable(0));
  }

  /** Whether {@link #catchUp} had to leave something unread or undone. Any thread. */
  boolean isBehind() {
    return behind;
  }

  private void read(SeqPacket l, SockFront f, int packets) {
    any = false;
    for (int i = 0; i < packets && !isHeldUp() && !over; i++) {
      int n = l.tryReceive(conductor.head(), taker);
      int came = l.takeDescriptor();
      if (came >= 0) {
        SeqPacket.closeDescriptor(came);
      }
      if (n == -Errno.EAGAIN) {
        break;
      }
      if (n == -Errno.EMSGSIZE) {
        deliveries.refuse(l, Errno.EMSGSIZE);
      } else if (n <= 0) {
        end();
        return;
      }
    }
    if (any) {
      f.schedule();
    }
    if (!over && isHeldUp()) {
      interest(l, false, writing);
    }
  }

  /** Whether what came must be carried out, or taken by the socket, before more is read. */
  private boolean isHeldUp() {
    return (calls != null && calls.isUnderWay()) || !channel.tx().hasRoom();
  }

  /** Hands one packet to the channel. */
  private void take(int n, PacketBytes packet) {
    SeqPacket l = line;
    SockFront f = front;
    if (l == null || f == null) {
      return;
    }
    boolean known = header.read(conductor.head(), 0, n);
    if (known && header.type == Door.DATA_CALLS && calls != null) {
      boolean quiet = (header.flags & Door.QUIET) != 0;
      byte[] in = conductor.in();
      packet.copy(0, in, 0, n);
      calls.start(f, in, n, header.seq, quiet, this::answered);
    } else if (!known || header.type != Door.DATA_SEND) {
      deliveries.refuse(l, Errno.EINVAL);
    } else if (n > Door.DATA_HEADER + Door.MAX_DATA) {
      deliveries.refuse(l, Errno.EMSGSIZE);
    } else {
      put(n - Door.DATA_HEADER, packet);
      any = true;
    }
  }

  /** Copies a message into the channel, which has room: nobody else puts anything in. */
  private void put(int len, PacketBytes packet) {
    DataMessages.toMsg(header, msg);
    boolean wantResult = (header.flags & Door.WANT_RESULT) != 0;
    // Without a result the descriptor itself is the flow control, so nothing answers EAGAIN.
    boolean now = (msg.flags & QuicUapi.MSG_DONTWAIT) != 0 && wantResult;
    int dontWait = (msg.flags | msg.streamFlags) & QuicUapi.MSG_QUIC_STREAM_DONTWAIT;
    boolean wait = !now && dontWait == 0;
    int kind = (wantResult ? Channel.WANT_RESULT : 0) | (wait ? Channel.WAIT : 0);
    MsgQueue tx = channel.tx();
    if (!tx.reserve(len)) {
      throw new IllegalStateException("no room for what was read");
    }
    packet.copy(Door.DATA_HEADER, tx.writeBuffer(), tx.writeOffset(), len);
    tx.commit(msg, kind, header.seq, len);
  }

  /** Reads again when the socket has taken enough. */
  private void resume() {
    SeqPacket l = line;
    if (!reading && l != null && !isHeldUp()) {
      readable();
      if (!isHeldUp() && !over) {
        interest(l, true, writing);
      }
    }
  }

  /** The calls of a packet have run. */
  private void answered() {
    if (over && calls != null) {
      calls.dispose();
    } else {
      writable();
    }
  }

  @Override
  public void hangup() {
    // The program is gone; a send that is unread dies with it.
    end();
  }

  @Override
  public void writable() {
    SeqPacket l = line;
    SockFront f = front;
    if (l != null && !over) {
      boolean done = f == null || deliveries.flush(l, f);
      if (!over) {
        interest(l, !isHeldUp(), !done && !deliveries.isHungry());
      }
    }
  }

  private void interest(SeqPacket l, boolean read, boolean write) {
    if (read != reading || write != writing) {
      reading = read;
      writing = write;
      conductor.interest(l, read, write);
    }
  }

  // The end.

  /** The program's last descriptor is closed, or the owner wants it: the socket or grant ends. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    SeqPacket l = line;
    if (l != null) {
      conductor.close(l);
      table.remove(farInode);
    }
    SockFront f = front;
    Runnable grantEnded = whenEnded;
    if (grantEnded != null) {
      channel.revoke();
      grantEnded.run();
    } else if (f != null) {
      f.link().post((net, now) -> f.close(now));
    }
    deliveries.drop();
  }
}
