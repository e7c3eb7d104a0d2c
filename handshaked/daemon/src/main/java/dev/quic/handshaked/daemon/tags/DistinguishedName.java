package dev.quic.handshaked.daemon.tags;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * A name as patterns see it: {@code C=US,O=Example,CN=host}, in the certificate's order (RFC 4514
 * turns it round), attribute types in capitals.
 */
final class DistinguishedName {
  /** Types RFC 4514 leaves as numbers, by the names people know. */
  private static final Map<String, String> TYPES =
      Map.of(
          "1.2.840.113549.1.9.1", "EMAIL",
          "2.5.4.4", "SN",
          "2.5.4.5", "SERIALNUMBER",
          "2.5.4.12", "TITLE",
          "2.5.4.42", "GIVENNAME",
          "2.5.4.97", "ORGANIZATIONIDENTIFIER");

  /** What would look like the name's own punctuation. */
  private static final String SPECIAL = ",+=\\\"<>;#";

  private DistinguishedName() {}

  static String of(X500Principal name) {
    try {
      List<String> out = new ArrayList<>();
      // LdapName counts from the right, which is the certificate's order.
      for (Rdn rdn : new LdapName(name.getName(X500Principal.RFC2253, TYPES)).getRdns()) {
        out.add(text(rdn));
      }
      return String.join(",", out);
    } catch (NamingException e) {
      // Never for what X500Principal wrote; nothing but "*" matches the empty text.
      return "";
    }
  }

  private static String text(Rdn rdn) throws NamingException {
    List<String> parts = new ArrayList<>();
    NamingEnumeration<? extends Attribute> all = rdn.toAttributes().getAll();
    while (all.hasMore()) {
      Attribute attribute = all.next();
      for (int i = 0; i < attribute.size(); i++) {
        parts.add(attribute.getID().toUpperCase(Locale.ROOT) + "=" + value(attribute.get(i)));
      }
    }
    return String.join("+", parts);
  }

  private static String value(Object value) throws InvalidNameException {
    return switch (value) {
      case String text -> escaped(text);
      case byte[] der -> "#" + HexFormat.of().formatHex(der);
      default -> throw new InvalidNameException();
    };
  }

  /**
   * Escapes as hexadecimal digits (RFC 4514 section 2.4), so that a comma is always the name's own:
   * a certificate for somebody called {@code x,O=Example} cannot pass for one of Example's.
   */
  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == 0x7f || SPECIAL.indexOf(c) >= 0) {
        out.append('\\').append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
