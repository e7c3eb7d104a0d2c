package dev.quic.samples.h3;

import dev.quic.consumer.connection.ConnectionClosedException;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.samples.OneLine;
import dev.quic.samples.hq.HqFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Answers GET requests with files; one virtual thread per connection and stream. */
public final class H3Server {
  /** Connections served at once; more wait in the server's backlog. */
  private static final int MAX_CONNECTIONS = 4096;

  private static final int PIECE = 64 * 1024;
  private static final int REQUEST_BUFFER = 1024;

  private final HqFiles files;

  public H3Server(HqFiles files) {
    this.files = files;
  }

  /** Returns by an exception only: when the server is closed, or the thread is interrupted. */
  public void accept(QuicServer server) throws IOException, InterruptedException {
    Semaphore free = new Semaphore(MAX_CONNECTIONS);
    while (true) {
      free.acquire();
      QuicConnection connection = server.accept();
      Thread.ofVirtual()
          .name("connection")
          .start(() -> {
            try {
              serve(connection);
            } finally {
              free.release();
            }
          });
    }
  }

  private void serve(QuicConnection connection) {
    try (connection) {
      H3Connection.server(connection, this::answer).run();
    } catch (ConnectionClosedException e) {
      // as every connection ends
      return;
    } catch (IOException e) {
      System.err.println(OneLine.of(e));
    }
  }

  private void answer(QuicStream s) throws IOException {
    MessageInput request =
        MessageInput.request(new BufferedInputStream(s.inputStream(), REQUEST_BUFFER));
    Head head;
    try {
      head = request.head();
    } catch (H3Exception e) {
      if (e.code() != H3Exception.EXCESSIVE_LOAD) {
        throw e;
      }
      status(s, 431);
      return;
    }
    if (!head.method().equals("GET")) {
      status(s, 405, new Field("allow", "GET"));
      return;
    }
    byte[] content = new byte[REQUEST_BUFFER];
    int n;
    do {
      // of no interest in a GET
      n = request.read(content);
    } while (n >= 0);
    try {
      send(s, files.file(path(head)));
    } catch (FileSystemException e) {
      status(s, 404);
    }
  }

  /** Without the query, decoded. */
  private static String path(Head head) throws NoSuchFileException {
    try {
      String path = URI.create("https://host" + head.path()).getPath();
      if (path != null) {
        return path;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new NoSuchFileException("not a path");
  }

  private static void status(QuicStream s, int status, Field... more) throws IOException {
    List<Field> head = new ArrayList<>(List.of(new Field(":status", "" + status)));
    head.addAll(List.of(more));
    head.add(new Field("content-length", "0"));
    try (OutputStream out = new BufferedOutputStream(s.outputStream())) {
      Frames.write(out, Frames.HEADERS, Qpack.encode(head));
    }
    // What is left of the request makes no difference (RFC 9114 section 4.1).
    s.stopSending(H3Exception.NO_ERROR);
  }

  private static void send(QuicStream s, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      long left = Files.size(file);
      List<Field> head =
          List.of(
              new Field(":status", "200"),
              new Field("content-length", "" + left),
              new Field("content-type", "application/octet-stream"));
      byte[] piece = new byte[(int) Math.min(PIECE, left)];
      OutputStream out = new BufferedOutputStream(s.outputStream());
      Frames.write(out, Frames.HEADERS, Qpack.encode(head));
      if (left > 0) {
        Frames.writeHead(out, Frames.DATA, left);
      }
      while (left > 0) {
        int n = in.readNBytes(piece, 0, (int) Math.min(piece.length, left));
        if (n == 0) {
          throw new EOFException(file + " became shorter");
        }
        out.write(piece, 0, n);
        left -= n;
      }
      out.close();
    }
  }
}
