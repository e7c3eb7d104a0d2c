package dev.quic.dataplane.core.family;

import dev.quic.uapi.QuicUapi;

/**
 * A socket address as plain numbers; v4 addresses are held v4-mapped, so one comparison serves both
 * families.
 *
 * @param family {@link QuicUapi#AF_INET} or {@link QuicUapi#AF_INET6}
 * @param hi upper 64 bits of the IPv6 (or v4-mapped) address
 * @param lo lower 64 bits
 * @param port 0 to 65535
 * @param scope IPv6 zone, 0 for none
 */
public record SockAddr(int family, long hi, long lo, int port, int scope) {
  private static final long V4_MAPPED = 0xffff_0000_0000L;

  /** An IPv4 address from its 32 bits in network order. */
  public static SockAddr v4(int address, int port) {
    return new SockAddr(QuicUapi.AF_INET, 0, V4_MAPPED | (address & 0xffff_ffffL), port, 0);
  }

  /** An IPv6 address. */
  public static SockAddr v6(long hi, long lo, int port, int scope) {
    return new SockAddr(QuicUapi.AF_INET6, hi, lo, port, scope);
  }

  /** The unspecified address of a family with a port. */
  public static SockAddr any(int family, int port) {
    return family == QuicUapi.AF_INET ? v4(0, port) : v6(0, 0, port, 0);
  }

  /** Whether the address part is unspecified. */
  public boolean isAny() {
    return hi == 0 && (lo == 0 || lo == V4_MAPPED);
  }

  /** Whether this is IPv4, plain or mapped. */
  public boolean isV4() {
    return hi == 0 && (lo >>> 32) == 0xffff;
  }

  /** The IPv4 address bits; meaningful when {@link #isV4}. */
  public int v4Bits() {
    return (int) lo;
  }

  public SockAddr withPort(int newPort) {
    return new SockAddr(family, hi, lo, newPort, scope);
  }

  /** Same address and port, whatever the family it is written in. */
  public boolean sameEndpoint(SockAddr o) {
    return lo == o.lo && hi == o.hi && port == o.port;
  }

  /**
   * Whether a socket bound to this address takes datagrams sent to {@code o}: equal ports, and
   * equal addresses unless this one is unspecified. A v6 wildcard takes v4 too, a v4 wildcard only
   * v4.
   */
  public boolean accepts(SockAddr o) {
    if (port != o.port) {
      return false;
    }
    if (isAny()) {
      return family == QuicUapi.AF_INET6 || o.isV4();
    }
    return lo == o.lo && hi == o.hi;
  }

  /** A 64-bit hash of address and port, the same for plain and mapped v4. */
  public long endpointHash() {
    long h = (hi ^ port * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    h = (h ^ h >>> 29 ^ lo) * 0x94d049bb133111ebL;
    return h ^ h >>> 32;
  }

  /** Text such as {@code 192.0.2.1:443} or {@code [2001:db8:0:0:0:0:0:1]:443}. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    if (isV4()) {
      int a = v4Bits();
      s.append(a >>> 24).append('.').append(a >>> 16 & 0xff).append('.');
      s.append(a >>> 8 & 0xff).append('.').append(a & 0xff);
    } else {
      s.append('[');
      for (int i = 0; i < 8; i++) {
        long half = i < 4 ? hi : lo;
        s.append(i == 0 ? "" : ":").append(Long.toHexString(half >>> 48 - 16 * (i & 3) & 0xffff));
      }
      s.append(scope == 0 ? "]" : "%" + scope + "]");
    }
    return s.append(':').append(port).toString();
  }
}
