package dev.quic.dataplane.core.path;

/**
 * The latency spin bit of one path (RFC 9000 section 17.4): a client inverts what it saw last, a
 * server repeats it, so that an observer can time round trips. One path in sixteen shows a constant
 * random bit instead, and so does every path where it is switched off.
 */
public final class SpinBit {
  private static final int ONE_IN = 16;

  private final boolean client;
  private final boolean enabled;
  private boolean value;

  /**
   * @param random 64 random bits that a peer may see
   * @param allowed whether the program lets the bit spin
   */
  public SpinBit(boolean client, boolean allowed, long random) {
    this.client = client;
    enabled = allowed && (random & ONE_IN - 1) != 0;
    value = !enabled && (random & ONE_IN) != 0;
  }

  /** A packet came in whose number is the largest so far. */
  public void onReceived(boolean bit) {
    if (enabled) {
      value = client != bit;
    }
  }

  /** Whether it spins on this path. */
  public boolean enabled() {
    return enabled;
  }

  /** The bit for what is sent now. */
  public boolean value() {
    return value;
  }
}
