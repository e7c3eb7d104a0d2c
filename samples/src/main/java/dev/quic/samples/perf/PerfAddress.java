package dev.quic.samples.perf;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.Option;

/** {@code --addr} and {@code --port}. */
final class PerfAddress {
  @Option(
      names = {"-a", "--addr"},
      paramLabel = "ADDR",
      description = "The server's address (default: ${DEFAULT-VALUE}).")
  private String addr = "127.0.0.1";

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "The server's port; a server takes 0 for any (default: ${DEFAULT-VALUE}).")
  private int port = 1234;

  InetSocketAddress resolve() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(addr), port);
  }
}
