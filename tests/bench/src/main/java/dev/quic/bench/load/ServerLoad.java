package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Accepts, has the handshake done, and closes when the client has. */
final class ServerLoad {
  private static final int BACKLOG = 256;
  private static final int TIMEOUT_MS = 20_000;

  private ServerLoad() {}

  /** The client closes when it is through; before that it may still be installing its keys. */
  private static void serve(TlsHandshakes tls, QuicSocket sock) {
    try (sock) {
      tls.serverHelloX509(sock, TIMEOUT_MS).get();
      byte[] buf = new byte[64];
      QuicMsg msg = QuicMsg.plain();
      while (true) {
        sock.recvmsg(msg, buf, 0, buf.length);
      }
    } catch (ExecutionException e) {
      System.out.println("bench server: " + e.getCause());
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN) {
        System.out.println("bench server: " + e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void run(
      QuicSockets sockets,
      TlsHandshakes tls,
      InetSocketAddress at,
      CompletableFuture<InetSocketAddress> listening)
      throws Exception {
    try (QuicSocket listener = sockets.socket(QuicUapi.AF_INET)) {
      listener.setsockopt(
          QuicUapi.SOL_QUIC,
          QuicUapi.QUIC_SOCKOPT_ALPN,
          HandshakeLoad.ALPN.getBytes(StandardCharsets.UTF_8));
      listener.bind(at);
      listener.listen(BACKLOG);
      InetSocketAddress bound = listener.getsockname();
      listening.complete(new InetSocketAddress(at.getAddress(), bound.getPort()));
      System.out.println("bench listening on 127.0.0.1:" + bound.getPort());
      System.out.flush();
      while (true) {
        QuicSocket sock = listener.accept();
        Thread.ofVirtual().name("server").start(() -> serve(tls, sock));
      }
    }
  }
}
