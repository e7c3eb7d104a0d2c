package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.daemon.front.ChunkPool;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.Timeval;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Calls of a consumer that ask the socket itself and, refused for lack of credit, ask again when
 * there is news of it. Any thread.
 */
final class PatientCalls {
  private final KernelSocket sock;
  private final Credit credit;

  PatientCalls(KernelSocket sock, Credit credit) {
    this.sock = sock;
    this.credit = credit;
  }

  /** As {@link dev.quic.consumer.QuicSocket#sendBefore}. */
  int sendBefore(QuicMsg msg, byte[] buf, int off, int len, long deadline) throws QuicException {
    if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO || msg.streamId < 0) {
      throw new QuicException(Errno.EINVAL, "sendmsg with a deadline");
    }
    int done = 0;
    try {
      while (true) {
        long seen = credit.news();
        int n = Math.min(len - done, ChunkPool.CHUNK_BYTES);
        byte[] piece = Arrays.copyOfRange(buf, off + done, off + done + n);
        int taken = sendNow(msg, piece, n < len - done);
        done += Math.max(taken, 0);
        if (taken >= 0 && done == len) {
          return done;
        }
        if (taken < n && !credit.await(seen, deadline, "sendmsg")) {
          throw new QuicException(Errno.EAGAIN, "sendmsg");
        }
      }
    } catch (QuicException e) {
      if (done == 0) {
        throw e;
      }
      return done;
    }
  }

  /** Behind what was sent before. Negative when there is neither credit nor room. */
  private int sendNow(QuicMsg msg, byte[] bytes, boolean more) throws QuicException {
    Msg m = new Msg();
    Messages.copy(msg, m);
    if (more) {
      m.flags &= ~QuicUapi.MSG_QUIC_STREAM_FIN;
      m.streamFlags &= ~QuicUapi.MSG_QUIC_STREAM_FIN;
    }
    AtomicBoolean claimed = new AtomicBoolean();
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    try {
      sock.call(
          "sendmsg",
          (s, now) -> {
            if (claimed.compareAndSet(false, true)) {
              int held = sock.front().settle(m, now);
              answer.complete(held < 0 ? held : s.sendmsg(now, m, bytes, 0, bytes.length));
            }
            return 0;
          });
    } catch (QuicException e) {
      // Interrupted: either it will not happen any more, or it is known what came of it.
      if (e.errno() != Errno.EINTR || claimed.compareAndSet(false, true)) {
        throw e;
      }
    }
    int n = answer.join();
    if (n < 0 && n != -Errno.EAGAIN && n != -Errno.ENOSPC) {
      throw new QuicException(-n, "sendmsg");
    }
    return n;
  }

  /** STREAM_OPEN: waits, as the kernel does, until the peer allows another, or SO_SNDTIMEO. */
  byte[] openStream(byte[] in, int max, boolean blocking) throws QuicException {
    // A shard that waited for itself would do so for ever.
    boolean wait = blocking && !Messages.dontWait(in) && !sock.front().link().onThread();
    long begun = System.nanoTime();
    while (true) {
      long seen = credit.news();
      try {
        return sock.ask(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, in, max);
      } catch (QuicException e) {
        if (e.errno() != Errno.EAGAIN || !wait) {
          throw e;
        }
      }
      if (!credit.await(seen, patience().deadline(begun), "STREAM_OPEN")) {
        throw new QuicException(Errno.EAGAIN, "STREAM_OPEN");
      }
    }
  }

  private Timeval patience() throws QuicException {
    int size = Timeval.SIZE;
    return Timeval.decode(sock.ask(QuicUapi.SOL_SOCKET, QuicUapi.SO_SNDTIMEO, new byte[0], size));
  }
}
