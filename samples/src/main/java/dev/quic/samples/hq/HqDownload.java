package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.StreamErrors;
import dev.quic.samples.UrlGroup;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** The client's side of one established connection: all requests, then files as they come. */
public final class HqDownload {
  private static final int PIECE = 64 * 1024;

  /** Between the ids of two streams that a client opened in both directions. */
  private static final int ID_STEP = 4;

  private final QuicSocket sock;
  private final Path output;
  private final List<String> paths;
  private final Map<Long, OutputStream> open = new HashMap<>();
  private final AtomicReference<IOException> sendFailure = new AtomicReference<>();

  /** Request to be sent next, and bytes of it that have been. */
  private int next;

  private int sent;

  private Step onData = () -> {};

  public HqDownload(QuicSocket sock, Path output, List<String> paths) {
    this.sock = sock;
    this.output = output;
    this.paths = paths;
  }

  /**
   * Before the handshake: sends what requests the server's remembered limits allow, as early data.
   */
  public void requestEarly() {
    try {
      while (next < paths.size()) {
        send(QuicUapi.MSG_DONTWAIT);
      }
    } catch (QuicException e) {
      // The limits are reached, and the rest goes after the handshake, which also says anything
      // worse.
      return;
    }
  }

  /** Does something after each piece of a file, on the thread of {@link #run}. */
  public void onData(Step action) {
    onData = action;
  }

  /**
   * @param beforeClose when all files are there and the socket is still open
   * @return bytes received
   */
  public long run(Step beforeClose) throws IOException, InterruptedException {
    StreamErrors.watch(sock);
    // Requests beyond the peer's stream limit block until it raises it, so they have a thread.
    Thread requests = Thread.ofVirtual().start(this::request);
    try {
      long bytes = receive();
      beforeClose.run();
      return bytes;
    } catch (QuicException e) {
      IOException first = sendFailure.get();
      throw first == null ? e : first;
    } finally {
      sock.close();
      requests.join();
      for (OutputStream out : open.values()) {
        out.close();
      }
    }
  }

  /** What is done meanwhile, or at the end. */
  @FunctionalInterface
  public interface Step {
    void run() throws IOException;
  }

  private void request() {
    try {
      while (next < paths.size()) {
        send(0);
      }
    } catch (IOException e) {
      sendFailure.compareAndSet(null, e);
      sock.close();
    }
  }

  /** Sends the next request, or what is left of it. */
  private void send(int flags) throws QuicException {
    byte[] line = ("GET " + paths.get(next) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    // Says so to a server whose limits hold a request up (RFC 9000 section 4.6).
    int streamFlags = QuicUapi.MSG_QUIC_STREAM_FIN | QuicUapi.MSG_QUIC_STREAM_SNDBLOCK;
    if (sent == 0) {
      streamFlags |= QuicUapi.MSG_QUIC_STREAM_NEW;
    }
    QuicMsg msg = QuicMsg.stream((long) next * ID_STEP, streamFlags);
    msg.flags = flags;
    sent += sock.sendmsg(msg, line, sent, line.length - sent);
    if (sent == line.length) {
      sent = 0;
      next++;
    }
  }

  private long receive() throws IOException {
    byte[] buf = new byte[PIECE];
    QuicMsg msg = QuicMsg.plain();
    long bytes = 0;
    int done = 0;
    while (done < paths.size()) {
      msg.flags = 0;
      int n;
      try {
        n = sock.recvmsg(msg, buf, 0, buf.length);
      } catch (QuicException e) {
        if (e.errno() == Errno.ENOTCONN) {
          throw new IOException(
              StreamErrors.closed(sock) + ", with " + done + " of " + paths.size() + " files");
        }
        throw e;
      }
      if (msg.isNotification()) {
        QuicEvent.StreamUpdate reset = StreamErrors.reset(buf, n);
        if (reset != null) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "%s: the server refused it, error 0x%x",
                  name(reset.id()),
                  reset.errcode()));
        }
      } else if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO) {
        OutputStream out = file(msg.streamId);
        out.write(buf, 0, n);
        bytes += n;
        onData.run();
        if (msg.isFin()) {
          out.close();
          open.remove(msg.streamId);
          done++;
        }
      }
    }
    return bytes;
  }

  private OutputStream file(long stream) throws IOException {
    OutputStream out = open.get(stream);
    if (out == null) {
      out = Files.newOutputStream(output.resolve(UrlGroup.fileName(name(stream))));
      open.put(stream, out);
    }
    return out;
  }

  /** The path asked for on a stream. */
  private String name(long stream) throws IOException {
    if (stream % ID_STEP != 0 || stream / ID_STEP >= paths.size()) {
      throw new IOException("data on stream " + stream + ", where nothing was asked for");
    }
    return paths.get((int) (stream / ID_STEP));
  }
}
