package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.QuicStreams;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicHandshakeResult;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;

/** Sends back what comes, on a data plane of its own. */
final class EchoServer implements AutoCloseable {
  private final QuicSockets sockets = Transport.inProcess().open();
  private final QuicSocket listener;
  private final QuicServerTls tls;

  /** Handshakes that ended well, in their order. */
  final LinkedBlockingQueue<QuicHandshakeResult> handshakes = new LinkedBlockingQueue<>();

  /** Bytes of each message that was received after a handshake. */
  final LinkedBlockingQueue<String> echoed = new LinkedBlockingQueue<>();

  EchoServer(QuicServerTls tls) throws IOException {
    this.tls = tls;
    listener = sockets.socket(QuicUapi.AF_INET);
    SocketOptions.setAlpn(listener, "echo");
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(8);
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() throws QuicException {
    return listener.getsockname();
  }

  private void accept() {
    try {
      while (true) {
        QuicSocket sock = listener.accept();
        Thread.ofVirtual().start(() -> serve(sock));
      }
    } catch (QuicException e) {
      // closed
      return;
    }
  }

  private void serve(QuicSocket sock) {
    try (sock) {
      handshakes.add(QuicHandshake.server(sock, tls));
      byte[] buf = new byte[4096];
      QuicMsg msg = QuicMsg.plain();
      while (true) {
        msg.flags = 0;
        int n = sock.recvmsg(msg, buf, 0, buf.length);
        if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO) {
          int fin = msg.isFin() ? QuicUapi.MSG_QUIC_STREAM_FIN : 0;
          echoed.add(new String(buf, 0, n, StandardCharsets.US_ASCII));
          QuicStreams.sendAll(sock, msg.streamId, fin, buf, 0, n);
        }
      }
    } catch (QuicException e) {
      // the connection is over; what is missing then the client's side of the test misses
      return;
    }
  }

  @Override
  public void close() {
    listener.close();
    sockets.close();
  }
}
