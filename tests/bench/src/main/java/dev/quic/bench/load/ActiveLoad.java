package dev.quic.bench.load;

import dev.quic.consumer.KernelConsumer;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;

/**
 * A consumer with many connections that all send small messages one way. Each message is of {@code
 * size=} bytes: when it was due, then nothing. The server ({@code server=ADDR:PORT}) tells what
 * arrived by an answer on the stream of whoever asks; the client ({@code client=ADDR:PORT}) looks
 * for the highest rate. docs/PERFORMANCE.md.
 */
public final class ActiveLoad implements KernelConsumer {
  /** In place of a time: forget what arrived. */
  static final long RESET = -1;

  /** In place of a time: tell what arrived. */
  static final long REPORT = -2;

  @Override
  public String name() {
    return "active";
  }

  @Override
  public void run(QuicSockets sockets, TlsHandshakes tls, String args) throws Exception {
    Arguments a = Arguments.parse(args);
    if (a.has("server")) {
      new ActiveServer(tls, a).run(sockets);
    } else {
      new ActiveClient(sockets, tls, a).run();
    }
  }
}
