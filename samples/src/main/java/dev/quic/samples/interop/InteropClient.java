package dev.quic.samples.interop;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.session.QuicSession;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.samples.Endpoint;
import dev.quic.samples.PreparedSockets;
import dev.quic.samples.SocketOptions;
import dev.quic.samples.UrlGroup;
import dev.quic.samples.h3.H3Download;
import dev.quic.samples.hq.HqDownload;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The client of a test case. */
final class InteropClient {
  /** A handshake at 30 % loss takes some PTOs; the runner gives up after a minute or five. */
  static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(50);

  private static final String NOT_RESUMED = "the server did not resume the session";
  private static final Duration TICKET_LIMIT = Duration.ofSeconds(2);
  private static final int DEFAULT_PORT = 443;

  /** The runner wants flow control to be at work in a transfer of megabytes; bytes. */
  private static final int SMALL_WINDOW = 256 * 1024;

  private static final int SMALL_STREAM_WINDOW = 128 * 1024;

  private final InteropCase what;
  private final Path certs;
  private final Path downloads;
  private final String alpn;
  private final @Nullable InetAddress address;

  /** Of the last connection, for the next one. */
  private @Nullable QuicSession session;

  private long bytes;

  InteropClient(
      InteropCase what, Path certs, Path downloads, String alpn, @Nullable InetAddress address) {
    this.what = what;
    this.certs = certs;
    this.downloads = downloads;
    this.alpn = alpn;
    this.address = address;
  }

  /** Whether secrets are to be logged, as the runner asks for with SSLKEYLOGFILE. */
  static boolean keyLog() {
    String file = System.getenv("SSLKEYLOGFILE");
    return file != null && !file.isEmpty();
  }

  /**
   * @throws IOException when not everything arrived as the case wants it, saying what
   */
  void run(QuicSockets sockets, List<URI> urls) throws IOException, InterruptedException {
    Files.createDirectories(downloads);
    long start = System.nanoTime();
    if (what.connectionPerFile()) {
      for (URI url : urls) {
        fetch(sockets, List.of(url), false);
      }
    } else if (what.resumes() && urls.size() > 1) {
      fetch(sockets, urls.subList(0, 1), true);
      fetch(sockets, urls.subList(1, urls.size()), false);
    } else {
      fetch(sockets, urls, false);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d files, %d bytes in %.3f s, %.0f kbit/s%n",
        urls.size(),
        bytes,
        seconds,
        bytes * 8 / seconds / 1000);
  }

  /**
   * @param keep whether the next connection is to resume this one
   */
  private void fetch(QuicSockets sockets, List<URI> urls, boolean keep)
      throws IOException, InterruptedException {
    URI first = urls.getFirst();
    String host = first.getHost().replaceAll("^\\[|\\]$", "");
    int port = first.getPort() < 0 ? DEFAULT_PORT : first.getPort();
    InetAddress to = address == null ? InetAddress.getByName(host) : address;
    InetSocketAddress remote = new InetSocketAddress(to, port);
    List<String> paths = urls.stream().map(URI::getRawPath).toList();
    if (alpn.equals(InteropCase.H3)) {
      fetchHttp3(sockets, remote, new UrlGroup(host, port, paths), keep);
      return;
    }
    try (QuicSocket sock = sockets.socket(Endpoint.family(remote))) {
      configure(sock);
      sock.connect(remote);
      HqDownload download = new HqDownload(sock, downloads, paths);
      Deed deed = new Deed(what, sock);
      download.onData(deed::attempt);
      try (QuicHandshakeResult agreed = handshake(sock, host, download)) {
        bytes += download.run(() -> keep(keep, sock, agreed));
      }
      deed.require();
    }
  }

  private void fetchHttp3(
      QuicSockets sockets, InetSocketAddress remote, UrlGroup group, boolean keep)
      throws IOException, InterruptedException {
    QuicSession last = session;
    session = null;
    QuicClientTls tls = tls(group.host()).withSession(last);
    QuicClient client =
        QuicClient.to(remote.getAddress().getHostAddress(), remote.getPort())
            .protocols(alpn)
            .sockets(new PreparedSockets(sockets, this::configure))
            .tls(t -> tls);
    try (QuicConnection connection = client.connect()) {
      if (last != null && !connection.handshake().resumed()) {
        throw new IOException(NOT_RESUMED);
      }
      H3Download download = new H3Download(connection, group.authority(), downloads);
      Deed deed = new Deed(what, connection.socket());
      download.onData(deed::attempt);
      bytes += download.run(group.paths());
      keep(keep, connection.socket(), connection.handshake());
      download.close();
      deed.require();
    } finally {
      if (last != null) {
        last.destroy();
      }
    }
  }

  private void configure(QuicSocket sock) throws QuicException {
    SocketOptions.setAlpn(sock, alpn);
    Versions.apply(sock, what, false);
    if (what == InteropCase.TRANSFER) {
      sock.setsockopt(
          QuicUapi.SOL_QUIC,
          QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM,
          QuicTransportParam.windows(SMALL_WINDOW, SMALL_STREAM_WINDOW).encode());
    }
  }

  private QuicHandshakeResult handshake(QuicSocket sock, String host, HqDownload download)
      throws IOException {
    QuicSession last = session;
    session = null;
    try {
      QuicClientTls tls = tls(host).withSession(last).withEarlyData(what == InteropCase.ZERORTT);
      if (what == InteropCase.ZERORTT && QuicHandshake.prepareEarlyData(sock, tls)) {
        download.requestEarly();
      }
      QuicHandshakeResult agreed = QuicHandshake.client(sock, tls);
      if (last != null && !agreed.resumed()) {
        agreed.destroy();
        throw new IOException(NOT_RESUMED);
      }
      return agreed;
    } finally {
      if (last != null) {
        last.destroy();
      }
    }
  }

  private QuicClientTls tls(String host) {
    QuicClientTls tls =
        QuicClientTls.of(host)
            .withTrustFile(certs.resolve("ca.pem"))
            .withTimeout(HANDSHAKE_LIMIT)
            .withKeyLog(keyLog());
    return what == InteropCase.CHACHA20
        ? tls.withCipher(QuicUapi.TLS_CIPHER_CHACHA20_POLY1305)
        : tls;
  }

  private void keep(boolean wanted, QuicSocket sock, QuicHandshakeResult agreed)
      throws IOException {
    if (!wanted) {
      return;
    }
    session = agreed.awaitSession(sock, TICKET_LIMIT);
    if (session == null) {
      throw new IOException("the server sent no session ticket");
    }
  }
}
