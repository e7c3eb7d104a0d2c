package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uds.PeerCredentials;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One process's control connection. One packet at a time is carried out; while it is with a shard
 * nothing is read, so answers leave in the order of the questions. The conductor's thread, but for
 * {@link #runOnShard}, during which the conductor leaves the packet and the handles alone.
 */
final class ControlConnection implements Endpoint {
  private static final int ESOCKTNOSUPPORT = 94;

  private final DoorServer door;
  private final Conductor conductor;
  private final SeqPacket line;
  private final int uid;
  private final int pid;
  private final SocketCalls calls;
  private final Map<Integer, Handle> handles = new HashMap<>();
  private final Move move;
  private final ViewReader views;
  private final boolean looksOnly;

  private int lastHandle;
  private @Nullable ControlPacket packet;
  private boolean answering;
  private boolean over;

  /**
   * @param looksOnly takes views and nothing else
   */
  ControlConnection(
      DoorServer door,
      Conductor conductor,
      SeqPacket line,
      PeerCredentials peer,
      SocketCalls calls,
      boolean looksOnly) {
    this.door = door;
    this.conductor = conductor;
    this.line = line;
    uid = peer.uid();
    pid = peer.pid();
    this.looksOnly = looksOnly;
    views = door.viewReader();
    this.calls = calls;
    move = new Move(door, conductor);
  }

  int uid() {
    return uid;
  }

  @Override
  public void readable() {
    if (packet != null) {
      return;
    }
    int n = line.tryReceive(conductor.in());
    if (n == -Errno.EAGAIN) {
      return;
    }
    int came = line.takeDescriptor();
    if (n == -Errno.EMSGSIZE) {
      start(new ControlPacket(null, came));
    } else if (n <= 0) {
      end();
    } else {
      ControlPacket p = new ControlPacket(DoorCall.parse(conductor.in(), n), came);
      // Among the calls may be secrets.
      Arrays.fill(conductor.in(), 0, n, (byte) 0);
      start(p);
    }
  }

  private void start(ControlPacket p) {
    packet = p;
    conductor.interest(line, false, false);
    advance();
  }

  @Override
  public void hangup() {
    end();
  }

  /** Carries on with the packet until a shard has to, or it is answered. */
  private void advance() {
    ControlPacket p = packet;
    if (p == null) {
      return;
    }
    if (over) {
      release();
      return;
    }
    while (p.advance()) {
      if (looksOnly && p.call().op() != Door.OP_PROC) {
        p.reply(-Errno.EPERM);
        continue;
      }
      switch (p.call().op()) {
        case Door.OP_PROC -> {
          if (!views.read(p, this::advance)) {
            return;
          }
        }
        case Door.OP_SOCKET -> {
          if (socket(p)) {
            return;
          }
        }
        case Door.OP_ADOPT -> p.reply(adopt(p));
        case Door.OP_CLOSE -> p.reply(close(p.call().value()));
        case Door.OP_FORGET -> {
          if (forget(p)) {
            return;
          }
        }
        default -> {
          Handle h = handles.get(p.call().value());
          SockFront f = h == null ? null : h.front();
          if (h == null || f == null) {
            p.reply(-Errno.EBADF);
            break;
          }
          // What the program wrote before it called belongs before the call.
          h.descriptor().catchUp();
          if (post(p, h, f)) {
            return;
          } else {
            p.reply(-Errno.EIO);
          }
        }
      }
    }
    answer();
  }

  private boolean post(ControlPacket p, Handle h, SockFront f) {
    ShardLink home = move.needed(p.call(), h, f);
    if (home != null) {
      return move.to(home, h, f, (front, now) -> runOnShard(p, h, front, now));
    }
    return f.link().post((net, now) -> runOnShard(p, h, f, now));
  }

  /** The current request, and those after it that go to the same shard. */
  private void runOnShard(ControlPacket p, Handle first, SockFront front, long now) {
    try {
      Handle h = first;
      while (true) {
        calls.run(p, h, now);
        h = handles.get(p.nextShardSocket());
        SockFront next = h == null ? null : h.front();
        if (h == null
            || next == null
            || next.link().index() != front.link().index()
            || p.nextBinds()
            || !p.advance()) {
          return;
        }
      }
    } finally {
      Runnable carryOn = () -> conductor.execute(this::advance);
      if (p.call().op() == Door.OP_SETSOCKOPT || p.call().op() == Door.OP_SHUTDOWN) {
        front.link().settled(carryOn);
      } else {
        carryOn.run();
      }
    }
  }

  // Requests without a socket.

  /**
   * @return true when a shard has to make the socket first
   */
  private boolean socket(ControlPacket p) {
    DoorCall c = p.call();
    // The answer has room for one descriptor.
    if (!c.hasNumbers(3) || p.passes()) {
      p.reply(-Errno.EINVAL);
      return false;
    }
    int family = c.number(0);
    int type = c.number(1);
    int refusal = refusal(family, type, c.number(2));
    if (refusal != 0) {
      p.reply(-refusal);
      return false;
    }
    DataDescriptor d = door.descriptor(Channel.Mode.EAGER);
    if (c.hasNumbers(4) && (c.number(3) & Door.SOCKET_HANGS_UP) != 0) {
      d.hangsUp();
    }
    SeqPacket far;
    try {
      far = d.open();
    } catch (IOException e) {
      door.outOfDescriptors();
      p.reply(-Errno.ENFILE);
      return false;
    }
    ShardLink link = door.nextShard();
    boolean posted =
        link.post((net, now) -> {
          Sock sock = net.socket(family);
          sock.maker(uid, pid);
          sock.ofType(type);
          d.attach(door.fronts().front(sock, link), now);
          conductor.execute(() -> socketMade(p, d, far));
        });
    if (!posted) {
      far.close();
      d.end();
      p.reply(-Errno.EIO);
    }
    return posted;
  }

  private int refusal(int family, int type, int protocol) {
    if (family != QuicUapi.AF_INET && family != QuicUapi.AF_INET6) {
      return Errno.EAFNOSUPPORT;
    }
    if (type != QuicUapi.SOCK_STREAM && type != QuicUapi.SOCK_DGRAM) {
      return ESOCKTNOSUPPORT;
    }
    if (protocol != QuicUapi.IPPROTO_QUIC) {
      return Errno.EPROTONOSUPPORT;
    }
    return handles.size() >= DoorLimits.SOCKETS_PER_PROCESS ? Errno.EMFILE : 0;
  }

  private void socketMade(ControlPacket p, DataDescriptor d, SeqPacket far) {
    p.pass(far);
    p.reply(remember(d));
    advance();
  }

  private int remember(DataDescriptor d) {
    int handle = ++lastHandle;
    handles.put(handle, new Handle(d, d.addHandle()));
    return handle;
  }

  private int adopt(ControlPacket p) {
    int came = p.takeDescriptor();
    if (came < 0) {
      return -Errno.EBADF;
    }
    long inode = SeqPacket.inode(came);
    SeqPacket.closeDescriptor(came);
    DataDescriptor d = door.find(inode);
    if (d == null) {
      return -Errno.ENOTSOCK;
    }
    return handles.size() >= DoorLimits.SOCKETS_PER_PROCESS ? -Errno.EMFILE : remember(d);
  }

  private int close(int handle) {
    Handle h = handles.remove(handle);
    if (h == null) {
      return -Errno.EBADF;
    }
    boolean last = h.descriptor().removeHandle();
    if (h.owner() && last) {
      h.descriptor().end();
    }
    return 0;
  }

  /**
   * @return true when a shard has to close the socket first
   */
  private boolean forget(ControlPacket p) {
    Handle h = handles.remove(p.call().value());
    if (h == null) {
      p.reply(-Errno.EBADF);
      return false;
    }
    DataDescriptor d = h.descriptor();
    d.removeHandle();
    // Reads up to the end, if the program's last descriptor is closed.
    d.catchUp();
    SockFront f = d.front();
    boolean ending =
        f != null
            && d.isOver()
            && f.link().post((net, now) -> conductor.execute(() -> forgotten(p)));
    if (!ending) {
      p.reply(0);
    }
    return ending;
  }

  private void forgotten(ControlPacket p) {
    p.reply(0);
    advance();
  }

  // Answers.

  private void answer() {
    answering = true;
    writable();
  }

  @Override
  public void writable() {
    ControlPacket p = packet;
    if (p == null || !answering || over) {
      return;
    }
    byte[] answer = p.answer();
    int n = line.trySend(answer, 0, answer.length, p.passing());
    if (n == -Errno.EAGAIN) {
      conductor.interest(line, false, true);
    } else if (n == -Errno.ETOOMANYREFS) {
      conductor.later(this::writable);
    } else if (n < 0) {
      end();
    } else {
      p.dispose();
      packet = null;
      answering = false;
      conductor.interest(line, true, false);
    }
  }

  /** The process is gone, or closed its connection; its sockets end with their descriptors. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    conductor.forget(line);
    line.close();
    if (packet == null || answering) {
      release();
    }
    door.gone(this);
  }

  /** Gives everything back; not while a shard has the packet. */
  private void release() {
    views.drop();
    if (packet != null) {
      packet.dispose();
      packet = null;
    }
    handles.values().forEach(h -> h.descriptor().removeHandle());
    handles.clear();
  }
}
