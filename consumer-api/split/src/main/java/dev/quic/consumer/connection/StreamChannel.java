package dev.quic.consumer.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A stream as a blocking, interruptible channel. */
final class StreamChannel implements ByteChannel, java.nio.channels.InterruptibleChannel {
  private static final int PIECE = 1 << 16;

  private final QuicStream stream;
  private final AtomicBoolean closed = new AtomicBoolean();

  StreamChannel(QuicStream stream) {
    this.stream = stream;
  }

  @Override
  public int read(ByteBuffer dst) throws IOException {
    check();
    byte[] piece = new byte[Math.min(PIECE, dst.remaining())];
    int n;
    try {
      n = stream.read(piece, 0, piece.length);
    } catch (InterruptedIOException e) {
      throw interrupted(e);
    }
    if (n > 0) {
      dst.put(piece, 0, n);
    }
    return n;
  }

  @Override
  public int write(ByteBuffer src) throws IOException {
    check();
    int total = 0;
    while (src.hasRemaining()) {
      byte[] piece = new byte[Math.min(PIECE, src.remaining())];
      src.get(src.position(), piece);
      try {
        stream.write(piece, 0, piece.length, false);
      } catch (InterruptedIOException e) {
        src.position(src.position() + Math.min(piece.length, e.bytesTransferred));
        throw interrupted(e);
      }
      src.position(src.position() + piece.length);
      total += piece.length;
    }
    return total;
  }

  private void check() throws ClosedChannelException {
    if (closed.get()) {
      throw new ClosedChannelException();
    }
  }

  /** A timeout stays one; an interrupt closes the channel, as the interface demands. */
  private IOException interrupted(InterruptedIOException e) throws IOException {
    if (e instanceof java.net.SocketTimeoutException) {
      return e;
    }
    close();
    ClosedByInterruptException closedBy = new ClosedByInterruptException();
    closedBy.initCause(e);
    return closedBy;
  }

  @Override
  public boolean isOpen() {
    return !closed.get();
  }

  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      stream.close();
    }
  }
}
