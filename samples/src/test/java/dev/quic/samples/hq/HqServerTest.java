package dev.quic.samples.hq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.DaemonUnreachableException;
import dev.quic.uapi.Errno;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class HqServerTest {
  @TempDir Path dir;

  /** Its accept fails with each of these, in order. */
  private static QuicSocket failing(Integer... errnos) {
    Queue<Integer> left = new ArrayDeque<>(List.of(errnos));
    return (QuicSocket)
        Proxy.newProxyInstance(
            QuicSocket.class.getClassLoader(),
            new Class<?>[] {QuicSocket.class},
            (proxy, method, args) -> {
              throw new QuicException(left.remove(), method.getName());
            });
  }

  @Test
  void aLackOfDescriptorsIsWaitedOutAndSaidOnce() throws Exception {
    List<String> said = new ArrayList<>();
    HqServer server = new HqServer(new HqFiles(dir), sock -> {}, said::add);
    QuicSocket listener =
        failing(Errno.EMFILE, Errno.EMFILE, Errno.EINTR, Errno.ENFILE, Errno.EBADF);
    long start = System.nanoTime();
    assertThatThrownBy(() -> server.accept(listener)).hasMessage("accept: EBADF");
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(70_000_000L);
    assertThat(said).singleElement().asString().contains("no descriptors left");
  }

  @Test
  void theDataPlanesEndIsNamed() throws Exception {
    HqServer server = new HqServer(new HqFiles(dir), sock -> {}, line -> {});
    assertThatThrownBy(() -> server.accept(failing(Errno.ENOTCONN)))
        .isInstanceOf(DaemonUnreachableException.class)
        .hasMessageStartingWith("the data plane is gone");
  }
}
