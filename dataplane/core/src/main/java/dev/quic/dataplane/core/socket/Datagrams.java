package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Unreliable datagrams, RFC 9221: two bounded queues of whole messages. */
final class Datagrams {
  /** Room a packet leaves for one: what header, number, tag and frame header take at most. */
  private static final int PACKET_OVERHEAD = 1 + Limits.CONN_ID_BYTES + 4 + 16 + 1 + 4;

  private final SockState sock;
  private final ArrayDeque<byte[]> out = new ArrayDeque<>(1);
  private final ArrayDeque<byte[]> in = new ArrayDeque<>(1);
  private int outBytes;
  private int inBytes;
  private int headRead;

  Datagrams(SockState sock) {
    this.sock = sock;
  }

  /** sendmsg with MSG_QUIC_DATAGRAM. */
  int send(Conn c, byte[] buf, int off, int len) {
    TransportParams peer = c.remote;
    if (peer == null || peer.maxDatagramFrameSize == 0) {
      return -Errno.EINVAL;
    }
    if (len == 0 || len + 5 > peer.maxDatagramFrameSize) {
      return -Errno.EMSGSIZE;
    }
    boolean unfit = len + PACKET_OVERHEAD > c.mtu();
    if (unfit && !c.watch.mtuMayReach(len + PACKET_OVERHEAD)) {
      return -Errno.EMSGSIZE;
    }
    if (unfit || outBytes + len > Limits.DATAGRAM_SEND_BYTES) {
      sock.blocked();
      return -Errno.EAGAIN;
    }
    out.add(Arrays.copyOfRange(buf, off, off + len));
    outBytes += len;
    return len;
  }

  boolean sendPending() {
    return !out.isEmpty();
  }

  /** Writes as many as fit. They are never repeated (RFC 9221 section 5.2). */
  void write(Writer w) {
    byte[] d;
    while ((d = out.peek()) != null) {
      boolean fits = w.remaining() >= d.length + 5;
      // One that will never fit: the path shrank under it.
      boolean lost = !fits && d.length + PACKET_OVERHEAD > sock.mtu();
      if (!fits && !lost) {
        return;
      }
      if (fits) {
        FrameWriter.datagram(w, d);
      }
      out.poll();
      outBytes -= d.length;
      sock.unblocked();
    }
  }

  /** A DATAGRAM frame came in: 0 or a transport error code. */
  int receive(Frame f, byte[] buf) {
    long limit = sock.settings().local.maxDatagramFrameSize;
    if (limit == 0 || f.size > limit) {
      // RFC 9221 section 3.
      return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
    }
    if (in.size() >= Limits.DATAGRAMS || inBytes + f.dataLen > Limits.DATAGRAM_RECV_BYTES) {
      sock.net().count(Mib.FRM_RCV_BUF_DROP, 1);
      return 0;
    }
    in.add(Arrays.copyOfRange(buf, f.dataOff, f.dataOff + f.dataLen));
    inBytes += f.dataLen;
    sock.readable();
    return 0;
  }

  boolean readable() {
    return !in.isEmpty();
  }

  int unread() {
    return inBytes;
  }

  /** recvmsg of one datagram, or a part of it. */
  int read(Msg msg, byte[] buf, int off, int len, boolean consume) {
    byte @Nullable [] head = in.peek();
    if (head == null) {
      return -Errno.EAGAIN;
    }
    int n = Math.min(len, head.length - headRead);
    System.arraycopy(head, headRead, buf, off, n);
    msg.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    if (headRead + n == head.length) {
      msg.flags |= QuicUapi.MSG_EOR;
    }
    if (consume) {
      headRead += n;
      if (headRead == head.length) {
        in.poll();
        inBytes -= head.length;
        headRead = 0;
      }
    }
    return n;
  }
}
