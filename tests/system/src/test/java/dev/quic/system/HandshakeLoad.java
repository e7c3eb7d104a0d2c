package dev.quic.system;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.TlsDone;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.QuicUapi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A data plane of its own process, whose consumers connect to each other as standard input says,
 * line by line: {@code COUNT} connections by certificate, or {@code COUNT SERIAL} by the pre-shared
 * key of that serial, all closed. At a count of 0 it leaves one by certificate open; one by key
 * begins with a server that never answers. Then it says {@code done}, and waits for the next line.
 * Every handshake is a daemon's, at both ends.
 */
final class HandshakeLoad {
  private static final int TIMEOUT_MS = 60_000;

  private final DataPlane plane;

  /** The pre-shared key of both ends; 0 for certificates. */
  private int serial;

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
        String[] words = line.split(" ", 2);
        load.serial = words.length < 2 ? 0 : Integer.parseInt(words[1]);
        load.run(Integer.parseInt(words[0]));
        System.out.println("done");
      }
    }
  }

  private void run(int count) throws Exception {
    if (count == 0 && serial != 0) {
      connectToNobody();
      return;
    }
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
    submit(client, up);
    QuicSocket server = listener.accept();
    CompletableFuture<Integer> down = new CompletableFuture<>();
    TlsHandshakeArgs args = args(server, down, null);
    check(serial == 0 ? plane.tls().tlsServerHelloX509(args) : plane.tls().tlsServerHelloPsk(args));
    check(up.get(TIMEOUT_MS, TimeUnit.MILLISECONDS));
    check(down.get(TIMEOUT_MS, TimeUnit.MILLISECONDS));
    SplitHouse.carry(client, server, "there");
    SplitHouse.carry(server, client, "and back");
    return new QuicSocket[] {client, server};
  }

  /** A request that is still under way when this returns: its ClientHello was seen. */
  private void connectToNobody() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      QuicSocket client = plane.sockets().socket(QuicUapi.AF_INET);
      alpn(client);
      client.connect((InetSocketAddress) silent.getLocalSocketAddress());
      submit(client, new CompletableFuture<>());
      silent.receive(new DatagramPacket(new byte[2048], 2048));
    }
  }

  private void submit(QuicSocket client, CompletableFuture<Integer> done) throws IOException {
    check(
        serial == 0
            ? plane.tls().tlsClientHelloX509(args(client, done, SplitHouse.NAME))
            : plane.tls().tlsClientHelloPsk(args(client, done, null)));
  }

  private TlsHandshakeArgs args(
      QuicSocket s, CompletableFuture<Integer> done, @Nullable String name) {
    TlsDone callback = (status, peer) -> done.complete(status);
    return serial == 0
        ? TlsHandshakeArgs.x509(s, callback, name, TIMEOUT_MS)
        : TlsHandshakeArgs.psk(s, callback, TIMEOUT_MS, 0, List.of(serial));
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
