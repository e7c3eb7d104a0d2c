package dev.quic.samples;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** URLs that are fetched over one connection. */
public record UrlGroup(String host, int port, List<String> paths) {
  private static final int DEFAULT_PORT = 443;

  /**
   * Groups by host and port.
   *
   * @param alone whether each URL is a group of its own
   * @throws IllegalArgumentException with one line for the user
   */
  public static List<UrlGroup> of(List<URI> urls, boolean alone) {
    Map<String, UrlGroup> byAuthority = new LinkedHashMap<>();
    Map<String, URI> byName = new LinkedHashMap<>();
    List<UrlGroup> all = new ArrayList<>();
    for (URI url : urls) {
      if (!"https".equals(url.getScheme()) || url.getHost() == null || url.getPath().length() < 2) {
        throw new IllegalArgumentException("not https://HOST[:PORT]/PATH: '" + url + "'");
      }
      String name = fileName(url.getRawPath());
      URI other = byName.putIfAbsent(name, url);
      if (other != null && !other.equals(url)) {
        throw new IllegalArgumentException(
            "both would be written to '" + name + "': '" + other + "' and '" + url + "'");
      }
      String host = url.getHost().replaceAll("^\\[|\\]$", "");
      int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
      UrlGroup group = byAuthority.get(host + " " + port);
      if (group == null || alone) {
        group = new UrlGroup(host, port, new ArrayList<>());
        byAuthority.put(host + " " + port, group);
        all.add(group);
      }
      group.paths().add(url.getRawPath());
    }
    return all;
  }

  /** As a URL has it: an IPv6 address in brackets, the port where it is not the usual one. */
  public String authority() {
    String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return port == DEFAULT_PORT ? name : name + ":" + port;
  }

  /** What the file of a path is called where it is written to. */
  public static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
