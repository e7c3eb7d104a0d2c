package dev.quic.dataplane.daemon.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.handshake.FakeDaemon;
import dev.quic.uapi.QuicUapi;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The timeline of a client's handshake that a daemon runs. */
@Timeout(60)
class TraceTest {
  @Test
  void showsEveryStepInOrder(@TempDir Path temp) throws Exception {
    Path file = temp.resolve("trace.json");
    Path dir = temp.resolve("run");
    ExecutorService pool = Executors.newCachedThreadPool();
    try (DataPlane plane = DataPlane.builder().runDir(dir).shards(1).trace(file).start();
        FakeDaemon one = new FakeDaemon(dir);
        FakeDaemon two = new FakeDaemon(dir)) {
      QuicSocket listener = plane.sockets().socket(QuicUapi.AF_INET);
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      listener.listen(4);
      QuicSocket client = plane.sockets().socket(QuicUapi.AF_INET);
      client.connect(listener.getsockname());
      CompletableFuture<Integer> up = plane.tls().clientHelloX509(client, null, 20_000);
      var first =
          pool.submit(() -> {
            one.serveOne();
            return null;
          });
      QuicSocket server = listener.accept();
      two.awaitReady();
      CompletableFuture<Integer> down = plane.tls().serverHelloX509(server, 20_000);
      two.serveOne();
      up.get(20, TimeUnit.SECONDS);
      down.get(20, TimeUnit.SECONDS);
      first.get(20, TimeUnit.SECONDS);
    } finally {
      pool.shutdownNow();
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).allMatch(l -> l.startsWith("{\"t_ns\":") && l.endsWith("}"));
    String sock =
        lines.stream().filter(l -> l.contains("\"client\":true")).findFirst().orElseThrow();
    String key = sock.substring(sock.indexOf("\"sock\":"), sock.indexOf(",\"event\""));
    List<String> events =
        lines.stream()
            .filter(l -> l.contains(key + ","))
            .map(l -> l.substring(l.indexOf("\"event\":\"") + 9))
            .map(l -> l.substring(0, l.indexOf('"')))
            .toList();
    assertThat(events)
        .containsSubsequence(
            "request",
            "ready",
            "accept",
            "crypto_sent",
            "crypto_received",
            "secret",
            "state",
            "done");
    assertThat(String.join("\n", lines)).contains("\"level\":\"handshake\",\"dir\":\"recv\"");
  }
}
