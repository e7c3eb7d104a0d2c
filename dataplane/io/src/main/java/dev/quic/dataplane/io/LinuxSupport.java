package dev.quic.dataplane.io;

import java.nio.ByteOrder;
import java.util.Locale;

/** Whether the Linux port can be used here. */
public final class LinuxSupport {
  private LinuxSupport() {}

  private static final boolean AVAILABLE = probe();

  /** True on a 64-bit little-endian Linux whose C library has every function needed. */
  public static boolean available() {
    return AVAILABLE;
  }

  private static boolean probe() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    if (!os.equals("linux")
        || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN
        || !(arch.equals("amd64") || arch.equals("aarch64") || arch.equals("riscv64"))) {
      return false;
    }
    try {
      return Libc.usable();
    } catch (LinkageError | RuntimeException e) {
      // No native access for this class path, or a C library without one of the functions.
      return false;
    }
  }
}
