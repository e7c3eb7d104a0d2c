package dev.quic.samples.consumer;

import dev.quic.consumer.KernelConsumer;
import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Sends one file and receives another over one connection whose TLS handshake the daemon does, as
 * SMB or NFS would in the kernel. As a client it uploads on the first stream and downloads on the
 * same one, then says on a second stream what it got; as a server it answers such a client.
 *
 * <p>Arguments: {@code client=ADDR:PORT}, {@code client=@FILE} for a file that will hold the
 * address, or {@code server=ADDR:PORT}, {@code peername=NAME}, {@code send=FILE}, {@code
 * receive=FILE}, {@code alpn=NAME}, separated by {@code ;}.
 */
public final class DemoConsumer implements KernelConsumer {
  private static final int HANDSHAKE_TIMEOUT_MS = 10_000;

  /** How long to wait for a handshake daemon to appear, and how often to look, milliseconds. */
  private static final int DAEMON_WAIT_MS = 20_000;

  private static final int DAEMON_LOOK_MS = 10;

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public void run(QuicSockets sockets, TlsHandshakes tls, String args) throws Exception {
    Arguments a = Arguments.parse(args);
    if (a.server()) {
      serve(sockets, tls, a);
    } else {
      connect(sockets, tls, a);
    }
  }

  private static void connect(QuicSockets sockets, TlsHandshakes tls, Arguments a)
      throws Exception {
    try (QuicSocket sock = clientSocket(sockets, tls, a)) {
      FileExchange exchange = new FileExchange(sock, false);
      exchange.send(0, Path.of(a.send()));
      FileExchange.Received got = exchange.receive(0, Path.of(a.receive()));
      exchange.sendText(4, got.sha256() + " " + got.bytes());
      exchange.awaitEnd();
    }
  }

  private static void serve(QuicSockets sockets, TlsHandshakes tls, Arguments a) throws Exception {
    try (QuicSocket listener = sockets.socket(a.family())) {
      listener.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, a.alpnBytes());
      listener.bind(a.address());
      listener.listen(1);
      try (QuicSocket sock = listener.accept()) {
        awaitDone(tls.serverHelloX509(sock, HANDSHAKE_TIMEOUT_MS));
        FileExchange exchange = new FileExchange(sock, true);
        FileExchange.Received got = exchange.receive(0, Path.of(a.receive()));
        exchange.send(0, Path.of(a.send()));
        exchange.sendText(1, got.sha256() + " " + got.bytes());
        exchange.awaitEnd();
      }
    }
  }

  /** A connected socket; waits for a handshake daemon as long as there is none (ESRCH). */
  private static QuicSocket clientSocket(QuicSockets sockets, TlsHandshakes tls, Arguments a)
      throws Exception {
    for (int waited = 0; ; waited += DAEMON_LOOK_MS) {
      QuicSocket sock = sockets.socket(a.family());
      try {
        sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, a.alpnBytes());
        sock.connect(a.address());
        awaitDone(tls.clientHelloX509(sock, a.peername(), HANDSHAKE_TIMEOUT_MS));
        return sock;
      } catch (QuicException e) {
        sock.close();
        if (e.errno() != Errno.ESRCH || waited >= DAEMON_WAIT_MS) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(DAEMON_LOOK_MS);
    }
  }

  private static void awaitDone(CompletableFuture<Integer> handshake)
      throws IOException, InterruptedException {
    try {
      var unused = handshake.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException("handshake: " + e.getCause(), e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
