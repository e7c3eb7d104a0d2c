package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/**
 * What a listener claims: an address, and of the clients that come there those with certain
 * application protocols and server names. Never changes while it listens, as the ALPN option is
 * closed then.
 *
 * @param address bound address with its port
 * @param v6only a wildcard of IPv6 that leaves IPv4 alone
 * @param alpn length-prefixed names; empty for clients that offer none
 * @param names host names in lower case, length-prefixed; empty for all
 * @param reusePort whether others may claim the same (SO_REUSEPORT)
 * @param uid user whose program listens, -1 for one inside the data plane
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by its parts alone, and never handed out.
public record Claim(
    SockAddr address, boolean v6only, byte[] alpn, byte[] names, boolean reusePort, int uid) {
  /** What {@link #nameRank} and {@link #addressRank} say where nothing fits. */
  public static final int NONE = 0;

  /** Whether two listeners cannot both have what they claim; then the second gets EADDRINUSE. */
  public boolean conflicts(Claim o) {
    if (!address.sameEndpoint(o.address) || !sameNames(o)) {
      return false;
    }
    boolean share = reusePort && o.reusePort && uid == o.uid;
    if (alpn.length == 0 || o.alpn.length == 0) {
      return alpn.length == o.alpn.length && !share;
    }
    boolean same = covers(alpn, o.alpn) && covers(o.alpn, alpn);
    return same ? !share : overlaps(alpn, o.alpn);
  }

  /** Lists of which neither has a name of the other leave each its own; so does none and some. */
  private boolean sameNames(Claim o) {
    boolean none = names.length == 0;
    return none == (o.names.length == 0) && (none || overlaps(names, o.names));
  }

  private static boolean overlaps(byte[] a, byte[] b) {
    for (int at = 0; at < a.length; at += 1 + (a[at] & 0xff)) {
      if (has(b, a, at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(byte[] a, byte[] b) {
    for (int at = 0; at < b.length; at += 1 + (b[at] & 0xff)) {
      if (!has(a, b, at)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a list has the length-prefixed name that stands there. */
  private static boolean has(byte[] list, byte[] other, int at) {
    int end = at + 1 + (other[at] & 0xff);
    for (int i = 0; i < list.length; i += 1 + (list[i] & 0xff)) {
      if (Arrays.equals(list, i, i + 1 + (list[i] & 0xff), other, at, end)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the client's protocol that stands there is one of the listener's. */
  public boolean speaks(byte[] protocols, int at) {
    return has(alpn, protocols, at);
  }

  /**
   * How well the address fits where a datagram was sent: {@link #NONE}, then the wildcard of both
   * families, the wildcard of the datagram's own, the address itself.
   */
  public int addressRank(SockAddr local) {
    if (!address.accepts(local) || v6only && address.isAny() && local.isV4()) {
      return NONE;
    }
    if (!address.isAny()) {
      return 3;
    }
    return (address.family() == QuicUapi.AF_INET) == local.isV4() ? 2 : 1;
  }

  /**
   * How well the listener's names fit the client's: {@link #NONE}, then a listener for every name,
   * one for a wildcard, one for the name itself.
   *
   * @param name in lower case, empty when the client gave none
   */
  public int nameRank(byte[] name) {
    if (names.length == 0) {
      return 1;
    }
    int best = NONE;
    for (int at = 0; at < names.length; at += 1 + (names[at] & 0xff)) {
      int from = at + 1;
      int to = from + (names[at] & 0xff);
      if (Arrays.equals(names, from, to, name, 0, name.length)) {
        return 3;
      }
      if (names[from] == '*' && underWildcard(from + 1, to, name)) {
        best = 2;
      }
    }
    return best;
  }

  /** RFC 9525 section 6.3: the wildcard is one whole label, the first. */
  private boolean underWildcard(int from, int to, byte[] name) {
    int dot = 0;
    while (dot < name.length && name[dot] != '.') {
      dot++;
    }
    return dot > 0 && Arrays.equals(names, from, to, name, dot, name.length);
  }
}
