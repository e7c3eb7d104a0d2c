package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/** Gives the same {@link SockAddr} object for the same numbers while it is in use. One thread. */
final class AddrCache {
  private static final int SLOTS = 1_024;

  private final @Nullable SockAddr[] slots = new SockAddr[SLOTS];
  private @Nullable SockAddr last;

  SockAddr get(int family, long hi, long lo, int port, int scope) {
    SockAddr l = last;
    if (l != null && matches(l, family, hi, lo, port, scope)) {
      return l;
    }
    long h = (hi * 31 + lo) * 0x9e3779b97f4a7c15L + port * 0x94d049bb133111ebL;
    last = find((int) (h >>> 55) * 2, family, hi, lo, port, scope);
    return last;
  }

  /** Two places for each, so that the two ends of a connection never drive each other out. */
  private SockAddr find(int pair, int family, long hi, long lo, int port, int scope) {
    SockAddr newer = slots[pair];
    if (newer != null && matches(newer, family, hi, lo, port, scope)) {
      return newer;
    }
    SockAddr older = slots[pair + 1];
    SockAddr found =
        older != null && matches(older, family, hi, lo, port, scope)
            ? older
            : new SockAddr(family, hi, lo, port, scope);
    slots[pair + 1] = newer;
    slots[pair] = found;
    return found;
  }

  private static boolean matches(SockAddr a, int family, long hi, long lo, int port, int scope) {
    return a.lo() == lo
        && a.port() == port
        && a.hi() == hi
        && a.family() == family
        && a.scope() == scope;
  }
}
