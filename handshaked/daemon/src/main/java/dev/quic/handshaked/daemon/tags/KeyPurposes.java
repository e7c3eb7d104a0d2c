package dev.quic.handshaked.daemon.tags;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The names of what a key may be used for (RFC 5280 sections 4.2.1.3 and 4.2.1.12). */
final class KeyPurposes {
  /** In the order of the extension's bits. */
  private static final List<String> KEY_USAGE =
      List.of(
          "digitalSignature",
          "nonRepudiation",
          "keyEncipherment",
          "dataEncipherment",
          "keyAgreement",
          "keyCertSign",
          "cRLSign",
          "encipherOnly",
          "decipherOnly");

  private static final Map<String, String> EXTENDED =
      Map.of(
          "anyExtendedKeyUsage", "2.5.29.37.0",
          "serverAuth", "1.3.6.1.5.5.7.3.1",
          "clientAuth", "1.3.6.1.5.5.7.3.2",
          "codeSigning", "1.3.6.1.5.5.7.3.3",
          "emailProtection", "1.3.6.1.5.5.7.3.4",
          "timeStamping", "1.3.6.1.5.5.7.3.8",
          "OCSPSigning", "1.3.6.1.5.5.7.3.9");

  private KeyPurposes() {}

  static int keyUsageBit(String name) {
    int bit = KEY_USAGE.indexOf(name);
    if (bit < 0) {
      throw new IllegalArgumentException(
          "'" + name + "' is none of " + String.join(", ", KEY_USAGE));
    }
    return bit;
  }

  /**
   * @param usage of a certificate, null when it has no such extension
   */
  static boolean hasBits(boolean @Nullable [] usage, int[] bits) {
    if (usage == null) {
      return false;
    }
    for (int bit : bits) {
      if (bit >= usage.length || !usage[bit]) {
        return false;
      }
    }
    return true;
  }

  static Set<String> extendedOids(List<String> names) {
    Set<String> out = new TreeSet<>();
    for (String name : names) {
      String oid = EXTENDED.getOrDefault(name, name);
      if (!oid.matches("[0-2](\\.[0-9]{1,39}){1,31}")) {
        throw new IllegalArgumentException(
            "'"
                + name
                + "' is neither an OID nor one of "
                + String.join(", ", new TreeSet<>(EXTENDED.keySet())));
      }
      out.add(oid);
    }
    return out;
  }

  /** The OIDs of a certificate; empty without the extension. */
  static Set<String> extended(X509Certificate certificate) {
    try {
      List<String> oids = certificate.getExtendedKeyUsage();
      return oids == null ? Set.of() : Set.copyOf(oids);
    } catch (CertificateParsingException e) {
      // An extension nobody can read grants nothing.
      return Set.of();
    }
  }
}
