package dev.quic.dataplane.core.common;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Words in byte arrays, first byte highest, each with one access. The caller has the room. */
public final class NetworkOrder {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private NetworkOrder() {}

  public static long getLong(byte[] buf, int off) {
    return (long) LONG.get(buf, off);
  }

  public static int getInt(byte[] buf, int off) {
    return (int) INT.get(buf, off);
  }

  /** 0 to 65535. */
  public static int getShort(byte[] buf, int off) {
    return (short) SHORT.get(buf, off) & 0xffff;
  }

  public static void putLong(byte[] buf, int off, long value) {
    LONG.set(buf, off, value);
  }

  public static void putInt(byte[] buf, int off, int value) {
    INT.set(buf, off, value);
  }

  public static void putShort(byte[] buf, int off, int value) {
    SHORT.set(buf, off, (short) value);
  }
}
