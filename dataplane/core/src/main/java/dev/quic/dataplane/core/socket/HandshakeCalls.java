package dev.quic.dataplane.core.socket;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.EMSGSIZE;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.stream.RecvBuffer;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/** sendmsg and recvmsg of handshake messages: CRYPTO bytes of one level, out and in. */
final class HandshakeCalls {
  /** Handshake messages in the order a reader gets them. */
  private static final int[] HANDSHAKE_LEVELS = {Conn.INITIAL, Conn.HANDSHAKE};

  private HandshakeCalls() {}

  static int send(SockState sock, Conn c, Msg msg, byte[] buf, int off, int len) {
    int level = msg.cryptoLevel;
    if (level < 0 || level >= Conn.SPACES || !c.keys.hasTx(level)) {
      return -EINVAL;
    }
    if (len == 0) {
      return -EMSGSIZE;
    }
    Space s = c.spaces[level];
    if (s.cryptoOut.held() + len > Limits.CRYPTO_SEND_BYTES) {
      return -EAGAIN;
    }
    if (level == Conn.INITIAL && !c.server && s.cryptoIn.readOffset() > 0) {
      // An answer to the server's first flight at this level: a second ClientHello.
      c.early.onSecondHello(sock.lastTime);
    }
    s.cryptoOut.append(buf, off, len);
    sock.handshakeCorked = (msg.flags & QuicUapi.MSG_MORE) != 0;
    sock.net.touch(sock.self());
    return len;
  }

  static int receive(@Nullable Conn c, Msg msg, byte[] buf, int off, int len, boolean consume) {
    if (c == null) {
      return -EAGAIN;
    }
    if (c.versions.restartPending()) {
      if (consume) {
        c.versions.restarted();
      }
      // A message without bytes, which there is no other reason for: begin anew.
      msg.handshake(Conn.INITIAL);
      msg.flags = QuicUapi.MSG_EOR;
      return 0;
    }
    for (int level : HANDSHAKE_LEVELS) {
      RecvBuffer in = c.spaces[level].cryptoIn;
      long readable = in.readable();
      if (readable > 0) {
        int n = consume ? in.read(buf, off, len) : in.peek(buf, off, len);
        msg.handshake(level);
        msg.flags = n == readable ? QuicUapi.MSG_EOR : 0;
        return n;
      }
    }
    return -EAGAIN;
  }

  static boolean waiting(@Nullable Conn c) {
    return c != null
        && (c.versions.restartPending()
            || c.spaces[Conn.INITIAL].cryptoIn.readable() > 0
            || c.spaces[Conn.HANDSHAKE].cryptoIn.readable() > 0);
  }
}
