package dev.quic.sim;

import dev.quic.dataplane.core.family.SockAddr;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a server may send to where it believes its clients to be, reckoned from the datagrams at its
 * door (RFC 9000 section 8): no limit once the address was proved, three times what came from there
 * before.
 */
final class AddressLimit {
  /** With less than this the core begins no packet. */
  private static final int ROOM = 100;

  /** One connection. */
  private static final class Place {
    final Set<String> proved = new HashSet<>();
    String active = "";
    int moves;
  }

  /** Received and sent, by address. */
  private final Map<String, long[]> bytes = new HashMap<>();

  /** By length, where the latest datagram came from. */
  private final Map<Integer, SockAddr> latest = new HashMap<>();

  private final Map<Long, Place> places = new HashMap<>();

  private static String key(long hi, long lo, int port) {
    return hi + "/" + lo + "/" + port;
  }

  private long[] of(SockAddr a) {
    return bytes.computeIfAbsent(key(a.hi(), a.lo(), a.port()), k -> new long[2]);
  }

  private Place place(long sock) {
    return places.computeIfAbsent(sock, k -> new Place());
  }

  void arrived(SockAddr from, int length) {
    of(from)[0] += length;
    latest.put(length, from);
  }

  /** The latest datagram of this length was of no connection: its id was damaged on the way. */
  void notOurs(int length) {
    SockAddr from = latest.remove(length);
    if (from != null) {
      of(from)[0] -= length;
    }
  }

  void sent(SockAddr to, int length) {
    of(to)[1] += length;
  }

  /** A connection sends there from now on. */
  void assigned(long sock, long hi, long lo, int port) {
    place(sock).active = key(hi, lo, port);
    place(sock).moves++;
  }

  /** Its handshake is confirmed: that proved an address that never changed. */
  void confirmed(long sock) {
    if (place(sock).moves == 1) {
      proved(sock);
    }
  }

  /** The active address answered. */
  void proved(long sock) {
    place(sock).proved.add(place(sock).active);
  }

  /** Whether nothing may be sent now. */
  boolean blocked(long sock) {
    Place p = place(sock);
    long[] n = bytes.getOrDefault(p.active, new long[2]);
    return !p.proved.contains(p.active) && 3 * n[0] - n[1] < ROOM;
  }
}
