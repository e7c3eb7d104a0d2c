package dev.quic.consumer.connection;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConnectionClose;
import dev.quic.uapi.option.QuicErrinfo;
import dev.quic.uapi.option.QuicEventOption;
import dev.quic.uapi.option.QuicStreamInfo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An established connection, made by {@link QuicClient} or {@link QuicServer}. Any thread, virtual
 * ones included. There is no thread behind it: what comes in is taken by whoever waits for
 * something, a stream's bytes, a new stream, a datagram or an event, and kept for the others, 16
 * MiB at most; a program that leaves that much unread on one stream, or some 16,000 streams of the
 * peer's unaccepted, reads nothing from the others.
 */
public final class QuicConnection implements AutoCloseable {
  private static final int STREAM_INFO_BYTES = 16;
  private static final int[] EVENTS = {
    QuicUapi.QUIC_EVENT_STREAM_UPDATE,
    QuicUapi.QUIC_EVENT_STREAM_MAX_STREAM,
    QuicUapi.QUIC_EVENT_CONNECTION_CLOSE,
    QuicUapi.QUIC_EVENT_CONNECTION_MIGRATION,
    QuicUapi.QUIC_EVENT_KEY_UPDATE,
    QuicUapi.QUIC_EVENT_NEW_TOKEN
  };

