package dev.quic.dataplane.core.crypto;

/** Hashes of the key schedules. */
public enum Hash {
  SHA256("HmacSHA256", 32),
  SHA384("HmacSHA384", 48);

  private final String mac;
  private final int length;

  Hash(String mac, int length) {
    this.mac = mac;
    this.length = length;
  }

  String mac() {
    return mac;
  }

  /** Bytes of output. */
  public int length() {
    return length;
  }
}
