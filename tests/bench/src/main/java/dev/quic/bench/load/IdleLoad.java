package dev.quic.bench.load;

import dev.quic.consumer.KernelConsumer;
import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A consumer whose connections do nothing once they are set up. As a server ({@code
 * server=ADDR:PORT; count=N;seconds=N}) it says what so many of them cost, then closes them; as a
 * client ({@code client=ADDR:PORT;count=N;ports=N;concurrency=N}) it opens them from a few UDP
 * ports and waits for their end. docs/PERFORMANCE.md.
 */
public final class IdleLoad implements KernelConsumer {
  static final String ALPN = "idle";

  private static final int IDLE_OFFSET = 12;

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public void run(QuicSockets sockets, TlsHandshakes tls, String args) throws Exception {
    Arguments a = Arguments.parse(args);
    if (a.has("server")) {
      new IdleServer(tls, a).run(sockets);
    } else {
      new IdleClient(sockets, tls, a).run();
    }
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** A socket that ends after {@code idle=} seconds of silence (RFC 9000 section 10.1). */
  static QuicSocket socket(QuicSockets sockets, Arguments args) throws QuicException {
    QuicSocket s = sockets.socket(QuicUapi.AF_INET);
    byte[] v = QuicTransportParam.KEEP.encode();
    long micros = TimeUnit.SECONDS.toMicros(args.number("idle"));
    for (int i = 0; i < Integer.BYTES; i++) {
      v[IDLE_OFFSET + i] = (byte) (micros >>> 8 * i);
    }
    s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v);
    byte[] alpn = ALPN.getBytes(StandardCharsets.US_ASCII);
    s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, alpn);
    return s;
  }
}
