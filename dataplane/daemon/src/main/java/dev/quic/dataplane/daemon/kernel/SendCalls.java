package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.ChunkPool;
import dev.quic.dataplane.daemon.front.MsgQueue;
import dev.quic.dataplane.daemon.front.ResultRing;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a consumer sends. More data of a stream that has taken some before is queued and the call
 * returns; should such a send fail, the next one on that stream reports it, or the next one at all
 * when the connection is over. A first send on a stream, one with FIN, a datagram, a handshake
 * message and every non-blocking send give the socket's own answer. Any thread.
 */
final class SendCalls {
  private final KernelSocket sock;
  private final Channel channel;
  private final Rhythm rhythm;
  private final ReentrantLock lock = new ReentrantLock();
  private final Waiter sender = new Waiter();

  // Guarded by lock.
  private final Msg msg = new Msg();
  private final OpenStreams open = new OpenStreams();
  private int lastSeq;

  SendCalls(KernelSocket sock, Channel channel, Rhythm rhythm) {
    this.sock = sock;
    this.channel = channel;
    this.rhythm = rhythm;
  }

  /** Whoever waits here is to look again. */
  void look(ShardLink link) {
    sender.signal(link);
  }

  /**
   * As {@link dev.quic.consumer.QuicSocket#sendmsg}.
   *
   * @param blocking unless the message itself says otherwise
   */
  int sendmsg(QuicMsg from, byte[] buf, int off, int len, boolean blocking) throws QuicException {
    lock.lock();
    try {
      sock.checkOpen("sendmsg");
      Messages.copy(from, msg);
      checkFailure();
      int dontWait =
          from.flags & QuicUapi.MSG_DONTWAIT
              | (from.flags | from.streamFlags) & QuicUapi.MSG_QUIC_STREAM_DONTWAIT;
      boolean wait = blocking && dontWait == 0;
      if (wait && canPipeline(msg)) {
        return pipeline(buf, off, len);
      }
      return sendAndWait(buf, off, len, wait);
    } finally {
      lock.unlock();
    }
  }

  /** Throws what an earlier send on the stream of {@link #msg} failed of, or on any. */
  private void checkFailure() throws QuicException {
    int all = open.fail(channel.takeSendFailures());
    int errno = all != 0 ? all : open.takeFailure(msg);
    if (errno != 0) {
      throw new QuicException(errno, "sendmsg");
    }
  }

  /** Whether the socket has taken data of this very stream, so that more of it is routine. */
  private boolean canPipeline(Msg m) {
    int special =
        QuicUapi.MSG_QUIC_STREAM_FIN
            | QuicUapi.MSG_QUIC_STREAM_NEW
            | QuicUapi.MSG_QUIC_STREAM_DONTWAIT
            | QuicUapi.MSG_QUIC_DATAGRAM;
    return m.cmsg == QuicUapi.QUIC_STREAM_INFO
        && open.holds(m.streamId)
        && ((m.flags | m.streamFlags) & special) == 0;
  }

  private int pipeline(byte[] buf, int off, int len) throws QuicException {
    if (len == 0) {
      throw new QuicException(Errno.EMSGSIZE, "sendmsg");
    }
    int done = 0;
    while (done < len) {
      MsgQueue tx = channel.tx();
      // What is small goes in one piece: the rest would wait for its beginning to be acknowledged.
      int least = Math.min(len - done, MsgQueue.WHOLE_BYTES);
      if (!tx.reserve(least)) {
        sock.front().schedule();
        sock.await(sender, () -> tx.reserve(least) || channel.end() == Errno.EBADF, "sendmsg");
        sock.checkOpen("sendmsg");
        checkFailure();
      }
      int n = Math.min(len - done, tx.writeRoom());
      System.arraycopy(buf, off + done, tx.writeBuffer(), tx.writeOffset(), n);
      tx.commit(msg, Channel.WAIT, 0, n);
      done += n;
      rhythm.sent(sock.front());
    }
    return done;
  }

  private int sendAndWait(byte[] buf, int off, int len, boolean wait) throws QuicException {
    Msg m = msg;
    int flags = m.flags;
    int streamFlags = m.streamFlags;
    int done = 0;
    do {
      int n = Math.min(len - done, ChunkPool.CHUNK_BYTES);
      if (done + n < len) {
        if ((flags & QuicUapi.MSG_QUIC_DATAGRAM) != 0) {
          throw new QuicException(Errno.EMSGSIZE, "sendmsg");
        }
        // The end of the stream belongs to the last piece only.
        m.flags = flags & ~QuicUapi.MSG_QUIC_STREAM_FIN;
        m.streamFlags = streamFlags & ~QuicUapi.MSG_QUIC_STREAM_FIN;
      } else {
        m.flags = flags;
        m.streamFlags = streamFlags;
      }
      if (done > 0) {
        continueMessage(m);
      }
      int result = sendPiece(m, buf, off + done, n, wait);
      if (result < 0) {
        if (done > 0) {
          break;
        }
        open.forget(m.streamId);
        throw new QuicException(-result, "sendmsg");
      }
      done += result;
      if (result < n) {
        break;
      }
    } while (done < len);
    rememberStream(flags, streamFlags);
    return done;
  }

  /** The second piece of a message opens no stream; it goes where the first one went. */
  private static void continueMessage(Msg m) {
    m.flags &= ~QuicUapi.MSG_QUIC_STREAM_NEW;
    m.streamFlags &= ~QuicUapi.MSG_QUIC_STREAM_NEW;
    if (m.cmsg == QuicUapi.QUIC_STREAM_INFO && m.streamId == -1) {
      m.cmsg = Msg.CMSG_NONE;
      m.flags |= m.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN;
    }
  }

  private void rememberStream(int flags, int streamFlags) {
    if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO || msg.streamId < 0) {
      return;
    }
    if (((flags | streamFlags) & QuicUapi.MSG_QUIC_STREAM_FIN) == 0) {
      open.add(msg.streamId);
    } else {
      open.forget(msg.streamId);
    }
  }

  private int sendPiece(Msg m, byte[] buf, int off, int len, boolean wait) throws QuicException {
    int seq = ++lastSeq;
    int kind = Channel.WANT_RESULT | (wait ? Channel.WAIT : 0);
    MsgQueue tx = channel.tx();
    if (!tx.offer(m, kind, seq, buf, off, len)) {
      if (!wait) {
        return -Errno.EAGAIN;
      }
      sock.await(sender, () -> tx.reserve(len) || channel.end() == Errno.EBADF, "sendmsg");
      sock.checkOpen("sendmsg");
      tx.offer(m, kind, seq, buf, off, len);
    }
    rhythm.sent(sock.front());
    ResultRing results = channel.results();
    while (true) {
      sock.await(sender, () -> !results.isEmpty() || channel.end() == Errno.EBADF, "sendmsg");
      if (results.isEmpty()) {
        return -Errno.EBADF;
      }
      long entry = results.take();
      if (ResultRing.seq(entry) == seq) {
        return ResultRing.result(entry);
      }
    }
  }
}
