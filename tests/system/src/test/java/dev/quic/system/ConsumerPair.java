package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One connection: a consumer's end, with its request to a daemon, and the end of a program that
 * does its handshake itself.
 */
record ConsumerPair(
    QuicSocket consumer, SplitHouse.Asked asked, Future<QuicSocket> far, QuicSocket listener) {
  /** What the consumer is; the program is the other. */
  enum Role {
    CLIENT,
    SERVER;

    ConsumerPair connect(SplitHouse house, int timeoutMs) throws Exception {
      return this == CLIENT ? client(house, timeoutMs) : server(house, timeoutMs);
    }
  }

  private static ConsumerPair client(SplitHouse house, int timeoutMs) throws Exception {
    QuicSocket listener = house.listener(SplitHouse.ALPN);
    Future<QuicSocket> far =
        house.pool.submit(() -> {
          QuicSocket s = listener.accept();
          QuicHandshake.server(
              s, QuicServerTls.of(house.server.chain(), house.server.key(), SplitHouse.ALPN));
          return s;
        });
    QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
    SplitHouse.Asked asked = house.clientHello(consumer, SplitHouse.NAME, timeoutMs);
    return new ConsumerPair(consumer, asked, far, listener);
  }

  private static ConsumerPair server(SplitHouse house, int timeoutMs) throws Exception {
    QuicSocket listener = house.listener(SplitHouse.ALPN);
    InetSocketAddress at = listener.getsockname();
    Future<QuicSocket> far =
        house.pool.submit(() -> {
          QuicSocket s = house.connect(at, SplitHouse.ALPN);
          QuicHandshake.client(
              s,
              QuicClientTls.of(SplitHouse.NAME, SplitHouse.ALPN)
                  .withTrustAnchors(List.of(house.ca.certificate())));
          return s;
        });
    QuicSocket consumer = listener.accept();
    return new ConsumerPair(consumer, house.serverHello(consumer, timeoutMs), far, listener);
  }

  /** The consumer's handshake succeeds, and the connection works. */
  void established() throws Exception {
    assertThat(asked.await()).isZero();
    goesOn();
  }

  /** The connection works. */
  void goesOn() throws Exception {
    QuicSocket other = far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
    SplitHouse.carry(consumer, other, "there");
    SplitHouse.carry(other, consumer, "and back");
  }

  /** The program learns of the failure, unless its own handshake was over by then. */
  void farEnds() throws Exception {
    // A client that never came would leave it waiting.
    listener.close();
    try {
      far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS).close();
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(QuicException.class);
    }
  }
}
