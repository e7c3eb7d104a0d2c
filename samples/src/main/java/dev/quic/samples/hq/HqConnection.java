package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.samples.OneLine;
import dev.quic.samples.StreamErrors;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one established connection: requests in, files out, streams side by side.
 */
final class HqConnection {
  /** A request line is longer than any sane path and short enough to buffer for every stream. */
  private static final int MAX_REQUEST = 8 * 1024;

  private static final int PIECE = 64 * 1024;

  private final QuicSocket sock;
  private final HqFiles files;
  private final Map<Long, Request> requests = new HashMap<>();

  /** One sender at a time; fair, so that streams take turns piece by piece. */
  private final ReentrantLock sending = new ReentrantLock(true);

  HqConnection(QuicSocket sock, HqFiles files) {
    this.sock = sock;
    this.files = files;
  }

  /** Returns when the connection is over. */
  void serve() throws IOException {
    byte[] buf = new byte[MAX_REQUEST];
    QuicMsg msg = QuicMsg.plain();
    StreamErrors.watch(sock);
    try {
      while (true) {
        msg.flags = 0;
        int n = sock.recvmsg(msg, buf, 0, buf.length);
        if (msg.isNotification()) {
          QuicEvent.StreamUpdate reset = StreamErrors.reset(buf, n);
          if (reset != null) {
            requests.remove(reset.id());
          }
        } else if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO) {
          received(msg.streamId, buf, n, msg.isFin());
        }
      }
    } catch (QuicException e) {
      // The end, or the end met by an answer that was on its way.
      if (e.errno() != Errno.ENOTCONN && e.errno() != Errno.EPIPE) {
        throw e;
      }
    }
  }

  private void received(long stream, byte[] buf, int n, boolean fin) {
    Request request = requests.computeIfAbsent(stream, id -> new Request());
    String line = request.add(buf, n, fin);
    if (fin) {
      requests.remove(stream);
    }
    if (line != null) {
      Thread.ofVirtual().name("stream").start(() -> answer(stream, line));
    }
  }

  /** A request as it comes in. */
  private static final class Request {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean complete;

    /** The request line, once: when its end, the stream's end or the limit is reached. */
    @Nullable String add(byte[] buf, int n, boolean fin) {
      if (complete) {
        return null;
      }
      int room = Math.min(n, MAX_REQUEST - bytes.size());
      bytes.write(buf, 0, room);
      String text = bytes.toString(StandardCharsets.ISO_8859_1);
      int end = text.indexOf('\n');
      complete = end >= 0 || fin || bytes.size() == MAX_REQUEST;
      return complete ? text.substring(0, end < 0 ? text.length() : end) : null;
    }
  }

  private void answer(long stream, String line) {
    try (InputStream in = Files.newInputStream(files.find(line))) {
      byte[] piece = new byte[PIECE];
      int n;
      do {
        n = in.readNBytes(piece, 0, PIECE);
        send(stream, piece, n, n < PIECE);
      } while (n == PIECE);
    } catch (QuicException e) {
      // the peer gave up on the stream, or the connection ended: serve() reports that
    } catch (IOException e) {
      System.err.println(OneLine.of(e));
      StreamErrors.abort(sock, stream, HqErrors.NOT_FOUND);
    }
  }

  private void send(long stream, byte[] piece, int len, boolean fin) throws QuicException {
    sending.lock();
    try {
      int flags = QuicUapi.MSG_QUIC_STREAM_SNDBLOCK | (fin ? QuicUapi.MSG_QUIC_STREAM_FIN : 0);
      QuicStreams.sendAll(sock, stream, flags, piece, 0, len);
    } finally {
      sending.unlock();
    }
  }
}
