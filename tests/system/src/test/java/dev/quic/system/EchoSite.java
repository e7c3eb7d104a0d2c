package dev.quic.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A data plane with an {@link EchoConsumer} inside and the handshake daemon beside it, both as
 * processes from {@code bin/}. One thread.
 */
final class EchoSite implements AutoCloseable {
  /** Bytes a connection may have under way, unless a test says less. */
  static final long WINDOW = 1 << 20;

  private final Path dir;
  private final Path consumers;
  final Handshaked daemon;
  private BinProcess plane;
  private int port;

  /**
   * @param dir its own; the certificate is {@code server.pem} and {@code server.key} beside it
   * @param session lines for {@code [session]}
   */
  EchoSite(Path dir, String... session) throws Exception {
    this.dir = dir;
    consumers = consumers();
    configure(session);
    plane = plane(WINDOW);
    daemon = Handshaked.start(dir.resolve("run"), config(), dir.resolve("trace"));
  }

  Path config() {
    return dir.resolve("handshaked.conf");
  }

  private void configure(String... session) throws IOException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "[authenticate.server]",
                "x509.certificate=../server.pem",
                "x509.private_key=../server.key",
                "[session]"));
    lines.addAll(List.of(session));
    Files.write(config(), lines);
  }

  /** A directory as {@code --consumers} wants it. */
  private Path consumers() throws IOException, URISyntaxException {
    Path out = dir.resolve("consumers");
    Class<?> consumer = EchoConsumer.class;
    String file = consumer.getName().replace('.', '/') + ".class";
    Path classes = Path.of(consumer.getProtectionDomain().getCodeSource().getLocation().toURI());
    Files.createDirectories(out.resolve(file).getParent());
    Files.copy(classes.resolve(file), out.resolve(file));
    Path service = out.resolve("META-INF/services/dev.quic.consumer.KernelConsumer");
    Files.createDirectories(service.getParent());
    Files.writeString(service, consumer.getName() + "\n");
    return out;
  }

  private BinProcess plane(long window) throws Exception {
    BinProcess started =
        new BinProcess(
            "dataplane",
            Map.of(),
            List.of(
                "--run-dir",
                dir.resolve("run").toString(),
                "--shards",
                "1",
                "--consumers",
                consumers.toString(),
                "--consumer",
                EchoConsumer.NAME + "=" + port + " " + window));
    String line = started.awaitLine(l -> l.startsWith(EchoConsumer.READY));
    port = Integer.parseInt(line.substring(EchoConsumer.READY.length()));
    return started;
  }

  /** The data plane anew, on the same port, with another window; the daemon stays. */
  void restart(long window) throws Exception {
    int before = connections();
    plane.close();
    plane = plane(window);
    // Until the daemon listens on the new bus, its consumers get ESRCH.
    daemon.awaitCount(EchoSite::isReady, before + 1);
  }

  private int connections() {
    return (int) daemon.lines().stream().filter(EchoSite::isReady).count();
  }

  private static boolean isReady(String line) {
    return line.contains("ready: listening");
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  String hostAndPort() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    plane.close();
    daemon.close();
  }
}
