package dev.quic.samples;

import dev.quic.uapi.QuicUapi;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** {@code ADDR:PORT}, {@code [V6]:PORT} and what follows from an address. */
public final class Endpoint {
  private Endpoint() {}

  /**
   * @throws IllegalArgumentException with one line for the user
   */
  public static InetSocketAddress parse(String text) throws UnknownHostException {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("not ADDR:PORT: '" + text + "'");
    }
    return new InetSocketAddress(
        InetAddress.getByName(text.substring(0, colon)), port(text.substring(colon + 1)));
  }

  /** {@link #parse} of each. */
  public static List<InetSocketAddress> parse(List<String> texts) throws UnknownHostException {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (String text : texts) {
      addresses.add(parse(text));
    }
    return addresses;
  }

  /** AF_INET or AF_INET6. */
  public static int family(InetSocketAddress address) {
    return address.getAddress() instanceof Inet6Address ? QuicUapi.AF_INET6 : QuicUapi.AF_INET;
  }

  /** {@code 127.0.0.1:4433} or {@code [::1]:4433}. */
  public static String format(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("not a port: '" + text + "'");
  }
}
