package dev.quic.dataplane.core.crypto;

import java.util.Arrays;

/** Secrets of Initial packets (RFC 9001 section 5.2): known to whoever sees the first packet. */
public final class InitialSecrets {
  private static final String CLIENT = "client in";
  private static final String SERVER = "server in";

  private InitialSecrets() {}

  /** {@link #protection(AeadProvider, QuicVersion, byte[], boolean)} with the JDK's ciphers. */
  public static PacketProtection protection(QuicVersion version, byte[] dcid, boolean client) {
    return protection(AeadProvider.JDK, version, dcid, client);
  }

  /**
   * Protection of Initial packets in one direction.
   *
   * @param dcid destination id of the client's first Initial (or of a Retry's source)
   * @param client whether of packets the client sends
   */
  public static PacketProtection protection(
      AeadProvider aeads, QuicVersion version, byte[] dcid, boolean client) {
    byte[] initial = Hkdf.extract(Hash.SHA256, version.salt(), dcid);
    PacketProtection p = direction(aeads, version, initial, client ? CLIENT : SERVER);
    Arrays.fill(initial, (byte) 0);
    return p;
  }

  /** Protection of Initial packets in both directions. */
  public record Both(PacketProtection client, PacketProtection server) {}

  /**
   * Both directions at once, which saves deriving what they have in common.
   *
   * @param dcid as {@link #protection(AeadProvider, QuicVersion, byte[], boolean)}
   */
  public static Both both(AeadProvider aeads, QuicVersion version, byte[] dcid) {
    byte[] initial = Hkdf.extract(Hash.SHA256, version.salt(), dcid);
    Both both =
        new Both(
            direction(aeads, version, initial, CLIENT), direction(aeads, version, initial, SERVER));
    Arrays.fill(initial, (byte) 0);
    return both;
  }

  private static PacketProtection direction(
      AeadProvider aeads, QuicVersion version, byte[] initial, String label) {
    byte[] secret = Hkdf.expandLabel(Hash.SHA256, initial, label, Hash.SHA256.length());
    PacketProtection p = PacketProtection.of(aeads, QuicCipher.AES_128_GCM, version, secret);
    Arrays.fill(secret, (byte) 0);
    return p;
  }
}
