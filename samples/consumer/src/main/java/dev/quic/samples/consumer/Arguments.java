package dev.quic.samples.consumer;

import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What {@code --consumer demo=...} says. */
record Arguments(
    boolean server,
    InetSocketAddress address,
    String peername,
    String send,
    String receive,
    String alpn) {

  /** How long to wait for a file with an address, and how often to look, milliseconds. */
  private static final int FILE_WAIT_MS = 30_000;

  private static final int LOOK_MS = 10;

  /**
   * @throws IllegalArgumentException with one line for the user
   */
  static Arguments parse(String text) throws IOException, InterruptedException {
    Map<String, String> values = new HashMap<>();
    for (String part : text.split(";", -1)) {
      int eq = part.indexOf('=');
      if (eq < 1) {
        throw new IllegalArgumentException("demo consumer: not NAME=VALUE: '" + part + "'");
      }
      values.put(part.substring(0, eq), part.substring(eq + 1));
    }
    boolean server = values.containsKey("server");
    return new Arguments(
        server,
        endpoint(need(values, server ? "server" : "client")),
        values.getOrDefault("peername", "localhost"),
        need(values, "send"),
        need(values, "receive"),
        values.getOrDefault("alpn", "demo"));
  }

  int family() {
    return address.getAddress() instanceof Inet6Address ? QuicUapi.AF_INET6 : QuicUapi.AF_INET;
  }

  byte[] alpnBytes() {
    return DemoConsumer.utf8(alpn);
  }

  private static String need(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("demo consumer: " + name + "= is missing");
    }
    return value;
  }

  /** {@code ADDR:PORT}, or {@code @FILE} for a file that will hold it. */
  private static InetSocketAddress endpoint(String where) throws IOException, InterruptedException {
    String text = where.startsWith("@") ? await(Path.of(where.substring(1))) : where;
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("demo consumer: not ADDR:PORT: '" + text + "'");
    }
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  private static String await(Path file) throws IOException, InterruptedException {
    for (int waited = 0; !Files.exists(file); waited += LOOK_MS) {
      if (waited >= FILE_WAIT_MS) {
        throw new IOException("no " + file);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    return Files.readString(file).strip();
  }
}
