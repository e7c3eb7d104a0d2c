package dev.quic.consumer.connection;

import dev.quic.consumer.QuicException;
import dev.quic.uapi.Errno;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a {@link QuicConnection}. Any thread, virtual ones included; one reader and one
 * writer at a time.
 *
 * <p>Reads and writes block. A deadline ({@link #setReadTimeout}, {@link #setWriteTimeout}) ends
 * the one operation with {@link SocketTimeoutException}, an interrupt with {@link
 * java.io.InterruptedIOException} and the thread's status set; the stream stays usable after both,
 * and nothing is lost of what comes in. {@link SocketTimeoutException#bytesTransferred} of a write
 * tells how much was taken. Only {@link #channel} is closed by an interrupt, as every interruptible
 * channel is.
 */
public final class QuicStream implements Closeable {
  /** How long a notification that was sent before an answer may come behind it. */
  private static final Duration NOTIFICATION = Duration.ofSeconds(1);

  private final QuicConnection connection;
  private final long id;
  private final StreamInput input = new StreamInput();
  private final Output output = new Output();
  private final Input inputStream = new Input();
  private volatile Duration readTimeout = Duration.ZERO;
  private volatile Duration writeTimeout = Duration.ZERO;

  // Guarded by the connection's lock.
  private boolean readable;
  private boolean writable;
  private @Nullable StreamResetException stopped;

  QuicStream(QuicConnection connection, long id, boolean readable, boolean writable) {
    this.connection = connection;
    this.id = id;
    this.readable = readable;
    this.writable = writable;
  }

  /** Its number: bit 0 set when the server opened it, bit 1 when it is unidirectional. */
  public long id() {
    return id;
  }

  public boolean isBidirectional() {
    return (id & 2) == 0;
  }

  public QuicConnection connection() {
    return connection;
  }

  /**
   * Bytes of the peer; -1 is its end of the stream.
   *
   * @throws IllegalStateException for a stream that only sends
   */
  public InputStream inputStream() {
    if (!connection.receives(id)) {
      throw new IllegalStateException("stream " + id + " only sends");
    }
    return inputStream;
  }

  /**
   * Bytes to the peer; closing it ends the stream in this direction (FIN). Not buffered: wrap it
   * for small writes. Once the peer has asked to stop (STOP_SENDING) a write throws {@link
   * StreamResetException}, and closing does nothing.
   *
   * @throws IllegalStateException for a stream that only receives
   */
  public OutputStream outputStream() {
    if (!connection.sends(id)) {
      throw new IllegalStateException("stream " + id + " only receives");
    }
    return output;
  }

  /** Both directions as a blocking channel, which an interrupt closes. */
  public ByteChannel channel() {
    return new StreamChannel(this);
  }

  /** Longest wait of a read; zero, the default, for ever. */
  public void setReadTimeout(Duration limit) {
    readTimeout = limit;
  }

  /**
   * Longest wait of a write for the peer's credit and room to send; zero for ever. A write that
   * came to its deadline leaves up to 256 of the bytes it counts in the data plane, which go before
   * all others when there is credit.
   */
  public void setWriteTimeout(Duration limit) {
    writeTimeout = limit;
  }

  /**
   * Gives up sending (RESET_STREAM); what was written may never arrive.
   *
   * @param code for the peer, 0 to 2^32 - 1
   */
  public void reset(long code) throws IOException {
    if (endOutput()) {
      connection.reset(id, code, true);
    }
  }

  /** Asks the peer to stop sending (STOP_SENDING); what it sends is dropped from now on. */
  public void stopSending(long code) throws IOException {
    connection.incoming().lock().lock();
    boolean stop;
    try {
      stop = readable && !input.finished();
      readable = false;
      long before = input.held();
      input.discard();
      connection.incoming().consumed(before - input.held());
      connection.incoming().settle(this);
    } finally {
      connection.incoming().lock().unlock();
    }
    if (stop) {
      connection.reset(id, code, false);
    }
  }

  /** Ends the output (FIN) and asks the peer to stop, if it has not come to its end. */
  @Override
  public void close() throws IOException {
    try {
      if (connection.sends(id)) {
        output.close();
      }
    } finally {
      if (connection.receives(id) && !connection.isClosed()) {
        stopSending(0);
      }
    }
  }

  /** With the lock held. */
  StreamInput input() {
    return input;
  }

  /** With the lock held: the peer wants nothing more, or we gave up. */
  void stopped(StreamResetException why) {
    if (writable) {
      stopped = why;
    }
    writable = false;
  }

  /** With the lock held: nothing can happen on it any more. */
  boolean isOver() {
    return !writable && (!connection.receives(id) || input.finished());
  }

  private boolean endOutput() {
    connection.incoming().lock().lock();
    try {
      boolean was = writable;
      writable = false;
      connection.incoming().settle(this);
      return was;
    } finally {
      connection.incoming().lock().unlock();
    }
  }

  /**
   * Reads what is there, waiting for the first byte.
   *
   * @return -1 at the end
   */
  int read(byte[] out, int off, int len) throws IOException {
    if (len == 0) {
      return 0;
    }
    Incoming in = connection.incoming();
    long deadline = Patience.deadline(readTimeout);
    in.lock().lock();
    try {
      if (!in.await(() -> input.readable() || !readable, deadline, "read")) {
        throw new SocketTimeoutException("read of stream " + id + " timed out");
      }
      if (!readable) {
        throw new IOException("stream " + id + " is closed");
      }
      long before = input.held();
      int n = input.read(out, off, len);
      in.consumed(before - input.held());
      if (n > 0) {
        return n;
      }
      StreamResetException reset = input.reset();
      if (reset != null) {
        throw reset;
      }
      IOException over = in.over();
      if (!input.finished() && over != null) {
        throw over;
      }
      return -1;
    } finally {
      in.lock().unlock();
    }
  }

  /** Sends all of it. */
  void write(byte[] buf, int off, int len, boolean fin) throws IOException {
    connection.incoming().lock().lock();
    try {
      StreamResetException why = stopped;
      if (why != null) {
        throw why;
      }
      if (!writable) {
        throw new IOException("stream " + id + " is closed for sending");
      }
    } finally {
      connection.incoming().lock().unlock();
    }
    try {
      connection.send(id, buf, off, len, fin, Patience.deadline(writeTimeout));
    } catch (QuicException e) {
      boolean gone = e.errno() == Errno.EINVAL || e.errno() == Errno.ENOSTR;
      throw gone ? whyGone(e) : e;
    }
  }

  /**
   * What the data plane meant that has ended the stream before we read of it: its notification lies
   * behind what else has come.
   */
  private IOException whyGone(QuicException e) throws IOException {
    Incoming in = connection.incoming();
    in.lock().lock();
    try {
      var unused = in.await(() -> stopped != null, Patience.deadline(NOTIFICATION), "write");
      IOException why = stopped == null ? in.over() : stopped;
      return why == null ? e : why;
    } finally {
      in.lock().unlock();
    }
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return QuicStream.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      java.util.Objects.checkFromIndexSize(off, len, b.length);
      return QuicStream.this.read(b, off, len);
    }

    @Override
    public int available() {
      connection.incoming().lock().lock();
      try {
        return (int) Math.min(Integer.MAX_VALUE, input.available());
      } finally {
        connection.incoming().lock().unlock();
      }
    }

    @Override
    public void close() throws IOException {
      if (!connection.isClosed()) {
        stopSending(0);
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
      java.util.Objects.checkFromIndexSize(off, len, b.length);
      if (len > 0) {
        QuicStream.this.write(b, off, len, false);
      }
    }

    @Override
    public void close() throws IOException {
      boolean ends;
      connection.incoming().lock().lock();
      try {
        ends = writable && connection.incoming().over() == null;
      } finally {
        connection.incoming().lock().unlock();
      }
      if (ends) {
        try {
          QuicStream.this.write(new byte[0], 0, 0, true);
        } catch (StreamResetException e) {
          // The peer has stopped it: there is nobody to tell of the end.
          return;
        }
        endOutput();
      }
    }
  }

  @Override
  public String toString() {
    return "stream " + id;
  }
}
