package dev.quic.consumer.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.uapi.Errno;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QuicServerTest {
  private static <T> T fake(Class<T> type, java.lang.reflect.InvocationHandler calls) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
  }

  /** One connection that ends may be the end of the lack. */
  @Test
  void aLackOfDescriptorsDoesNotEndAServer() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch wentOn = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    QuicSocket listener =
        fake(
            QuicSocket.class,
            (proxy, method, args) -> {
              if (method.getName().equals("close")) {
                closed.countDown();
              } else if (method.getName().equals("accept")) {
                if (asked.getAndIncrement() < 2) {
                  throw new QuicException(Errno.EMFILE, "accept");
                }
                wentOn.countDown();
                awaitQuietly(closed);
                throw new QuicException(Errno.EBADF, "accept");
              }
              return null;
            });
    QuicSockets maker = fake(QuicSockets.class, (proxy, method, args) -> listener);
    AtomicInteger told = new AtomicInteger();
    CountDownLatch refusals = new CountDownLatch(2);
    try (QuicServer server =
        QuicServer.with(Path.of("chain"), Path.of("key"))
            .protocols("echo")
            .onRefused(e -> {
              told.addAndGet(e.errno());
              refusals.countDown();
            })
            .sockets(maker)
            .listen(new InetSocketAddress("127.0.0.1", 4433))) {
      wentOn.await();
      refusals.await();
      assertThat(told).hasValue(2 * Errno.EMFILE);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
