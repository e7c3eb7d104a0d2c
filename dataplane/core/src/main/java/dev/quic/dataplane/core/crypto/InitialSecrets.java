package dev.quic.dataplane.core.crypto;

import java.util.Arrays;

/** Secrets of Initial packets (RFC 9001 section 5.2): known to whoever sees the first packet. */
public final class InitialSecrets {
  private InitialSecrets() {}

  /**
   * Protection of Initial packets in one direction.
   *
   * @param dcid destination id of the client's first Initial (or of a Retry's source)
   * @param client whether of packets the client sends
   */
  public static PacketProtection protection(QuicVersion version, byte[] dcid, boolean client) {
    byte[] initial = Hkdf.extract(Hash.SHA256, version.salt(), dcid);
    byte[] secret = Hkdf.expandLabel(Hash.SHA256, initial, client ? "client in" : "server in", 32);
    Arrays.fill(initial, (byte) 0);
    PacketProtection p = PacketProtection.of(QuicCipher.AES_128_GCM, version, secret);
    Arrays.fill(secret, (byte) 0);
    return p;
  }
}
