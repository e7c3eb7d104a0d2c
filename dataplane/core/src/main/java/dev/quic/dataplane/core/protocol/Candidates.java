package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Claim;
import dev.quic.dataplane.core.socket.QuicSock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The listeners a datagram's destination has, and the choice among them: the first protocol of the
 * client's list that somebody speaks decides (RFC 7301 leaves the choice to the server, the kernel
 * leaves it to the client); of those who speak it a specific address beats a wildcard, the name
 * itself beats a wildcard name, which beats none. Equal ones (SO_REUSEPORT) share clients by a hash
 * of their address. Filled anew for each datagram.
 */
final class Candidates {
  private final List<QuicSock> found = new ArrayList<>();
  private final List<QuicSock> equal = new ArrayList<>();
  private boolean byName;
  private boolean byProtocol;
  private @Nullable QuicSock any;

  /** Looks who listens where a datagram was sent. */
  void find(List<QuicSock> listeners, SockAddr local, int port) {
    found.clear();
    byName = false;
    byProtocol = false;
    any = null;
    int best = Claim.NONE;
    for (int i = 0; i < listeners.size(); i++) {
      QuicSock s = listeners.get(i);
      Claim c = s.port() == port ? s.claim() : null;
      int rank = c == null ? Claim.NONE : c.addressRank(local);
      if (c != null && rank > Claim.NONE) {
        found.add(s);
        byName |= c.names().length > 0;
        byProtocol |= c.alpn().length > 0;
        any = rank > best ? s : any;
        best = Math.max(best, rank);
      }
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** The one with the best address, who came first among equals; null when nobody listens. */
  @Nullable QuicSock any() {
    return any;
  }

  /** Whether the ClientHello has to be seen. A single listener leaves protocols to its TLS. */
  boolean needHello() {
    return byName || byProtocol && found.size() > 1;
  }

  boolean needName() {
    return byName;
  }

  /** Whether all of them want clients to prove their address. */
  boolean allValidate() {
    for (QuicSock s : found) {
      if (!s.validatesAddress()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether all of them take clients of a version as they come: neither Version Negotiation nor
   * Retry can be the answer when the ClientHello is known.
   */
  boolean allTake(int version) {
    for (QuicSock s : found) {
      if (s.validatesAddress() || !speaks(s, version)) {
        return false;
      }
    }
    return true;
  }

  /** The QUIC versions of them all. */
  int[] versions() {
    return found.stream().flatMapToInt(s -> Arrays.stream(s.versions())).distinct().toArray();
  }

  /** Whether one of them speaks a QUIC version. */
  boolean speak(int version) {
    for (QuicSock s : found) {
      if (speaks(s, version)) {
        return true;
      }
    }
    return false;
  }

  static boolean speaks(QuicSock s, int version) {
    for (int v : s.versions()) {
      if (v == version) {
        return true;
      }
    }
    return false;
  }

  /** Without a look at the ClientHello: nothing needs it. */
  @Nullable QuicSock withoutHello(SockAddr local, SockAddr remote) {
    QuicSock one = any;
    return found.size() <= 1 ? one : best(local, remote, new byte[0], -1, new byte[0]);
  }

  /**
   * The listener for a client, null when it offers nothing that one of them wants.
   *
   * @param protocols of the client, length-prefixed, best first
   */
  @Nullable QuicSock choose(SockAddr local, SockAddr remote, byte[] protocols, byte[] name) {
    if (!byProtocol || protocols.length == 0) {
      return best(local, remote, protocols, -1, name);
    }
    for (int at = 0; at < protocols.length; at += 1 + (protocols[at] & 0xff)) {
      QuicSock s = best(local, remote, protocols, at, name);
      if (s != null) {
        return s;
      }
    }
    return null;
  }

  /**
   * Among those who speak the protocol that stands at {@code at}; with -1 those who name none, or
   * all of them where nobody names any.
   */
  private @Nullable QuicSock best(
      SockAddr local, SockAddr remote, byte[] protocols, int at, byte[] name) {
    equal.clear();
    int best = -1;
    for (QuicSock s : found) {
      Claim c = s.claim();
      if (c == null || !(at < 0 ? c.alpn().length == 0 : c.speaks(protocols, at))) {
        continue;
      }
      int rank = c.nameRank(name);
      if (rank == Claim.NONE) {
        continue;
      }
      rank += 4 * c.addressRank(local);
      if (rank > best) {
        best = rank;
        equal.clear();
      }
      if (rank == best) {
        equal.add(s);
      }
    }
    int n = equal.size();
    return n == 0 ? null : equal.get((int) Math.floorMod(remote.endpointHash(), (long) n));
  }
}
