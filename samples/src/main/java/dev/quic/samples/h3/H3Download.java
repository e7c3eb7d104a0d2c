package dev.quic.samples.h3;

import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.samples.UrlGroup;
import dev.quic.samples.hq.HqDownload;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The client's side of one connection: a request a file, each on a stream of its own. */
public final class H3Download {
  private static final int PIECE = 64 * 1024;
  private static final int OK = 200;

  private final QuicConnection quic;
  private final H3Connection connection;
  private final String authority;
  private final Path output;

  private HqDownload.Step onData = () -> {};

  /**
   * @param authority host, and the port where it is not 443
   */
  public H3Download(QuicConnection quic, String authority, Path output) {
    this.quic = quic;
    this.connection = H3Connection.client(quic);
    this.authority = authority;
    this.output = output;
  }

  /** Does something after each piece of a file, one piece at a time. */
  public void onData(HqDownload.Step action) {
    onData = action;
  }

  /**
   * Fetches everything. The connection stays open, unless something failed.
   *
   * @param paths as in URLs
   * @return bytes received
   */
  public long run(List<String> paths) throws IOException, InterruptedException {
    Thread.ofVirtual().name("streams").start(this::takeStreams);
    try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> files = new ArrayList<>();
      for (String path : paths) {
        files.add(all.submit(() -> fetch(path)));
      }
      boolean done = false;
      try {
        long bytes = 0;
        for (Future<Long> file : files) {
          bytes += file.get();
        }
        done = true;
        return bytes;
      } catch (ExecutionException e) {
        throw failure(e);
      } finally {
        if (!done) {
          // The others need not be waited for.
          quic.close(H3Exception.REQUEST_CANCELLED, "");
        }
      }
    }
  }

  private IOException failure(ExecutionException e) {
    H3Exception why = connection.failure();
    if (why != null) {
      return why;
    }
    return e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
  }

  /** Tells the server that all is well. */
  public void close() {
    quic.close(H3Exception.NO_ERROR, "");
  }

  private void takeStreams() {
    try {
      connection.run();
    } catch (IOException e) {
      // over, which requests that are not answered say
      return;
    }
  }

  private long fetch(String path) throws IOException {
    QuicStream s = quic.openStream();
    if (connection.goingAway()) {
      s.reset(H3Exception.REQUEST_CANCELLED);
      throw new IOException(path + ": the server takes no more requests");
    }
    try {
      request(s, path);
      return receive(s, path);
    } catch (H3Exception e) {
      connection.refuse(s, e);
      throw e;
    }
  }

  private void request(QuicStream s, String path) throws IOException {
    List<Field> head =
        List.of(
            new Field(":method", "GET"),
            new Field(":scheme", "https"),
            new Field(":authority", authority),
            new Field(":path", path));
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    Frames.write(frame, Frames.HEADERS, Qpack.encode(head));
    try (OutputStream out = s.outputStream()) {
      frame.writeTo(out);
    }
  }

  private long receive(QuicStream s, String path) throws IOException {
    MessageInput response = MessageInput.response(new BufferedInputStream(s.inputStream(), PIECE));
    Head head = response.head();
    if (head.status() != OK) {
      s.stopSending(H3Exception.REQUEST_CANCELLED);
      throw new IOException(path + ": the server answered " + head.status());
    }
    long bytes = 0;
    byte[] piece = new byte[PIECE];
    try (OutputStream file = Files.newOutputStream(output.resolve(UrlGroup.fileName(path)))) {
      int n;
      while ((n = response.read(piece)) >= 0) {
        file.write(piece, 0, n);
        bytes += n;
        synchronized (this) {
          onData.run();
        }
      }
    }
    return bytes;
  }
}
