package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.EMSGSIZE;
import static dev.quic.uapi.Errno.ENOSPC;
import static dev.quic.uapi.Errno.ENOSTR;

import dev.quic.dataplane.core.stream.Stream;
import dev.quic.dataplane.core.stream.StreamId;
import dev.quic.uapi.QuicUapi;

/** The stream side of sendmsg, recvmsg and the stream options, with the kernel's errnos. */
final class StreamCalls {
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;
  private static final int UNI = QuicUapi.MSG_QUIC_STREAM_UNI;
  private static final int SNDBLOCK = QuicUapi.MSG_QUIC_STREAM_SNDBLOCK;
  private static final int STREAM_FLAGS =
      NEW | FIN | UNI | SNDBLOCK | QuicUapi.MSG_QUIC_STREAM_DONTWAIT;

  private final QuicSock sock;

  /** The stream of calls without one: opened last by us, or last bidirectional one of the peer. */
  private long active = -1;

  StreamCalls(QuicSock sock) {
    this.sock = sock;
  }

  /** Whether a message's control part is one that a QUIC socket knows. */
  static boolean validControl(Msg msg) {
    return switch (msg.cmsg) {
      case Msg.CMSG_NONE, QuicUapi.QUIC_HANDSHAKE_INFO -> true;
      case QuicUapi.QUIC_STREAM_INFO -> (msg.streamFlags & ~STREAM_FLAGS) == 0;
      default -> false;
    };
  }

  void onPeerOpened(Stream s) {
    if (!StreamId.isUni(s.id())) {
      active = s.id();
    }
  }

  /** The peer stopped a stream: calls without one go to another. */
  void onStopped(long id) {
    active = active == id ? -1 : active;
  }

  /** sendmsg on a stream. */
  int send(Conn c, Msg msg, byte[] buf, int off, int len) {
    boolean cmsg = msg.cmsg == QuicUapi.QUIC_STREAM_INFO;
    int flags = cmsg ? msg.streamFlags | msg.flags & FIN : msg.flags;
    boolean fin = (flags & FIN) != 0;
    if (len == 0 && !fin) {
      return -EMSGSIZE;
    }
    long id = cmsg ? msg.streamId : -1;
    if (id < 0) {
      id = active;
      if (id < 0) {
        id = c.streams.nextId((flags & UNI) != 0);
        flags |= NEW;
      }
    }
    int r = usable(c, id, flags);
    if (r != 0) {
      return r;
    }
    Stream s = c.streams.get(id);
    return s == null ? -ENOSTR : write(c, s, msg, buf, off, len, flags);
  }

  /** Finds or opens the stream to send on: 0 or a negated errno. */
  private int usable(Conn c, long id, int flags) {
    Stream s = c.streams.get(id);
    boolean isNew = (flags & NEW) != 0;
    if (s == null) {
      if (c.streams.wasOpened(id)) {
        return -ENOSTR;
      }
      return isNew ? open(c, id, flags) : -EINVAL;
    }
    if (!s.canSend() || isNew && s.sendState() != QuicUapi.QUIC_STREAM_SEND_STATE_READY) {
      return -EINVAL;
    }
    if (s.sendState() < QuicUapi.QUIC_STREAM_SEND_STATE_SENT) {
      return 0;
    }
    // The kernel has forgotten a stream that its peer stopped by the time a program notices.
    return s.stopped() && s.recvDone() ? -ENOSTR : -EINVAL;
  }

  private int open(Conn c, long id, int flags) {
    if (!c.streams.isOurs(id)) {
      return -EINVAL;
    }
    int r = c.streams.open(id);
    if (r == -EAGAIN) {
      if (!c.life.complete()) {
        return -EINVAL;
      }
      if ((flags & SNDBLOCK) != 0) {
        boolean uni = StreamId.isUni(id);
        c.flow.owed |= uni ? Flow.OWES_STREAMS_BLOCKED_UNI : Flow.OWES_STREAMS_BLOCKED_BIDI;
        c.net.touch(sock);
      }
      sock.blocked();
      return r;
    }
    if (r == 0) {
      active = id;
      c.sink.streamOpened(sock.lastTime(), c.cookie, id, true);
    }
    return r;
  }

