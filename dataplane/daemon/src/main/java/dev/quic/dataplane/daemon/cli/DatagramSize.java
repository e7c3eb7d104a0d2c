package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.core.protocol.NetConfig;

/** {@code auto} or a number of bytes: {@link DataPlane.Builder#maxDatagram} in words. */
public final class DatagramSize {
  private DatagramSize() {}

  /**
   * @throws IllegalArgumentException when it is neither {@code auto} nor 1200 to 16383
   */
  public static int parse(String text) {
    if (text.equals("auto")) {
      return MtuRange.AUTO;
    }
    int bytes = Integer.parseInt(text);
    if (bytes == MtuRange.AUTO || !NetConfig.isMaxDatagram(bytes)) {
      throw new IllegalArgumentException("datagrams of " + text + " bytes");
    }
    return bytes;
  }
}
