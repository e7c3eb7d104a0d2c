package dev.quic.handshaked.tls;

/** Told of the secrets of handshakes, for those who must read captures. Any thread. */
@FunctionalInterface
public interface KeyLog {
  /** Takes nothing. */
  KeyLog NONE = (label, clientRandom, secret) -> {};

  /**
   * @param label of the NSS key log format, {@code CLIENT_TRAFFIC_SECRET_0} and its kin
   * @param clientRandom 32 bytes that tell the connection
   * @param secret only valid during the call
   */
  void secret(String label, byte[] clientRandom, byte[] secret);
}
