package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
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

  /**
   * What the Linux port can do on this system: binds one for a moment.
   *
   * @throws IOException when the Linux port cannot be used, with the reason in one line
   */
  public static PortFeatures features() throws IOException {
    if (!available()) {
      throw new IOException("not a 64-bit little-endian Linux with native access");
    }
    SockAddr any = SockAddr.any(QuicUapi.AF_INET, 0);
    LinuxIo io = new LinuxIo();
    BufferNotice silent = new BufferNotice(line -> {});
    try (UdpPort port = LinuxUdpPort.bind(io, any, false, false, silent)) {
      return port.features();
    }
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
