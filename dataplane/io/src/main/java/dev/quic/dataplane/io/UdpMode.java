package dev.quic.dataplane.io;

import java.util.Locale;

/** Which UDP implementation a shard uses. */
public enum UdpMode {
  /** The Linux port where it works, the portable one elsewhere. */
  AUTO,
  /** System calls by java.lang.foreign: segment batches, ECN, packet info. */
  LINUX,
  /** {@code DatagramChannel}: everywhere, one datagram a call. */
  NIO;

  /**
   * Parses the value of {@code --udp}.
   *
   * @throws IllegalArgumentException when it is none of auto, linux, nio
   */
  public static UdpMode parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Whether this mode means the Linux port on this system. */
  boolean useLinux() {
    return switch (this) {
      case NIO -> false;
      case LINUX -> {
        if (!LinuxSupport.available()) {
          throw new UnsupportedOperationException("--udp linux needs a 64-bit little-endian Linux");
        }
        yield true;
      }
      case AUTO -> LinuxSupport.available();
    };
  }
}
