package dev.quic.dataplane.core.crypto;

import dev.quic.uapi.QuicUapi;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What differs between QUIC versions in the key schedule: RFC 9001 section 5.2 and 5.8 for version
 * 1, RFC 9369 section 3.3 for version 2.
 */
public enum QuicVersion {
  V1(
      QuicUapi.QUIC_VERSION_V1,
      "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
      "be0c690b9f66575a1d766b54e368c84e",
      "461599d35d632bf2239825bb",
      "quic "),
  V2(
      QuicUapi.QUIC_VERSION_V2,
      "0dede3def700a6db819381be6e269dcbf9bd2ed9",
      "8fb4b01b56ac48e260fbcbcead7ccc92",
      "d86969bc2d7c6d9990efb04a",
      "quicv2 ");

  private final int wire;
  private final byte[] salt;
  private final byte[] retryKey;
  private final byte[] retryNonce;
  private final String label;

  QuicVersion(int wire, String salt, String retryKey, String retryNonce, String label) {
    HexFormat hex = HexFormat.of();
    this.wire = wire;
    this.salt = hex.parseHex(salt);
    this.retryKey = hex.parseHex(retryKey);
    this.retryNonce = hex.parseHex(retryNonce);
    this.label = label;
  }

  /** The version of a number on the wire; null for one not known. */
  public static @Nullable QuicVersion of(int wire) {
    for (QuicVersion v : values()) {
      if (v.wire == wire) {
        return v;
      }
    }
    return null;
  }

  /** The number on the wire. */
  public int wire() {
    return wire;
  }

  byte[] salt() {
    return salt;
  }

  byte[] retryKey() {
    return retryKey;
  }

  byte[] retryNonce() {
    return retryNonce;
  }

  /** The label for {@code key}, {@code iv}, {@code hp} or {@code ku}. */
  String label(String what) {
    return label + what;
  }
}