  private final QuicSocket sock;
  private final boolean server;
  private final QuicHandshakeResult handshake;
  private final Runnable whenClosed;
  private final Incoming incoming;
  private final ReentrantLock sending = new ReentrantLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  QuicConnection(
      QuicSocket sock, boolean server, QuicHandshakeResult handshake, Runnable whenClosed)
      throws QuicException {
    this.sock = sock;
    this.server = server;
    this.handshake = handshake;
    this.whenClosed = whenClosed;
    incoming = new Incoming(sock, server, id -> new QuicStream(this, id, true, sends(id)));
    boolean done = false;
    try {
      for (int type : EVENTS) {
        byte[] on = new QuicEventOption(type, true).encode();
        sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EVENT, on);
      }
      done = true;
    } finally {
      if (!done) {
        handshake.destroy();
      }
    }
  }

  Incoming incoming() {
    return incoming;
  }

  private boolean ours(long id) {
    return (id & QuicUapi.QUIC_STREAM_TYPE_SERVER_MASK) == (server ? 1 : 0);
  }

  boolean sends(long id) {
    return (id & QuicUapi.QUIC_STREAM_TYPE_UNI_MASK) == 0 || ours(id);
  }

  boolean receives(long id) {
    return (id & QuicUapi.QUIC_STREAM_TYPE_UNI_MASK) == 0 || !ours(id);
  }

  /** Opens a stream for both directions; waits while the peer allows no more. */
  public QuicStream openStream() throws IOException {
    return open(0, Patience.NEVER);
  }

  /**
   * Opens a stream for both directions.
   *
   * @throws SocketTimeoutException when the peer allows none within the time
   */
  public QuicStream openStream(Duration timeout) throws IOException {
    return open(0, Patience.deadline(timeout));
  }

  /** Opens a stream that only this side sends on; waits while the peer allows no more. */
  public QuicStream openUniStream() throws IOException {
    return open(QuicUapi.MSG_QUIC_STREAM_UNI, Patience.NEVER);
  }

  private QuicStream open(int flags, long deadline) throws IOException {
    byte[] in = new QuicStreamInfo(-1, flags | QuicUapi.MSG_QUIC_STREAM_DONTWAIT).encode();
    while (true) {
      long seen = openings();
      try {
        byte[] v =
            sock.getsockopt(
                QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, in, STREAM_INFO_BYTES);
        long id = QuicStreamInfo.decode(v).streamId();
        QuicStream s = new QuicStream(this, id, receives(id), true);
        incoming.lock().lock();
        try {
          incoming.opened(s);
        } finally {
          incoming.lock().unlock();
        }
        return s;
      } catch (QuicException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw failure(e, "open a stream");
        }
      }
      awaitOpening(seen, deadline);
    }
  }

  private long openings() {
    incoming.lock().lock();
    try {
      return incoming.openings();
    } finally {
      incoming.lock().unlock();
    }
  }

  private void awaitOpening(long seen, long deadline) throws IOException {
    incoming.lock().lock();
    try {
      if (!incoming.await(() -> incoming.openings() != seen, deadline, "open a stream")) {
        throw new SocketTimeoutException("the peer allows no further stream");
      }
      throwIfOver();
    } finally {
      incoming.lock().unlock();
    }
  }

  /** Waits for a stream the peer opens. */
  public QuicStream acceptStream() throws IOException {
    return acceptStream(Duration.ZERO);
  }

  /**
   * Waits for a stream the peer opens.
   *
   * @param timeout zero for ever
   * @throws SocketTimeoutException when none came
   */
  public QuicStream acceptStream(Duration timeout) throws IOException {
    long deadline = Patience.deadline(timeout);
    incoming.lock().lock();
    try {
      if (!incoming.await(() -> !incoming.arrived().isEmpty(), deadline, "accept a stream")) {
        throw new SocketTimeoutException("no stream was opened");
      }
      QuicStream s = incoming.accept();
      if (s == null) {
        throw over();
      }
      return s;
    } finally {
      incoming.lock().unlock();
    }
  }

  /**
   * Waits for an event.
   *
   * @param timeout zero for ever
   * @return null after the timeout; {@link ConnectionEvent.Closed} once as the last
   * @throws ConnectionClosedException when the connection is over and that was told
   */
  public @Nullable ConnectionEvent nextEvent(Duration timeout) throws IOException {
    long deadline = Patience.deadline(timeout);
    incoming.lock().lock();
    try {
      if (!incoming.await(() -> !incoming.events().isEmpty(), deadline, "wait for an event")) {
        return null;
      }
      ConnectionEvent e = incoming.events().poll();
      if (e == null) {
        throw over();
      }
      return e;
    } finally {
      incoming.lock().unlock();
    }
  }

  /**
   * Sends a datagram (RFC 9221), which may get lost.
   *
   * @throws QuicException EINVAL where the peer takes none, EMSGSIZE for one too long
   */
  public void sendDatagram(byte[] bytes) throws IOException {
    QuicMsg m = QuicMsg.plain();
    m.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    sending.lock();
    try {
      sock.sendmsg(m, bytes, 0, bytes.length);
    } catch (QuicException e) {
      throw failure(e, "send a datagram");
    } finally {
      sending.unlock();
    }
  }

  /**
   * Waits for a datagram; of those nobody waits for 256 are kept.
   *
   * @param timeout zero for ever
   * @throws SocketTimeoutException when none came
   */
  public byte[] receiveDatagram(Duration timeout) throws IOException {
    long deadline = Patience.deadline(timeout);
    incoming.lock().lock();
    try {
      if (!incoming.await(() -> !incoming.datagrams().isEmpty(), deadline, "wait for a datagram")) {
        throw new SocketTimeoutException("no datagram came");
      }
      byte[] d = incoming.datagrams().poll();
      if (d == null) {
        throw over();
      }
      return d;
    } finally {
      incoming.lock().unlock();
    }
  }

  private ConnectionClosedException over() {
    ConnectionClosedException e = incoming.over();
    return e == null ? new ConnectionClosedException(0, "the connection is closed") : e;
  }

  private void throwIfOver() throws ConnectionClosedException {
    ConnectionClosedException e = incoming.over();
    if (e != null) {
      throw e;
    }
  }

  /** The error of a call on a connection that may be over. */
  private IOException failure(QuicException e, String what) {
    if (e.errno() == Errno.EPIPE || e.errno() == Errno.ENOTCONN || e.errno() == Errno.EBADF) {
      incoming.lock().lock();
      try {
        ConnectionClosedException over = incoming.over();
        return over == null ? e : over;
      } finally {
        incoming.lock().unlock();
      }
    }
    return Patience.translate(e, what);
  }

  // --- for streams

  void send(long id, byte[] buf, int off, int len, boolean fin, long deadline) throws IOException {
    int flags = fin ? QuicUapi.MSG_QUIC_STREAM_FIN : 0;
    int done = 0;
    while (true) {
      try {
        done +=
            deadline == Patience.NEVER
                ? sendOnce(id, flags, buf, off + done, len - done)
                : sock.sendBefore(QuicMsg.stream(id, flags), buf, off + done, len - done, deadline);
      } catch (QuicException e) {
        boolean late = e.errno() == Errno.EAGAIN || e.errno() == Errno.ENOSPC;
        throw late ? late(done) : partly(failure(e, "write"), done);
      }
      if (done == len) {
        return;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw partly(Patience.interrupted("write"), done);
      }
      if (Patience.left(deadline) == 0) {
        throw late(done);
      }
    }
  }

  private int sendOnce(long id, int flags, byte[] buf, int off, int len) throws QuicException {
    sending.lock();
    try {
      return sock.sendmsg(QuicMsg.stream(id, flags), buf, off, len);
    } catch (QuicException e) {
      if (e.errno() != Errno.EAGAIN && e.errno() != Errno.ENOSPC) {
        throw e;
      }
    } finally {
      sending.unlock();
    }
    // The program has made the socket non-blocking, which streams are not.
    return sock.sendBefore(QuicMsg.stream(id, flags), buf, off, len, Patience.NEVER);
  }

  private static IOException late(int done) {
    return partly(new SocketTimeoutException("write timed out"), done);
  }

  /** Of an interrupted write, what it wrote. */
  private static IOException partly(IOException e, int done) {
    if (e instanceof InterruptedIOException i) {
      i.bytesTransferred = done;
    }
    return e;
  }

  void reset(long id, long code, boolean sending) throws IOException {
    int name =
        sending ? QuicUapi.QUIC_SOCKOPT_STREAM_RESET : QuicUapi.QUIC_SOCKOPT_STREAM_STOP_SENDING;
    try {
      sock.setsockopt(QuicUapi.SOL_QUIC, name, new QuicErrinfo(id, (int) code).encode());
    } catch (QuicException e) {
      // EINVAL and ENOSTR: it came to its end meanwhile. EAGAIN: it was asked before.
      boolean late =
          e.errno() == Errno.EINVAL || e.errno() == Errno.ENOSTR || e.errno() == Errno.EAGAIN;
      if (!late) {
        throw failure(e, sending ? "reset" : "stop");
      }
    }
  }

  // --- about it

  /** The protocol both sides chose; null when none was offered. */
  public @Nullable String protocol() {
    return handshake.alpn();
  }

  /** The peer's certificates, leaf first, verified; empty when it showed none. */
  public List<X509Certificate> peerCertificates() {
    return handshake.peerCertificates();
  }

  /** All the handshake brought. It is wiped when the connection is closed. */
  public QuicHandshakeResult handshake() {
    return handshake;
  }

  public InetSocketAddress localAddress() throws IOException {
    return sock.getsockname();
  }

  public InetSocketAddress remoteAddress() throws IOException {
    return sock.getpeername();
  }

  /** The socket below, for options; receiving on it takes what streams wait for. */
  public QuicSocket socket() {
    return sock;
  }

  /** Whether it was closed here. */
  public boolean isClosed() {
    return closed.get();
  }

  /** Closes it with code 0; what was written and has not arrived may be lost. */
  @Override
  public void close() {
    close(0, "");
  }

  /**
   * Closes it.
   *
   * @param code for the peer, 0 to 2^32 - 1
   * @param reason for a person at the peer, at most 63 bytes
   */
  public void close(long code, String reason) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      byte[] v = new QuicConnectionClose(code, 0, reason).encode();
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, v);
    } catch (QuicException e) {
      // Over already: the peer knows, or cannot be told.
      incoming.end(new ConnectionClosedException(0, String.valueOf(e.getMessage())));
    }
    incoming.end(new ConnectionClosedException(0, "the connection was closed here"));
    sock.close();
    handshake.close();
    whenClosed.run();
  }
}
