package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.Endpoint;
import dev.quic.samples.OneLine;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.util.concurrent.Semaphore;

/** Serves files on a listening socket; one virtual thread per connection and request. */
public final class HqServer {
  /** Connections served at once; more wait in the accept queue. */
  private static final int MAX_CONNECTIONS = 4096;

  private final HqFiles files;
  private final Handshake handshake;

  /** The TLS side of a connection just accepted. */
  @FunctionalInterface
  public interface Handshake {
    void run(QuicSocket sock) throws IOException;
  }

  public HqServer(HqFiles files, Handshake handshake) {
    this.files = files;
    this.handshake = handshake;
  }

  /** Returns by an exception only: when the listener fails, or the thread is interrupted. */
  public void accept(QuicSocket listener) throws QuicException, InterruptedException {
    Semaphore free = new Semaphore(MAX_CONNECTIONS);
    while (true) {
      free.acquire();
      QuicSocket sock;
      try {
        sock = listener.accept();
      } catch (QuicException e) {
        if (e.errno() == Errno.EMFILE || e.errno() == Errno.EINTR) {
          free.release();
          continue;
        }
        throw e;
      }
      Thread.ofVirtual()
          .name("connection")
          .start(() -> {
            serve(sock);
            free.release();
          });
    }
  }

  private void serve(QuicSocket sock) {
    try (sock) {
      String peer = Endpoint.format(sock.getpeername());
      try {
        handshake.run(sock);
        new HqConnection(sock, files).serve();
      } catch (Exception e) {
        System.err.println(peer + ": " + OneLine.of(e));
      }
    } catch (QuicException e) {
      System.err.println("a connection ended before its handshake: " + OneLine.of(e));
    }
  }
}
