package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the Javadoc, as they stand there. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class JavaApiExamplesTest {
  @TempDir Path dir;

  private static void echo(QuicConnection connection) {
    try (connection;
        QuicStream s = connection.acceptStream()) {
      s.inputStream().transferTo(s.outputStream());
      s.outputStream().close();
      // Until the client has all and goes.
      connection.acceptStream();
    } catch (IOException e) {
      // The client is gone.
      return;
    }
  }

  @Test
  void theyRun() throws Exception {
    CertificateAuthority authority = CertificateAuthority.create("api", Instant.now());
    Credentials made = authority.server("localhost");
    Path ca = dir.resolve("ca.pem");
    Path chain = dir.resolve("chain.pem");
    Path key = dir.resolve("key.pem");
    CertificateAuthority.writeCertificates(ca, List.of(authority.certificate()));
    CertificateAuthority.writeCertificates(chain, made.chain());
    CertificateAuthority.writeKey(key, made.key());
    InetAddress address = InetAddress.getLoopbackAddress();
    try (DataPlane plane = DataPlane.builder().runDir(dir.resolve("run")).shards(1).start();
        RemoteQuicSockets sockets = RemoteQuicSockets.open(dir.resolve("run"));
        QuicServer server =
            QuicServer.with(chain, key)
                .protocols("echo")
                .sockets(sockets)
                .listen(new InetSocketAddress(address, 0))) {
      Thread.startVirtualThread(() -> serve(server));
      int port = server.localAddress().getPort();
      try (QuicConnection c =
              QuicClient.to("localhost", port)
                  .protocols("echo")
                  .trust(ca)
                  .sockets(sockets)
                  .connect();
          QuicStream s = c.openStream()) {
        s.outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
        s.outputStream().close();
        byte[] answer = s.inputStream().readAllBytes();
        assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo("hello");
      }
    }
  }

  private static void serve(QuicServer server) {
    try {
      while (true) {
        QuicConnection c = server.accept();
        Thread.startVirtualThread(() -> echo(c));
      }
    } catch (IOException e) {
      // Closed.
      return;
    }
  }

  /** Every statement of an example is one of this class, which the compiler has seen. */
  @ParameterizedTest
  @ValueSource(strings = {"QuicClient", "QuicServer"})
  void theyAreTheOnesInTheJavadoc(String name) throws Exception {
    Path here = BinProcess.checkout();
    String source =
        Files.readString(
            here.resolve("consumer-api/split/src/main/java/dev/quic/consumer/connection")
                .resolve(name + ".java"));
    String own =
        Files.readString(
                here.resolve("tests/system/src/test/java/dev/quic/system/JavaApiExamplesTest.java"))
            .replaceAll("\\s+", "");
    int start = source.indexOf("{@snippet :");
    List<String> calls =
        source
            .substring(start, source.indexOf("\n * }\n", start))
            .lines()
            .skip(1)
            .map(line -> line.replaceFirst("^ \\* ?", "").strip())
            .filter(line -> line.endsWith(";") && !line.contains("System.out"))
            // Here with sockets of a data plane of its own.
            .filter(line -> !line.startsWith("try"))
            .toList();
    assertThat(calls).isNotEmpty();
    for (String call : calls) {
      assertThat(own).contains(call.replaceAll("\\s+", ""));
    }
  }
}
