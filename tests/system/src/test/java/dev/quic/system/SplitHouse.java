package dev.quic.system;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConnectionClose;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A data plane in this process with consumers inside it, an authority with its files, and room for
 * handshake daemons beside it.
 */
final class SplitHouse implements AutoCloseable {
  static final String ALPN = "house";
  static final String NAME = "localhost";
  static final int TIMEOUT_MS = 30_000;

  /** Longer than any wait should be; only a hang meets it. */
  static final long PATIENCE_SECONDS = 60;

  private final Path dir;
  final DataPlane plane;
  final CertificateAuthority ca;
  final Credentials server;
  final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();

  SplitHouse(Path dir) throws Exception {
    this.dir = dir;
    ca = CertificateAuthority.create("house authority", Instant.now());
    server = ca.server(NAME);
    CertificateAuthority.writeCertificates(file("ca.pem"), List.of(ca.certificate()));
    identity("server", server);
    // One shard: whatever was asked of one socket is over when another one answers.
    plane = DataPlane.builder().runDir(file("run")).shards(1).start();
  }

  Path file(String name) {
    return dir.resolve(name);
  }

  /** Writes {@code NAME.pem} and {@code NAME.key}. */
  void identity(String name, Credentials c) throws Exception {
    CertificateAuthority.writeCertificates(file(name + ".pem"), c.chain());
    CertificateAuthority.writeKey(file(name + ".key"), c.key());
  }

  /** A daemon that trusts the authority and has a server's certificate. */
  Handshaked daemon(String... javaOptions) throws Exception {
    return daemonWith("x509.truststore = ca.pem", serverFiles("server"), javaOptions);
  }

  static String serverFiles(String name) {
    return "x509.certificate = " + name + ".pem\nx509.private_key = " + name + ".key";
  }

  /** A daemon with these lines for its roles. */
  Handshaked daemonWith(String client, String server, String... javaOptions) throws Exception {
    Path config = file("handshaked.conf");
    Files.writeString(
        config, "[authenticate.client]\n" + client + "\n[authenticate.server]\n" + server + "\n");
    return Handshaked.start(file("run"), config, file("trace"), javaOptions);
  }

  /** A daemon with a configuration of its own, and some more environment. */
  Handshaked daemonOf(Map<String, String> environment, String... lines) throws Exception {
    configure(lines);
    return Handshaked.start(file("run"), file("handshaked.conf"), file("trace"), environment);
  }

  /** Writes the configuration anew, in place. */
  void configure(String... lines) throws Exception {
    Files.write(file("handshaked.conf"), List.of(lines));
  }

  QuicSocket listener(String alpn) throws QuicException {
    QuicSocket s = plane.sockets().socket(QuicUapi.AF_INET);
    alpn(s, alpn);
    s.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    s.listen(16);
    return s;
  }

  QuicSocket connect(InetSocketAddress to, String alpn) throws QuicException {
    QuicSocket s = plane.sockets().socket(QuicUapi.AF_INET);
    alpn(s, alpn);
    s.connect(to);
    return s;
  }

  private static void alpn(QuicSocket s, String alpn) throws QuicException {
    s.setsockopt(
        QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, alpn.getBytes(StandardCharsets.UTF_8));
  }

  /** A consumer's request: what the submit call returned, and what the callback will get. */
  record Asked(int submitted, CompletableFuture<Integer> status) {
    int await() throws Exception {
      if (submitted != 0) {
        throw new AssertionError("submit returned " + submitted);
      }
      return status.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  Asked clientHello(QuicSocket sock, String peername, int timeoutMs) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    int submitted =
        plane
            .tls()
            .tlsClientHelloX509(
                TlsHandshakeArgs.x509(sock, (s, id) -> finish(status, s), peername, timeoutMs));
    return new Asked(submitted, status);
  }

  Asked serverHello(QuicSocket sock, int timeoutMs) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    int submitted =
        plane
            .tls()
            .tlsServerHelloX509(
                TlsHandshakeArgs.x509(sock, (s, id) -> finish(status, s), null, timeoutMs));
    return new Asked(submitted, status);
  }

  private static void finish(CompletableFuture<Integer> status, int value) {
    if (!status.complete(value)) {
      throw new AssertionError("a callback ran twice");
    }
  }

  /** What the peer closed a socket's connection with. */
  static long closedWith(QuicSocket s) throws QuicException {
    return QuicConnectionClose.decode(
            s.getsockopt(
                QuicUapi.SOL_QUIC,
                QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE,
                new byte[0],
                QuicConnectionClose.SIZE))
        .errcode();
  }

  /**
   * Sends a few bytes on a new stream from one end and reads them, to the stream's end, at the
   * other.
   */
  static void carry(QuicSocket from, QuicSocket to, String text) throws QuicException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] info = new byte[16];
    Arrays.fill(info, 0, 8, (byte) -1);
    byte[] opened =
        from.getsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, info, info.length);
    long id = java.nio.ByteBuffer.wrap(opened).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    QuicStreams.sendAll(from, id, QuicUapi.MSG_QUIC_STREAM_FIN, bytes, 0, bytes.length);
    byte[] got = new byte[bytes.length + 1];
    QuicMsg msg = QuicMsg.plain();
    int n = QuicStreams.recvFully(to, msg, got, 0, got.length);
    String received = new String(got, 0, n, StandardCharsets.UTF_8);
    if (!received.equals(text) || msg.streamId != id) {
      throw new AssertionError("'" + received + "' on " + msg.streamId + " for '" + text + "'");
    }
  }

  @Override
  public void close() {
    plane.close();
    pool.shutdownNow();
  }
}
