package dev.quic.samples.h3;

import dev.quic.consumer.connection.ConnectionClosedException;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.consumer.connection.StreamResetException;
import dev.quic.samples.OneLine;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is the same at both ends of a connection: the streams beside the requests (RFC 9114 section
 * 6.2), and errors. A virtual thread for every stream.
 */
final class H3Connection {
  private static final long CONTROL = 0x0;
  private static final long PUSH = 0x1;
  private static final long QPACK_ENCODER = 0x2;
  private static final long QPACK_DECODER = 0x3;

  /** Sets the capacity of the dynamic table to none, which it is (RFC 9204 section 4.3.1). */
  private static final int NO_CAPACITY = 0x20;

  /** Stream Cancellation (RFC 9204 section 4.4.2). */
  private static final int CANCELLATION = 0x40;

  private static final int MAX_REASON = 63;
  private static final int CONTROL_BUFFER = 512;

  private final QuicConnection quic;
  private final boolean server;
  private final Handler requests;
  private final Set<Long> critical = ConcurrentHashMap.newKeySet();
  private volatile boolean goingAway;
  private volatile @Nullable H3Exception failure;

  /** Does something with a stream of the peer's. */
  @FunctionalInterface
  interface Handler {
    void accept(QuicStream stream) throws IOException;
  }

  private H3Connection(QuicConnection quic, boolean server, Handler requests) {
    this.quic = quic;
    this.server = server;
    this.requests = requests;
  }

  /** A server's. */
  static H3Connection server(QuicConnection quic, Handler requests) {
    return new H3Connection(quic, true, requests);
  }

  /** A client's. */
  static H3Connection client(QuicConnection quic) {
    Handler none =
        s -> {
          throw H3Exception.connection(
              H3Exception.STREAM_CREATION_ERROR, "a request of the server's");
        };
    return new H3Connection(quic, false, none);
  }

  /** What the peer did so that the connection had to be closed; null where it did nothing. */
  @Nullable H3Exception failure() {
    return failure;
  }

  /** Whether the peer takes no more requests (GOAWAY). */
  boolean goingAway() {
    return goingAway;
  }

  /**
   * Opens the control stream, and takes the peer's streams until the connection is over.
   *
   * @throws ConnectionClosedException at the end
   * @throws H3Exception at the end, where it is one that the peer's fault made necessary
   */
  void run() throws IOException {
    Thread.ofVirtual().name("control").start(this::open);
    try {
      while (true) {
        QuicStream s = quic.acceptStream();
        Handler handler = s.isBidirectional() ? requests : this::unidirectional;
        Thread.ofVirtual().name("stream").start(() -> handle(s, handler));
      }
    } catch (ConnectionClosedException e) {
      H3Exception why = failure;
      throw why == null ? e : why;
    }
  }

  /** Waits where the peer does not allow a stream, though it has to. */
  private void open() {
    try {
      quic.openUniStream().outputStream().write(ControlStream.opening());
    } catch (StreamResetException e) {
      refuse(H3Exception.connection(H3Exception.CLOSED_CRITICAL_STREAM, "the control stream"));
    } catch (IOException e) {
      // over already, which run() says
      return;
    }
  }

  private void handle(QuicStream s, Handler handler) {
    try {
      handler.accept(s);
    } catch (H3Exception e) {
      refuse(s, e);
    } catch (StreamResetException | ConnectionClosedException e) {
      // the peer has no more interest
      abort(s, H3Exception.REQUEST_CANCELLED);
    } catch (IOException | RuntimeException e) {
      System.err.println(OneLine.of(e));
      abort(s, H3Exception.INTERNAL_ERROR);
    }
  }

  /** Tells the peer what it did wrong. */
  void refuse(QuicStream s, H3Exception e) {
    if (e.ofConnection()) {
      refuse(e);
    } else {
      abort(s, e.code());
    }
  }

  private void refuse(H3Exception e) {
    failure = e;
    String reason = String.valueOf(e.getMessage());
    quic.close(e.code(), reason.substring(0, Math.min(reason.length(), MAX_REASON)));
  }

  /** Ends both directions, as far as they are open. */
  private void abort(QuicStream s, int code) {
    try {
      if (s.isBidirectional()) {
        s.reset(code);
      }
      s.stopSending(code);
    } catch (IOException e) {
      // the connection is over
      return;
    }
  }

  private void unidirectional(QuicStream s) throws IOException {
    InputStream in = new BufferedInputStream(s.inputStream(), CONTROL_BUFFER);
    long type;
    try {
      type = Frames.number(in);
    } catch (EOFException e) {
      type = Frames.END;
    }
    if (type == CONTROL) {
      critical(type, () -> new ControlStream(in, server).read(() -> goingAway = true));
    } else if (type == QPACK_ENCODER) {
      critical(type, () -> readEncoder(in));
    } else if (type == QPACK_DECODER) {
      critical(type, () -> readDecoder(in));
    } else if (type == PUSH) {
      throw server
          ? H3Exception.connection(H3Exception.STREAM_CREATION_ERROR, "a push of the client's")
          : H3Exception.connection(H3Exception.ID_ERROR, "a push that was not allowed");
    } else if (type != Frames.END) {
      s.stopSending(H3Exception.STREAM_CREATION_ERROR);
    }
  }

  @FunctionalInterface
  private interface Reader {
    void run() throws IOException;
  }

  /** A stream there may be but one of, and which may not end. */
  private void critical(long type, Reader reader) throws IOException {
    if (!critical.add(type)) {
      throw H3Exception.connection(
          H3Exception.STREAM_CREATION_ERROR, "a second stream of type " + type);
    }
    try {
      reader.run();
    } catch (StreamResetException e) {
      // as one that ends
    }
    throw H3Exception.connection(
        H3Exception.CLOSED_CRITICAL_STREAM, "the stream of type " + type + " ended");
  }

  /** Nothing can be put into a dynamic table without room. */
  private static void readEncoder(InputStream in) throws IOException {
    int b;
    while ((b = in.read()) >= 0) {
      if (b != NO_CAPACITY) {
        throw H3Exception.connection(
            H3Exception.QPACK_ENCODER_STREAM_ERROR, "a dynamic table, where none is allowed");
      }
    }
  }

  /** No section of ours wants to be acknowledged; one may be given up. */
  private static void readDecoder(InputStream in) throws IOException {
    int b;
    while ((b = in.read()) >= 0) {
      if ((b & 0xc0) != CANCELLATION) {
        throw H3Exception.connection(
            H3Exception.QPACK_DECODER_STREAM_ERROR, "an acknowledgement of what was not sent");
      }
      boolean more = (b & 0x3f) == 0x3f;
      while (more) {
        b = in.read();
        more = b >= 0x80;
      }
    }
  }
}
