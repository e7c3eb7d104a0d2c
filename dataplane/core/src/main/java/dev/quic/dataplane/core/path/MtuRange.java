package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;

/**
 * Which datagrams a search for a path's MTU tries, in bytes of UDP payload.
 *
 * <p>The largest is the smallest of what the way out, the program's setting and the peer allow.
 * Nobody's word makes it smaller than an Ethernet's: what the system believes of a route may come
 * from ICMP, which anybody can forge, and a size that does not pass is found out anyway.
 *
 * @param first the size that most likely passes, tried first; 1200 to {@code largest}
 * @param largest 1200 to {@link Limits#MAX_DATAGRAM}
 */
public record MtuRange(int first, int largest) {
  /** Setting: as much as the way out carries, if it leads over a wire. */
  public static final int AUTO = 0;

  /** Of an interface, with IP header: what every Ethernet carries. */
  static final int ETHERNET = 1_500;

  /** What claims to carry more than this is no wire: the loopback interface (65,536 bytes). */
  static final int LARGEST_LINK = 16_384;

  // IP header without options, and UDP header.
  private static final int HEADERS_V4 = 28;
  private static final int HEADERS_V6 = 48;

  /**
   * What to try on a path.
   *
   * @param setting {@link #AUTO}, or the largest UDP payload, at least 1200 bytes
   * @param routeMtu of the way towards the peer, with IP header; 0 when it is not known
   * @param v4 whether that is IPv4
   * @param peer its max_udp_payload_size
   */
  public static MtuRange of(int setting, int routeMtu, boolean v4, long peer) {
    int headers = v4 ? HEADERS_V4 : HEADERS_V6;
    int ethernet = ETHERNET - headers;
    int route = routeMtu - headers;
    int largest;
    if (setting == AUTO) {
      largest = routeMtu > LARGEST_LINK ? ethernet : Math.max(ethernet, route);
    } else {
      largest = routeMtu == 0 ? setting : Math.min(setting, Math.max(ethernet, route));
    }
    largest = (int) Math.clamp(Math.min(largest, peer), Path.BASE_MTU, Limits.MAX_DATAGRAM);
    int likely = routeMtu == 0 ? ethernet : Math.min(ethernet, route);
    return new MtuRange(Math.clamp(likely, Path.BASE_MTU, largest), largest);
  }
}
