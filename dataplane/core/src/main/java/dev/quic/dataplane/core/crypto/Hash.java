package dev.quic.dataplane.core.crypto;

/** Hashes of the key schedules. */
public enum Hash {
  SHA256(64, 32),
  SHA384(128, 48);

  private final int block;
  private final int length;

  Hash(int block, int length) {
    this.block = block;
    this.length = length;
  }

  /** Bytes of the hash's input block. */
  int block() {
    return block;
  }

  /** Bytes of output. */
  public int length() {
    return length;
  }
}
