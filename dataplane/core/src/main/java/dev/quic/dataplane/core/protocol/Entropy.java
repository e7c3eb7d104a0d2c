package dev.quic.dataplane.core.protocol;

/**
 * Randomness, injected. Two methods, so that what is shown on the wire never says anything about a
 * secret.
 */
public interface Entropy {
  /** Bytes that a peer may see: connection ids, challenge data, grease. */
  void publicBytes(byte[] buf, int off, int len);

  /** Bytes that must stay unknown: reset and token keys. */
  void privateBytes(byte[] buf, int off, int len);
}
