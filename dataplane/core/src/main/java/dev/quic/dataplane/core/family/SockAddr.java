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
}
