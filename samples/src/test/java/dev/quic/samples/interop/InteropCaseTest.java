package dev.quic.samples.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicSockets;
import dev.quic.samples.Keys;
import dev.quic.samples.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client and server of the runner's cases, over UDP on loopback. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class InteropCaseTest {
  private static final int FILES = 3;
  private static final int SIZE = 300_000;

  @TempDir Path dir;

  @BeforeEach
  void keysAndFiles() throws IOException {
    Path certs = dir.resolve("certs");
    Keys.write(certs, List.of("localhost"));
    Files.move(certs.resolve(Keys.SERVER_CERT), certs.resolve("cert.pem"));
    Files.move(certs.resolve(Keys.SERVER_KEY), certs.resolve("priv.key"));
    Files.createDirectories(dir.resolve("www"));
    Random random = new Random(1);
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[SIZE];
      random.nextBytes(content);
      Files.write(dir.resolve("www/f" + i), content);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "handshake",
        "transfer",
        "chacha20",
        "retry",
        "resumption",
        "zerortt",
        "multiconnect",
        "v2",
        "versionnegotiation",
        "http3"
      })
  void allFilesArrive(String name) throws Exception {
    InteropCase what = Objects.requireNonNull(InteropCase.of(name));
    run(what, FILES);
    for (int i = 0; i < FILES; i++) {
      assertThat(dir.resolve("downloads/f" + i)).hasSameBinaryContentAs(dir.resolve("www/f" + i));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"transfer", "chacha20", "retry", "resumption", "multiconnect", "v2", "keyupdate"})
  void allFilesArriveByHttp3(String name) throws Exception {
    run(Objects.requireNonNull(InteropCase.of(name)), InteropCase.H3, FILES);
    for (int i = 0; i < FILES; i++) {
      assertThat(dir.resolve("downloads/f" + i)).hasSameBinaryContentAs(dir.resolve("www/f" + i));
    }
  }

  @Test
  void aMissingFileIsAnError() {
    assertThatThrownBy(() -> run(InteropCase.HANDSHAKE, FILES + 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/f" + FILES);
  }

  private void run(InteropCase what, int files) throws Exception {
    run(what, what.protocol(), files);
  }

  private void run(InteropCase what, String protocol, int files) throws Exception {
    Path certs = dir.resolve("certs");
    CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
    try (QuicSockets ours = Transport.inProcess().open();
        QuicSockets theirs = Transport.inProcess().open()) {
      InteropServer server =
          new InteropServer(what, certs, dir.resolve("www"), protocol, List.of());
      Thread.ofVirtual()
          .start(() -> {
            try {
              server.run(theirs, "127.0.0.1:0", listening::complete);
            } catch (IOException | InterruptedException e) {
              // the end, unless it never began
              listening.completeExceptionally(e);
            }
          });
      int port = listening.get().getPort();
      List<URI> urls = new ArrayList<>();
      for (int i = 0; i < files; i++) {
        urls.add(URI.create("https://localhost:" + port + "/f" + i));
      }
      InetAddress loopback = InetAddress.getByName("127.0.0.1");
      Path downloads = dir.resolve("downloads");
      new InteropClient(what, certs, downloads, protocol, loopback).run(ours, urls);
    }
  }
}
