package dev.quic.simnet.peer;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;

/**
 * Sends a number of bytes and expects a number of bytes on each of some bidirectional streams the
 * client opened, and checks every byte that comes.
 */
public final class Transfer {
  private static final int CHUNK = 16_384;

  private static final class Lane {
    final long id;
    final Pattern out;
    final Pattern in;
    long sent;
    long received;
    boolean finSent;
    boolean finReceived;
    boolean open;

    Lane(long id, long seed, boolean server) {
      this.id = id;
      out = new Pattern(seed, id, server);
      in = new Pattern(seed, id, !server);
    }
  }

  private final Sock sock;
  private final boolean server;
  private final long bytesOut;
  private final long bytesIn;
  private final Lane[] lanes;
  private final byte[] buf = new byte[CHUNK];
  private final Msg msg = new Msg();
  private String failure = "";

  /**
   * @param streams how many, at least 1
   * @param bytesOut to send on each stream
   * @param bytesIn to expect on each stream
   * @param seed of the contents, the same at both ends
   */
  public Transfer(Sock sock, boolean server, int streams, long bytesOut, long bytesIn, long seed) {
    this.sock = sock;
    this.server = server;
    this.bytesOut = bytesOut;
    this.bytesIn = bytesIn;
    lanes = new Lane[streams];
    for (int i = 0; i < streams; i++) {
      lanes[i] = new Lane(4L * i, seed, server);
      lanes[i].open = !server;
    }
  }

  /** Everything was sent, and everything expected came, byte for byte, with its end. */
  public boolean done() {
    for (Lane l : lanes) {
      if (!l.finSent || !l.finReceived || l.received != bytesIn) {
        return false;
      }
    }
    return failure.isEmpty();
  }

  /** What went wrong; empty while all is well. */
  public String failure() {
    return failure;
  }

  /** Bytes received so far. */
  public long received() {
    long n = 0;
    for (Lane l : lanes) {
      n += l.received;
    }
    return n;
  }

  /** Bytes the socket took so far. */
  public long sent() {
    long n = 0;
    for (Lane l : lanes) {
      n += l.sent;
    }
    return n;
  }

  /** Goes on as far as the socket lets it. */
  public void step(long now) {
    receive(now);
    boolean progress = true;
    while (progress && failure.isEmpty()) {
      progress = false;
      for (Lane l : lanes) {
        progress |= l.open && !l.finSent && failure.isEmpty() && send(now, l);
      }
    }
  }

  private boolean send(long now, Lane l) {
    int n = (int) Math.min(CHUNK, bytesOut - l.sent);
    l.out.fill(buf, 0, n, l.sent);
    boolean last = l.sent + n == bytesOut;
    int flags = last ? QuicUapi.MSG_QUIC_STREAM_FIN : 0;
    if (!server && l.sent == 0) {
      flags |= QuicUapi.MSG_QUIC_STREAM_NEW;
    }
    int rc = sock.sendmsg(now, msg.reset().stream(l.id, flags), buf, 0, n);
    if (rc == -Errno.EAGAIN || rc == -Errno.ENOSPC) {
      return false;
    }
    if (rc < 0 || rc > n) {
      fail("sendmsg on stream " + l.id + " at " + l.sent, rc);
      return false;
    }
    l.sent += rc;
    l.finSent = last && rc == n;
    return rc > 0 || l.finSent;
  }

  private void receive(long now) {
    while (failure.isEmpty()) {
      int n = sock.recvmsg(now, msg.reset(), buf, 0, buf.length);
      if (n == -Errno.EAGAIN) {
        return;
      }
      if (n < 0) {
        if (!done()) {
          fail("recvmsg after " + received() + " bytes", n);
        }
        return;
      }
      if ((msg.flags & QuicUapi.MSG_QUIC_NOTIFICATION) != 0) {
        continue;
      }
      if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO) {
        continue; // A handshake message: a ticket.
      }
      take(n);
    }
  }

  private void take(int n) {
    int i = (int) (msg.streamId / 4);
    if (msg.streamId % 4 != 0 || i < 0 || i >= lanes.length) {
      failure = "data on stream " + msg.streamId;
      return;
    }
    Lane l = lanes[i];
    l.open = true;
    int wrong = l.in.mismatch(buf, 0, n, l.received);
    if (wrong >= 0) {
      failure = "stream " + l.id + ": wrong byte at " + (l.received + wrong);
    }
    if (l.finReceived) {
      failure = "stream " + l.id + ": data after its end";
    }
    l.received += n;
    l.finReceived = (msg.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0;
    if (l.received > bytesIn || (l.finReceived && l.received != bytesIn)) {
      failure = "stream " + l.id + ": " + l.received + " bytes in place of " + bytesIn;
    }
  }

  private void fail(String what, int negated) {
    failure = what + ": " + Errno.name(negated);
  }
}
