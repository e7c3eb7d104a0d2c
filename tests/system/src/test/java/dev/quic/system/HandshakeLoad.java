package dev.quic.system;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.QuicUapi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A data plane of its own process, whose consumers connect to each other as often as a line of
 * standard input says, and close every connection; or, at 0, leave one open. Then it says {@code
 * done}, and waits for the next line. Every handshake is a daemon's, at both ends.
 */
final class HandshakeLoad {
  private static final int TIMEOUT_MS = 60_000;

  private final DataPlane plane;

  private HandshakeLoad(DataPlane plane) {
    this.plane = plane;
  }

  public static void main(String[] args) throws Exception {
    try (DataPlane plane = DataPlane.builder().runDir(Path.of(args[0])).shards(1).start();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready");
      HandshakeLoad load = new HandshakeLoad(plane);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        load.run(Integer.parseInt(line));
        System.out.println("done");
      }
    }
  }

  private void run(int count) throws Exception {
    QuicSocket listener = plane.sockets().socket(QuicUapi.AF_INET);
    alpn(listener);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    listener.listen(16);
    if (count == 0) {
      connect(listener);
      return;
    }
    for (int i = 0; i < count; i++) {
      QuicSocket[] ends = connect(listener);
      ends[0].close();
      ends[1].close();
    }
    listener.close();
    // Closed connections linger for a while (RFC 9000 section 10.2).
    while (plane.socketCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private QuicSocket[] connect(QuicSocket listener) throws Exception {
    QuicSocket client = plane.sockets().socket(QuicUapi.AF_INET);
    alpn(client);
    client.connect(listener.getsockname());
    CompletableFuture<Integer> up = new CompletableFuture<>();
    submit(plane.tls().tlsClientHelloX509(args(client, up, SplitHouse.NAME)));
    QuicSocket server = listener.accept();
    CompletableFuture<Integer> down = new CompletableFuture<>();
    submit(plane.tls().tlsServerHelloX509(args(server, down, null)));
    check(up.get(TIMEOUT_MS, TimeUnit.MILLISECONDS));
    check(down.get(TIMEOUT_MS, TimeUnit.MILLISECONDS));
    SplitHouse.carry(client, server, "there");
    SplitHouse.carry(server, client, "and back");
    return new QuicSocket[] {client, server};
  }

  private static TlsHandshakeArgs args(
      QuicSocket s,
      CompletableFuture<Integer> done,
      @org.jspecify.annotations.Nullable String name) {
    return TlsHandshakeArgs.x509(s, (status, peer) -> done.complete(status), name, TIMEOUT_MS);
  }

  private static void submit(int result) throws IOException {
    check(result);
  }

  private static void check(int status) throws IOException {
    if (status != 0) {
      throw new IOException("status " + status);
    }
  }

  private static void alpn(QuicSocket s) throws QuicException {
    byte[] name = SplitHouse.ALPN.getBytes(StandardCharsets.UTF_8);
    s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, name);
  }
}
