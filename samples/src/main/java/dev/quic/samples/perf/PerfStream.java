package dev.quic.samples.perf;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The stream of a measurement, and those beside it; blocking, one thread. */
abstract class PerfStream implements AutoCloseable {
  private static final int BUFFER = 256 * 1024;

  private final byte[] buffer = new byte[BUFFER];
  private boolean ended;
  private int from;
  private int to;

  /**
   * Sends a message.
   *
   * @param fin whether it is the last
   */
  abstract void send(byte[] message, int len, boolean fin) throws IOException;

  /** Waits for bytes. @return how many, -1 when the peer will send no more */
  abstract int receive(byte[] into) throws IOException;

  /**
   * Counts what comes on so many streams of the peer as if it were one.
   *
   * @throws IOException when there cannot be as many; the number is the peer's
   */
  void expectEnds(int streams) throws IOException {
    if (streams != 1) {
      throw new IOException("the client asks for " + streams + " streams where there is one");
    }
  }

  /** Waits until the peer has closed the connection. */
  abstract void awaitEnd() throws IOException;

  @Override
  public abstract void close() throws IOException;

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
      int n = receive(buffer);
      from = 0;
      to = Math.max(0, n);
      ended = n < 0;
    }
    return from < to;
  }
}
