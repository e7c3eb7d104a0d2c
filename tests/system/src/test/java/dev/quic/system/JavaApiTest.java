package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.connection.ConnectionClosedException;
import dev.quic.consumer.connection.ConnectionEvent;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.consumer.connection.StreamResetException;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QuicClient, QuicServer, QuicConnection and QuicStream, over descriptors. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class JavaApiTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  @TempDir Path dir;
  private DataPlane plane;
  private QuicServer server;
  private QuicConnection client;
  private QuicConnection far;
  private Path ca;

  @BeforeEach
  void start() throws Exception {
    CertificateAuthority authority = CertificateAuthority.create("api", Instant.now());
    Credentials c = authority.server("localhost");
    ca = dir.resolve("ca.pem");
    CertificateAuthority.writeCertificates(ca, List.of(authority.certificate()));
    CertificateAuthority.writeCertificates(dir.resolve("chain.pem"), c.chain());
    CertificateAuthority.writeKey(dir.resolve("key.pem"), c.key());
    plane = DataPlane.builder().runDir(dir.resolve("run")).shards(1).start();
    server = builder().listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    client = to().connect();
    far = server.accept();
  }

  private QuicServer.Builder builder() {
    return QuicServer.with(dir.resolve("chain.pem"), dir.resolve("key.pem"))
        .protocols("echo")
        .runDir(dir.resolve("run"));
  }

  private QuicClient to() throws IOException {
    return QuicClient.to("localhost", server.localAddress().getPort())
        .protocols("echo")
        .trust(ca)
        .runDir(dir.resolve("run"));
  }

  @AfterEach
  void stop() {
    client.close();
    far.close();
    server.close();
    plane.close();
  }

  /** Opens a stream and has the far side get it. */
  private QuicStream[] stream() throws IOException {
    QuicStream near = client.openStream();
    near.outputStream().write(HELLO);
    QuicStream there = far.acceptStream();
    assertThat(there.inputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
    return new QuicStream[] {near, there};
  }

  @Test
  void bothDirectionsToTheirEnds() throws Exception {
    QuicStream[] s = stream();
    s[0].outputStream().close();
    assertThat(s[1].inputStream().read()).isEqualTo(-1);
    s[1].outputStream().write(HELLO);
    s[1].outputStream().close();
    assertThat(s[0].inputStream().readAllBytes()).isEqualTo(HELLO);
    assertThat(client.protocol()).isEqualTo("echo");
    assertThat(client.peerCertificates()).hasSize(1);
    assertThat(client.remoteAddress()).isEqualTo(server.localAddress());
    assertThatThrownBy(() -> s[0].outputStream().write(1)).isInstanceOf(IOException.class);
    QuicStream uni = far.openUniStream();
    uni.outputStream().write(HELLO);
    uni.close();
    QuicStream got = client.acceptStream();
    assertThat(got.isBidirectional()).isFalse();
    assertThat(got.inputStream().readAllBytes()).isEqualTo(HELLO);
    assertThatThrownBy(got::outputStream).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(uni::inputStream).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theRightThingIsTheDefault() throws Exception {
    QuicClient trusting =
        QuicClient.to("localhost", server.localAddress().getPort())
            .protocols("echo")
            .runDir(dir.resolve("run"));
    assertThatThrownBy(trusting::connect)
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
    assertThatThrownBy(() -> to().serverName("other.test").connect())
        .hasMessageContaining("is not for other.test");
    QuicClient mute = QuicClient.to("localhost", 1);
    assertThatThrownBy(mute::connect).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> builder().listen(server.localAddress()))
        .isInstanceOfSatisfying(
            QuicException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
    try (QuicServer other = builder().protocols("other").listen(server.localAddress());
        QuicConnection c = to().protocols("other").connect()) {
      assertThat(other.accept().protocol()).isEqualTo("other");
      assertThat(c.protocol()).isEqualTo("other");
    }
  }

  @Test
  void deadlinesEndOneOperation() throws Exception {
    QuicStream[] s = stream();
    s[0].setReadTimeout(SHORT);
    assertThatThrownBy(() -> s[0].inputStream().read()).isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(() -> client.acceptStream(SHORT)).isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(() -> server.accept(SHORT)).isInstanceOf(SocketTimeoutException.class);
    assertThat(client.nextEvent(SHORT))
        .satisfiesAnyOf(
            e -> assertThat(e).isNull(), e -> assertThat(e).isInstanceOf(ConnectionEvent.class));
    s[0].setReadTimeout(Duration.ZERO);
    s[1].outputStream().write(HELLO);
    assertThat(s[0].inputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
  }

  /** Nobody reads: the peer's credit ends, then the write's patience. */
  @Test
  void writesTimeOutToo() throws Exception {
    QuicStream[] s = stream();
    s[0].setWriteTimeout(Duration.ofMillis(300));
    byte[] much = new byte[100_000_000];
    Arrays.fill(much, (byte) 7);
    int[] taken = {0};
    assertThatThrownBy(() -> s[0].outputStream().write(much))
        .isInstanceOfSatisfying(SocketTimeoutException.class, e -> taken[0] = e.bytesTransferred);
    int sent = taken[0];
    assertThat(sent).isBetween(1, much.length - 1);
    byte[] got = s[1].inputStream().readNBytes(sent);
    assertThat(got).hasSize(sent).containsOnly(7);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void interruptsEndOneOperation(boolean virtual) throws Exception {
    QuicStream[] s = stream();
    CompletableFuture<Exception> ended = new CompletableFuture<>();
    Thread reader = start(virtual, ended, () -> assertThat(s[0].inputStream().read()).isEqualTo(0));
    reader.interrupt();
    assertThat(ended.get()).isInstanceOf(InterruptedIOException.class);
    CompletableFuture<Exception> acceptor = new CompletableFuture<>();
    start(virtual, acceptor, () -> server.accept()).interrupt();
    assertThat(acceptor.get()).isInstanceOf(InterruptedIOException.class);
    s[1].outputStream().write(HELLO);
    assertThat(s[0].inputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void interruptsCloseAChannel(boolean virtual) throws Exception {
    QuicStream[] s = stream();
    ByteChannel channel = s[0].channel();
    CompletableFuture<Exception> ended = new CompletableFuture<>();
    start(virtual, ended, () -> channel.read(ByteBuffer.allocate(10))).interrupt();
    assertThat(ended.get()).isInstanceOf(ClosedByInterruptException.class);
    assertThat(channel.isOpen()).isFalse();
    assertThat(s[1].inputStream().read()).isEqualTo(-1);
    QuicStream[] other = stream();
    ByteBuffer buffer = ByteBuffer.wrap(HELLO);
    assertThat(other[0].channel().write(buffer)).isEqualTo(HELLO.length);
    ByteBuffer in = ByteBuffer.allocate(HELLO.length);
    ByteChannel there = other[1].channel();
    while (in.hasRemaining()) {
      assertThat(there.read(in)).isPositive();
    }
    assertThat(in.array()).isEqualTo(HELLO);
  }

  /** What may throw anything. */
  private interface Body {
    void run() throws Exception;
  }

  private static Thread start(boolean virtual, CompletableFuture<Exception> ended, Body body) {
    Thread.Builder b = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    return b.start(() -> {
      try {
        body.run();
        ended.complete(new Exception("it went well"));
      } catch (Exception e) {
        ended.complete(Thread.currentThread().isInterrupted() ? e : new Exception("no status", e));
      }
    });
  }

  @Test
  void manyStreamsOnVirtualThreads() throws Exception {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var unused =
          pool.submit(() -> {
            while (true) {
              QuicStream s = far.acceptStream();
              var ignored =
                  pool.submit(() -> {
                    s.inputStream().transferTo(s.outputStream());
                    s.close();
                    return true;
                  });
            }
          });
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        byte[] bytes = new byte[20_000];
        Arrays.fill(bytes, (byte) i);
        all.add(
            pool.submit(() -> {
              try (QuicStream s = client.openStream()) {
                s.outputStream().write(bytes);
                s.outputStream().close();
                byte[] back = s.inputStream().readAllBytes();
                assertThat(back).isEqualTo(bytes);
                return back.length;
              }
            }));
      }
      for (Future<Integer> f : all) {
        assertThat(f.get()).isEqualTo(20_000);
      }
      client.close();
    }
  }

  @Test
  void resetsTellTheirCode() throws Exception {
    QuicStream[] s = stream();
    s[1].reset(42);
    assertThatThrownBy(() -> s[0].inputStream().read())
        .isInstanceOfSatisfying(
            StreamResetException.class, e -> assertThat(e.code()).isEqualTo(42));
    s[1].stopSending(43);
    s[0].setWriteTimeout(Duration.ofSeconds(30));
    assertThatThrownBy(
            () -> {
              while (true) {
                s[0].outputStream().write(HELLO);
              }
            })
        .isInstanceOfSatisfying(
            StreamResetException.class, e -> assertThat(e.code()).isEqualTo(43));
  }

  @Test
  void closingTellsCodeAndReason() throws Exception {
    QuicStream[] s = stream();
    far.close(7, "bye");
    assertThatThrownBy(() -> s[0].inputStream().read())
        .isInstanceOfSatisfying(
            ConnectionClosedException.class, e -> assertThat(e.code()).isEqualTo(7))
        .hasMessageContaining("bye");
    ConnectionEvent last = client.nextEvent(Duration.ofSeconds(10));
    while (!(last instanceof ConnectionEvent.Closed)) {
      last = client.nextEvent(Duration.ofSeconds(10));
    }
    assertThat(((ConnectionEvent.Closed) last).code()).isEqualTo(7);
    assertThatThrownBy(() -> client.nextEvent(SHORT)).isInstanceOf(ConnectionClosedException.class);
    assertThatThrownBy(client::openStream).isInstanceOf(IOException.class);
  }

  @Test
  void closingEndsWhoWaits() throws Exception {
    QuicStream[] s = stream();
    CompletableFuture<Exception> ended = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            ended.complete(new Exception("read " + s[0].inputStream().read()));
          } catch (IOException e) {
            ended.complete(e);
          }
        });
    client.close();
    assertThat(ended.get()).isInstanceOf(ConnectionClosedException.class);
  }
}
