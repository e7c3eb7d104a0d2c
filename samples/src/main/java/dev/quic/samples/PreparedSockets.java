package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;

/** Sockets with options, for what makes its sockets by itself; they stay the caller's to close. */
public record PreparedSockets(QuicSockets maker, Options options) implements QuicSockets {
  /** Sets options of a new socket. */
  @FunctionalInterface
  public interface Options {
    void apply(QuicSocket sock) throws QuicException;
  }

  @Override
  public QuicSocket socket(int family) throws QuicException {
    QuicSocket sock = maker.socket(family);
    boolean done = false;
    try {
      options.apply(sock);
      done = true;
      return sock;
    } finally {
      if (!done) {
        sock.close();
      }
    }
  }

  @Override
  public void close() {
    // the maker is not ours
  }
}
