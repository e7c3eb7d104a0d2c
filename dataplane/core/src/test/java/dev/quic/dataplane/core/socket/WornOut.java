package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.crypto.PacketProtection;
import java.lang.reflect.Field;
import java.util.Objects;

/** Lets counters that take years stand where they would then. */
public final class WornOut {
  private WornOut() {}

  private static Conn conn(Sock s) {
    return Objects.requireNonNull(((QuicSock) s).conn);
  }

  private static void set(Object of, String field, long value) {
    try {
      Field f = of.getClass().getDeclaredField(field);
      f.setAccessible(true);
      f.setLong(of, value);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** The next 1-RTT packet has this number. */
  public static void number(Sock s, long next) {
    set(conn(s).spaces[Conn.APP].pn, "next", next);
  }

  /** So many packets failed to open. */
  public static void failed(Sock s, long packets) {
    set(Objects.requireNonNull(conn(s).spaces[Conn.APP].rx), "failed", packets);
  }

  /** So many packets were sealed with the present key. */
  public static void sealed(Sock s, long packets) {
    set(Objects.requireNonNull(conn(s).spaces[Conn.APP].tx), "sealed", packets);
  }

  /** Packets sealed with the present key. */
  public static long sealed(Sock s) {
    PacketProtection tx = conn(s).spaces[Conn.APP].tx;
    return tx == null ? -1 : tx.sealed();
  }
}
