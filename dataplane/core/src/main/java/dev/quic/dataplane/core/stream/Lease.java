package dev.quic.dataplane.core.stream;

/**
 * The owner of bytes that a {@link SendBuffer} may refer to until they are acknowledged, instead of
 * copying them. They must not change while they are retained. On the net's thread.
 */
public interface Lease {
  /** One more reference. */
  void retain();

  /** One fewer; with the last one the bytes may be used for something else. */
  void release();
}