  private int write(Conn c, Stream s, Msg msg, byte[] buf, int off, int len, int flags) {
    boolean cmsg = msg.cmsg == QuicUapi.QUIC_STREAM_INFO;
    boolean fin = (flags & FIN) != 0;
    long credit = Math.min(s.sendCredit(), c.flow.credit());
    long room = c.flow.room();
    int n = (int) Math.min(len, Math.min(credit, room));
    if (n == 0 && len > 0) {
      sock.blocked();
      blockedFrames(c, s, flags);
      return credit > 0 || !cmsg ? -EAGAIN : -ENOSPC;
    }
    if (n < len) {
      blockedFrames(c, s, flags);
      sock.blocked();
    }
    boolean ends = fin && n == len;
    s.write(buf, off, n, ends, msg.lease);
    c.flow.onWritten(n);
    c.flow.enqueue(s);
    if (ends && active == s.id()) {
      active = -1;
    }
    c.flow.corked = (flags & QuicUapi.MSG_MORE) != 0 && !ends;
    c.net.touch(sock);
    return n;
  }

  private void blockedFrames(Conn c, Stream s, int flags) {
    if ((flags & SNDBLOCK) == 0) {
      return;
    }
    if (s.sendCredit() == 0) {
      c.flow.owe(s, Stream.OWES_BLOCKED);
    } else if (c.flow.credit() == 0) {
      c.flow.owed |= Flow.OWES_BLOCKED;
    }
    c.net.touch(sock);
  }

  /** recvmsg of stream data. */
  int receive(Conn c, Msg msg, byte[] buf, int off, int len, boolean consume) {
    Stream s = c.flow.reading.head();
    if (s == null) {
      return -EAGAIN;
    }
    int n = consume ? s.in().read(buf, off, len) : s.in().peek(buf, off, len);
    boolean all = consume ? s.readable() == 0 : n == s.readable();
    boolean fin = all && s.recvState() == QuicUapi.QUIC_STREAM_RECV_STATE_RECVD;
    msg.stream(s.id(), fin ? FIN : 0);
    msg.flags = 0;
    if (consume) {
      c.flow.onRead(s, n);
      if (fin) {
        s.onEndRead();
      }
      if (all) {
        c.flow.reading.remove(s);
      }
      if (fin) {
        c.flow.reclaim(s);
      }
      if (c.flow.owed != 0 || !c.flow.control.isEmpty()) {
        c.net.touch(sock);
      }
    }
    return n;
  }

  /** The STREAM_OPEN option: the id opened, or a negated errno. */
  long openOption(Conn c, long wanted, int flags) {
    if ((flags & ~(NEW | UNI | QuicUapi.MSG_QUIC_STREAM_DONTWAIT | SNDBLOCK)) != 0) {
      return -EINVAL;
    }
    long id = wanted < 0 ? c.streams.nextId((flags & UNI) != 0) : wanted;
    Stream s = c.streams.get(id);
    if (s != null && s.sendState() != QuicUapi.QUIC_STREAM_SEND_STATE_READY) {
      return -EINVAL;
    }
    if (s == null && c.streams.wasOpened(id)) {
      return -ENOSTR;
    }
    int r = open(c, id, flags);
    s = c.streams.get(id);
    if (r == 0 && s != null) {
      s.startSending();
    }
    return r == 0 ? id : r;
  }

  /** The STREAM_RESET option. */
  int reset(Conn c, long id, long error) {
    Stream s = c.streams.get(id);
    if (s == null) {
      return c.streams.wasOpened(id) && id >= 0 ? -ENOSTR : -EINVAL;
    }
    if (!s.reset(error)) {
      return -EINVAL;
    }
    c.flow.onReset(s);
    c.flow.control.add(s);
    if (active == id) {
      active = -1;
    }
    c.net.touch(sock);
    return 0;
  }

  /** The STREAM_STOP_SENDING option. */
  int stopSending(Conn c, long id, long error) {
    Stream s = c.streams.get(id);
    if (s == null) {
      return c.streams.wasOpened(id) && id >= 0 ? -ENOSTR : -EINVAL;
    }
    if (!s.canRecv() || s.recvState() >= QuicUapi.QUIC_STREAM_RECV_STATE_RECVD) {
      return -EINVAL;
    }
    if (s.stopSent()) {
      return -EAGAIN;
    }
    s.stop(error);
    c.flow.control.add(s);
    c.net.touch(sock);
    return 0;
  }
}
