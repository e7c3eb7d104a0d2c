package dev.quic.uds;

import dev.quic.uds.linux.Traffic;

/**
 * What this process has sent and received over AF_UNIX connections since it started. Any thread.
 *
 * @param packetsIn received
 * @param packetsOut sent
 */
public record UdsCounters(long packetsIn, long packetsOut, long bytesIn, long bytesOut) {
  public static UdsCounters now() {
    return new UdsCounters(
        Traffic.PACKETS_IN.sum(),
        Traffic.PACKETS_OUT.sum(),
        Traffic.BYTES_IN.sum(),
        Traffic.BYTES_OUT.sum());
  }

  public UdsCounters since(UdsCounters before) {
    return new UdsCounters(
        packetsIn - before.packetsIn,
        packetsOut - before.packetsOut,
        bytesIn - before.bytesIn,
        bytesOut - before.bytesOut);
  }
}
