package dev.quic.uds.linux;

import java.util.concurrent.atomic.LongAdder;

/** Packets that went through this process's descriptors. */
public final class Traffic {
  public static final LongAdder PACKETS_IN = new LongAdder();
  public static final LongAdder PACKETS_OUT = new LongAdder();
  public static final LongAdder BYTES_IN = new LongAdder();
  public static final LongAdder BYTES_OUT = new LongAdder();

  private Traffic() {}

  static void received(int bytes) {
    PACKETS_IN.increment();
    BYTES_IN.add(bytes);
  }

  /**
   * @param result of the call: bytes, or a negated errno
   */
  static int sent(int result) {
    if (result > 0) {
      PACKETS_OUT.increment();
      BYTES_OUT.add(result);
    }
    return result;
  }
}
