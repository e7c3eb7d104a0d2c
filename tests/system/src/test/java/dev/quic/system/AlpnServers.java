package dev.quic.system;

import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Processes that listen on one UDP port of a data plane, {@link AlpnServer}s, with certificates.
 */
final class AlpnServers implements AutoCloseable {
  final CertificateAuthority ca;

  /** Where all of them listen. */
  final InetSocketAddress address;

  private final Path dir;
  private final List<Server> all = new ArrayList<>();

  /**
   * @param dir gets the certificates; the data plane's directory is {@code run} within
   * @param names of the servers, a certificate for each
   */
  AlpnServers(Path dir, String... names) throws Exception {
    this.dir = dir;
    ca = CertificateAuthority.create("port authority", Instant.now());
    for (String name : names) {
      Credentials c = ca.server(name);
      CertificateAuthority.writeCertificates(dir.resolve(name + ".pem"), c.chain());
      CertificateAuthority.writeKey(dir.resolve(name + ".key"), c.key());
    }
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (DatagramSocket free = new DatagramSocket(0, loopback)) {
      address = new InetSocketAddress(loopback, free.getLocalPort());
    }
  }

  /** A process that listens, and how many connections it has accepted. */
  static final class Server {
    final Process process;
    final AtomicInteger accepted = new AtomicInteger();

    Server(Process process) {
      this.process = process;
    }

    private void count(BufferedReader out) {
      out.lines().filter("accepted"::equals).forEach(l -> accepted.incrementAndGet());
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }
  }

  /**
   * Starts one with the certificate of {@code name}, and waits until it says that it listens, or
   * which errno it got instead.
   *
   * @param more server names and "reuse", as {@link AlpnServer} takes them
   */
  Server start(String says, String alpn, String name, String... more) throws IOException {
    String classes = System.getProperty("surefire.test.class.path");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes == null ? System.getProperty("java.class.path") : classes,
                AlpnServer.class.getName(),
                dir.resolve("run").toString(),
                String.valueOf(address.getPort()),
                alpn,
                dir.resolve(name + ".pem").toString(),
                dir.resolve(name + ".key").toString()));
    command.addAll(List.of(more));
    ProcessBuilder b = new ProcessBuilder(command);
    Server s = new Server(b.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    all.add(s);
    BufferedReader out = s.process.inputReader();
    String said = out.readLine();
    if (!says.equals(said)) {
      throw new AssertionError("'" + said + "' instead of '" + says + "' by " + command);
    }
    Thread.ofVirtual().start(() -> s.count(out));
    return s;
  }

  @Override
  public void close() {
    all.forEach(s -> s.process.destroyForcibly());
  }
}
