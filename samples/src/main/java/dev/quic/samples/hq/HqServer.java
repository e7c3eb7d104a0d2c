package dev.quic.samples.hq;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.DaemonUnreachableException;
import dev.quic.samples.Endpoint;
import dev.quic.samples.OneLine;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Serves files on a listening socket; one virtual thread per connection and request. */
public final class HqServer {
  /** Connections served at once; more wait in the accept queue. */
  private static final int MAX_CONNECTIONS = 4096;

  /** Between two looks for a free descriptor, milliseconds: twice as long each time. */
  private static final long SHORTEST_PAUSE = 10;

  private static final long LONGEST_PAUSE = 1_000;

  private final HqFiles files;
  private final Handshake handshake;
  private final Consumer<String> trouble;

  /** The TLS side of a connection just accepted. */
  @FunctionalInterface
  public interface Handshake {
    void run(QuicSocket sock) throws IOException;
  }

  public HqServer(HqFiles files, Handshake handshake) {
    this(files, handshake, System.err::println);
  }

  /**
   * @param trouble takes lines about what goes wrong while it goes on
   */
  HqServer(HqFiles files, Handshake handshake, Consumer<String> trouble) {
    this.files = files;
    this.handshake = handshake;
    this.trouble = trouble;
  }

  /**
   * Returns by an exception only: when the listener fails, or the thread is interrupted.
   *
   * @throws DaemonUnreachableException when the data plane has gone
   */
  public void accept(QuicSocket listener) throws IOException, InterruptedException {
    Semaphore free = new Semaphore(MAX_CONNECTIONS);
    while (true) {
      free.acquire();
      QuicSocket sock = acceptOne(listener);
      Thread.ofVirtual()
          .name("connection")
          .start(() -> {
            serve(sock);
            free.release();
          });
    }
  }

  /** Waits out a lack of descriptors, which the next connection that ends may end. */
  private QuicSocket acceptOne(QuicSocket listener) throws IOException, InterruptedException {
    long pause = 0;
    while (true) {
      try {
        return listener.accept();
      } catch (QuicException e) {
        switch (e.errno()) {
          case Errno.EINTR -> {}
          case Errno.EMFILE, Errno.ENFILE -> {
            if (pause == 0) {
              trouble.accept(
                  "no descriptors left: clients wait or are turned away until connections end;"
                      + " raise 'ulimit -n'");
            }
            pause = Math.clamp(2 * pause, SHORTEST_PAUSE, LONGEST_PAUSE);
            Thread.sleep(pause);
          }
          // A listener has no connection to lose but that to the data plane.
          case Errno.ENOTCONN ->
              throw new DaemonUnreachableException(
                  "the data plane is gone, and with it every connection: start it, then this", e);
          default -> throw e;
        }
      }
    }
  }

  private void serve(QuicSocket sock) {
    try (sock) {
      String peer = Endpoint.format(sock.getpeername());
      try {
        handshake.run(sock);
        new HqConnection(sock, files).serve();
      } catch (Exception e) {
        trouble.accept(peer + ": " + OneLine.of(e));
      }
    } catch (QuicException e) {
      trouble.accept("a connection ended before its handshake: " + OneLine.of(e));
    }
  }
}
