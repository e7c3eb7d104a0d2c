package dev.quic.resumption.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** {@code HOST:PORT}, {@code [V6]:PORT}, or for a server {@code PORT} alone. */
final class Address {
  private static final int MAX_PORT = 65_535;

  private Address() {}

  /**
   * @throws IllegalArgumentException with one line for the user
   */
  static InetSocketAddress remote(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("not HOST:PORT: '" + text + "'");
    }
    String host = text.substring(0, colon);
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port(text.substring(colon + 1)));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address is known for '" + host + "'", e);
    }
  }

  static InetSocketAddress local(String text) {
    return text.indexOf(':') < 0 ? new InetSocketAddress(port(text)) : remote(text);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("not a port: '" + text + "'");
  }
}
