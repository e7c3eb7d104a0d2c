package dev.quic.samples;

/**
 * Whether UDP goes in batches here.
 *
 * @param reason why not, empty otherwise
 */
record UdpBatches(boolean segment, boolean receive, String reason) {
  static UdpBatches probe() {
    return new UdpBatches(false, false, "unknown");
  }
}
