package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One process's control connection. One packet at a time is carried out; while it is with a shard
 * nothing is read, so answers leave in the order of the questions. The conductor's thread, but for
 * {@link #runOnShard}, during which the conductor leaves the packet and the handles alone.
 */
final class ControlConnection implements Endpoint {
  private static final int ENFILE = 23;
  private static final int ESOCKTNOSUPPORT = 94;

  private final Door door;
  private final Conductor conductor;
  private final Line line;
  private final SocketCalls calls;
  private final Map<Integer, Handle> handles = new HashMap<>();

  private int lastHandle;
  private @Nullable ControlPacket packet;
  private boolean answering;
  private boolean over;

  ControlConnection(Door door, Conductor conductor, Line line, SocketCalls calls) {
    this.door = door;
    this.conductor = conductor;
    this.line = line;
    this.calls = calls;
  }

  @Override
  public void readable() {
    if (packet != null) {
      return;
    }
    ByteBuffer buf = conductor.in();
    buf.clear();
    try {
      int n = line.receive(buf);
      List<Line.Passed> came = line.takePassed();
      if (n == Line.WOULD_BLOCK) {
        return;
      }
      if (n == Line.HANG_UP) {
        came.forEach(Line.Passed::close);
        end();
        return;
      }
      byte[] bytes = new byte[n];
      buf.flip();
      buf.get(bytes);
      packet = new ControlPacket(bytes, came);
      conductor.interest(line, false, false);
      advance();
    } catch (IOException e) {
      end();
    }
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
      switch (p.op()) {
        case ControlPacket.SOCKET -> {
          if (socket(p)) {
            return;
          }
        }
        case ControlPacket.ADOPT -> p.reply(adopt(p));
        case ControlPacket.CLOSE -> p.reply(close(p.socket()));
        default -> {
          Handle h = handles.get(p.socket());
          SockFront f = h == null ? null : h.front();
          if (h == null || f == null) {
            p.reply(-Errno.EBADF);
          } else if (f.link().post((net, now) -> runOnShard(p, h, f, now))) {
            return;
          } else {
            p.reply(-Errno.EIO);
          }
        }
      }
    }
    answer(p);
  }

  /** The current request, and those after it that go to the same shard. */
  private void runOnShard(ControlPacket p, Handle first, SockFront front, long now) {
    try {
      Handle h = first;
      while (true) {
        calls.run(p, h, now);
        h = handles.get(p.nextShardSocket());
        SockFront next = h == null ? null : h.front();
        if (h == null || next == null || next.link() != front.link() || !p.advance()) {
          return;
        }
      }
    } finally {
      conductor.execute(this::advance);
    }
  }

  // Requests without a socket.

  /**
   * @return true when a shard has to make the socket first
   */
  private boolean socket(ControlPacket p) {
    if (p.length() < 12) {
      p.reply(-Errno.EINVAL);
      return false;
    }
    int family = p.u32(0);
    int type = p.u32(4);
    int refusal = refusal(family, type, p.u32(8));
    if (refusal != 0) {
      p.reply(-refusal);
      return false;
    }
    DataDescriptor d = door.descriptor(Channel.Mode.EAGER);
    Line.Passed far;
    try {
      far = d.open(null);
    } catch (IOException e) {
      p.reply(-ENFILE);
      return false;
    }
    ShardLink link = door.nextShard();
    boolean posted =
        link.post((net, now) -> {
          Sock sock = net.socket(family);
          d.attach(door.fronts().front(sock, link), now);
          conductor.execute(() -> socketMade(p, d, far));
        });
    if (!posted) {
      far.close();
      d.closeLine();
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

  private void socketMade(ControlPacket p, DataDescriptor d, Line.Passed far) {
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
    Line.Passed came = p.takePassed();
    if (came == null) {
      return -Errno.EBADF;
    }
    long inode = came.inode();
    came.close();
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

  // Answers.

  private void answer(ControlPacket p) {
    answering = true;
    writable();
  }

  @Override
  public void writable() {
    ControlPacket p = packet;
    if (p == null || !answering || over) {
      return;
    }
    try {
      if (!line.send(ByteBuffer.wrap(p.answer()), p.leaving())) {
        conductor.interest(line, false, true);
        return;
      }
      p.dispose();
      packet = null;
      answering = false;
      conductor.interest(line, true, false);
    } catch (IOException e) {
      end();
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
    if (packet != null) {
      packet.dispose();
      packet = null;
    }
    handles.values().forEach(h -> h.descriptor().removeHandle());
    handles.clear();
  }
}
