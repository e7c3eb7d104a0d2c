package dev.quic.samples.perf;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The stream of a measurement, and those beside it; blocking, one thread. */
final class PerfStream {
  private static final int BUFFER = 256 * 1024;

  private final QuicSocket sock;
  private final QuicMsg in = QuicMsg.plain();
  private final byte[] buffer = new byte[BUFFER];
  private boolean opened;
  private boolean ended;
  private int ends = 1;
  private int from;
  private int to;

  /**
   * @param opens true for the client, which opens the stream by its first message
   */
  PerfStream(QuicSocket sock, boolean opens) {
    this.sock = sock;
    this.opened = !opens;
  }

  /** Counts what comes on so many streams of the peer as if it were one. */
  void expectEnds(int streams) {
    ends = streams;
  }

  void send(byte[] message, int len, boolean fin) throws IOException {
    int flags =
        (opened ? 0 : QuicUapi.MSG_QUIC_STREAM_NEW) | (fin ? QuicUapi.MSG_QUIC_STREAM_FIN : 0);
    QuicStreams.sendAll(sock, 0, flags, message, 0, len);
    opened = true;
  }

  void sendText(String text, boolean fin) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    send(bytes, bytes.length, fin);
  }

  /** Takes what is there, at most {@code max} bytes; waits for at least one; -1 at the end. */
  int skip(int max) throws IOException {
    if (!fill()) {
      return -1;
    }
    int n = Math.min(max, to - from);
    from += n;
    return n;
  }

  /** Takes exactly {@code len} bytes. @return false when the stream ended before the first */
  boolean skipAll(int len) throws IOException {
    int left = len;
    while (left > 0) {
      int n = skip(left);
      if (n < 0) {
        if (left == len) {
          return false;
        }
        throw new EOFException("the stream ended within a message");
      }
      left -= n;
    }
    return true;
  }

  /** A line, without its newline; the end of the stream ends it too. */
  String readLine(int max) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < max && fill()) {
      char c = (char) (buffer[from++] & 0x7f);
      if (c == '\n') {
        break;
      }
      line.append(c);
    }
    return line.toString();
  }

  private boolean fill() throws IOException {
    while (from == to && !ended) {
      in.flags = 0;
      int n = sock.recvmsg(in, buffer, 0, buffer.length);
      if (in.cmsg == QuicUapi.QUIC_STREAM_INFO) {
        from = 0;
        to = n;
        ends -= in.isFin() ? 1 : 0;
        ended = ends == 0;
      }
    }
    return from < to;
  }

  /** Waits until the peer has closed the connection. */
  void awaitEnd() throws IOException {
    try {
      while (true) {
        in.flags = 0;
        sock.recvmsg(in, buffer, 0, buffer.length);
      }
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN) {
        throw e;
      }
    }
  }
}
