package dev.quic.system;

import dev.quic.consumer.KernelConsumer;
import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.QuicStreams;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Inside a data plane: sends one stream of each connection back, with handshakes of the daemon. The
 * argument is {@code PORT WINDOW}: a UDP port of the loopback address, 0 for any, and the bytes a
 * connection may have under way. Uses nothing but what a consumer has, since it is loaded from a
 * directory.
 */
public final class EchoConsumer implements KernelConsumer {
  static final String NAME = "echo";
  static final String ALPN = "echo";

  /** Spoken as well; means the same. */
  static final String OTHER_ALPN = "echo-too";

  /** Begins the line that says on which port it listens. */
  static final String READY = "echo listens on ";

  private static final int HANDSHAKE_TIMEOUT_MS = 30_000;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void run(QuicSockets sockets, TlsHandshakes tls, String args) throws Exception {
    String[] words = args.split(" ", 2);
    long window = Long.parseLong(words[1]);
    try (QuicSocket listener = sockets.socket(QuicUapi.AF_INET)) {
      byte[] protocols = (ALPN + "," + OTHER_ALPN).getBytes(StandardCharsets.US_ASCII);
      option(listener, QuicUapi.QUIC_SOCKOPT_ALPN, protocols);
      option(
          listener,
          QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM,
          QuicTransportParam.windows(window, window).encode());
      listener.bind(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[0])));
      listener.listen(16);
      System.out.println(READY + listener.getsockname().getPort());
      while (true) {
        QuicSocket sock = listener.accept();
        Thread.ofVirtual().name("echo").start(() -> answer(sock, tls));
      }
    }
  }

  private static void option(QuicSocket sock, int name, byte[] value) throws QuicException {
    sock.setsockopt(QuicUapi.SOL_QUIC, name, value);
  }

  private static void answer(QuicSocket sock, TlsHandshakes tls) {
    try (sock) {
      var unused = tls.serverHelloX509(sock, HANDSHAKE_TIMEOUT_MS).get();
      byte[] buffer = new byte[1_024];
      QuicMsg msg = QuicMsg.plain();
      int n = QuicStreams.recvFully(sock, msg, buffer, 0, buffer.length);
      QuicStreams.sendAll(sock, msg.streamId, QuicUapi.MSG_QUIC_STREAM_FIN, buffer, 0, n);
      // Until the client has gone.
      var none = QuicStreams.recvFully(sock, QuicMsg.plain(), buffer, 0, buffer.length);
    } catch (Exception e) {
      // A handshake that fails, as some are meant to; the client sees it.
      System.out.println("echo: " + e.getMessage());
    }
  }
}
