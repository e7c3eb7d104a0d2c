package dev.quic.consumer.connection;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Connects to servers. The server's certificate is verified against the system's authorities and
 * the host name unless something else is asked for; a protocol has to be named.
 *
 * {@snippet :
 * try (QuicConnection c = QuicClient.to("localhost", port).protocols("echo").trust(ca).connect();
 *     QuicStream s = c.openStream()) {
 *   s.outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
 *   s.outputStream().close();
 *   byte[] answer = s.inputStream().readAllBytes();
 *   System.out.println(new String(answer, StandardCharsets.UTF_8));
 * }
 * }
 *
 * <p>Not thread-safe while it is set up; {@link #connect} may be called any number of times, from
 * any thread.
 */
public final class QuicClient {
  private final String host;
  private final int port;
  private List<String> protocols = List.of();
  private final SocketSource source = new SocketSource();
  private Duration timeout = QuicHandshake.DEFAULT_TIMEOUT;
  private UnaryOperator<QuicClientTls> tls = t -> t;
  private String name;

  private QuicClient(String host, int port) {
    this.host = host;
    this.port = port;
    name = host;
  }

  /**
   * A client of one server.
   *
   * @param host name or address; the certificate has to be for it
   * @param port 1 to 65535
   */
  public static QuicClient to(String host, int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
    return new QuicClient(Objects.requireNonNull(host), port);
  }

  /** The protocols to offer (ALPN), best first. Needed. */
  public QuicClient protocols(String... offered) {
    protocols = List.of(offered);
    return this;
  }

  /** Trusts the authorities of a PEM bundle, and no others. */
  public QuicClient trust(Path pem) {
    return tls(t -> t.withTrustFile(pem));
  }

  /** The name the certificate has to be for, where it is not the host's. */
  public QuicClient serverName(String expected) {
    name = Objects.requireNonNull(expected);
    return this;
  }

  /** Whatever else TLS shall do: a certificate of ours, pre-shared keys, a session to resume. */
  public QuicClient tls(UnaryOperator<QuicClientTls> change) {
    UnaryOperator<QuicClientTls> before = tls;
    tls = t -> change.apply(before.apply(t));
    return this;
  }

  /** Time for the whole handshake, 10 seconds unless set. */
  public QuicClient timeout(Duration limit) {
    timeout = Objects.requireNonNull(limit);
    return this;
  }

  /**
   * Takes datagrams (RFC 9221) of the server's; without it the server can send none. What we send
   * is up to the server.
   *
   * @param largest bytes of a datagram with its header, 1200 to 65535; what a path carries is less
   */
  public QuicClient datagrams(int largest) {
    source.datagrams(largest);
    return this;
  }

  /** Makes sockets here; they stay the caller's to close. Without it a data plane is looked for. */
  public QuicClient sockets(QuicSockets maker) {
    source.use(maker);
    return this;
  }

  /** Where the data plane's sockets are; the default run directory otherwise. */
  public QuicClient runDir(Path dir) {
    source.runDir(dir);
    return this;
  }

  /**
   * Connects: resolves the name, does the handshake.
   *
   * @throws IllegalStateException without a protocol
   * @throws QuicException EHOSTUNREACH and others of the network; EACCES and EKEYEXPIRED for a
   *     certificate that does not do; ETIMEDOUT; ECONNREFUSED without a data plane. The message is
   *     one line for a person
   */
  public QuicConnection connect() throws IOException {
    if (protocols.isEmpty()) {
      throw new IllegalStateException("name a protocol: QuicClient.protocols(...)");
    }
    InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(host), port);
    SocketSource.Opened from = source.open();
    boolean done = false;
    try {
      QuicConnection c = connect(from, to);
      done = true;
      return c;
    } finally {
      if (!done) {
        from.end().run();
      }
    }
  }

  private QuicConnection connect(SocketSource.Opened from, InetSocketAddress to)
      throws IOException {
    QuicSocket sock = from.socket(to, protocols);
    boolean done = false;
    try {
      QuicClientTls wanted =
          tls.apply(QuicClientTls.of(name, protocols.toArray(String[]::new)).withTimeout(timeout));
      begin(sock, wanted.sessionVersion());
      sock.connect(to);
      QuicHandshakeResult result = QuicHandshake.client(sock, wanted);
      QuicConnection c = new QuicConnection(sock, false, result, from.end());
      done = true;
      return c;
    } catch (QuicException e) {
      throw e.errno() == Errno.EINTR ? Patience.interrupted("connect") : e;
    } finally {
      if (!done) {
        sock.close();
      }
    }
  }

  /** Has a socket try this QUIC version first; 0 for the one it would try anyway. */
  private static void begin(QuicSocket sock, int version) throws QuicException {
    if (version == QuicUapi.QUIC_VERSION_V1 || version == QuicUapi.QUIC_VERSION_V2) {
      QuicConfig first = new QuicConfig(version, 0, 0, 0, 0, false, false, 0, 0, 0);
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, first.encode());
    }
  }
}
