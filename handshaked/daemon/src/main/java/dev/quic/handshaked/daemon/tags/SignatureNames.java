package dev.quic.handshaked.daemon.tags;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a signature algorithm is called, in small letters. */
final class SignatureNames {
  /** GnuTLS's names, which tlshd's patterns are written for, by OID. */
  private static final Map<String, String> GNUTLS =
      Map.ofEntries(
          Map.entry("1.2.840.113549.1.1.5", "rsa-sha1"),
          Map.entry("1.2.840.113549.1.1.10", "rsa-pss"),
          Map.entry("1.2.840.113549.1.1.11", "rsa-sha256"),
          Map.entry("1.2.840.113549.1.1.12", "rsa-sha384"),
          Map.entry("1.2.840.113549.1.1.13", "rsa-sha512"),
          Map.entry("1.2.840.10045.4.3.2", "ecdsa-sha256"),
          Map.entry("1.2.840.10045.4.3.3", "ecdsa-sha384"),
          Map.entry("1.2.840.10045.4.3.4", "ecdsa-sha512"),
          Map.entry("1.3.101.112", "eddsa-ed25519"),
          Map.entry("1.3.101.113", "eddsa-ed448"),
          Map.entry("2.16.840.1.101.3.4.3.17", "ml-dsa-44"),
          Map.entry("2.16.840.1.101.3.4.3.18", "ml-dsa-65"),
          Map.entry("2.16.840.1.101.3.4.3.19", "ml-dsa-87"));

  private SignatureNames() {}

  /** The OID, Java's name, and GnuTLS's where there is one. */
  static List<String> of(X509Certificate certificate) {
    String oid = certificate.getSigAlgOID();
    String java = certificate.getSigAlgName().toLowerCase(Locale.ROOT);
    String gnutls = GNUTLS.get(oid);
    return gnutls == null ? List.of(oid, java) : List.of(oid, java, gnutls);
  }
}
