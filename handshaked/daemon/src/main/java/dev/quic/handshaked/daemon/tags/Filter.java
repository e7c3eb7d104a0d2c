package dev.quic.handshaked.daemon.tags;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One condition on a certificate. Immutable; any thread. */
final class Filter {
  private final Predicate<X509Certificate> condition;

  private Filter(Predicate<X509Certificate> condition) {
    this.condition = condition;
  }

  boolean matches(X509Certificate certificate) {
    return condition.test(certificate);
  }

  /**
   * @throws IllegalArgumentException saying what about the pattern is wrong
   */
  static Filter ofPattern(FilterType type, String pattern) {
    return new Filter(
        switch (type) {
          case SIGNATURE_ALGORITHM, TBS_SIGNATURE -> {
            // RFC 5280 section 4.1.2.3: both fields hold the same.
            Wildcard w = new Wildcard(pattern.toLowerCase(Locale.ROOT));
            yield c -> SignatureNames.of(c).stream().anyMatch(w::matches);
          }
          case VERSION -> {
            int version = version(pattern);
            yield c -> c.getVersion() == version;
          }
          case SERIAL_NUMBER -> {
            Wildcard w = hex(pattern);
            yield c -> w.matches(HexFormat.of().formatHex(serial(c)));
          }
          case ISSUER -> {
            Wildcard w = new Wildcard(pattern);
            yield c -> w.matches(DistinguishedName.of(c.getIssuerX500Principal()));
          }
          case SUBJECT -> {
            Wildcard w = new Wildcard(pattern);
            yield c -> w.matches(DistinguishedName.of(c.getSubjectX500Principal()));
          }
          case NOT_BEFORE -> {
            Instant bound = instant(pattern);
            yield c -> !c.getNotBefore().toInstant().isBefore(bound);
          }
          case NOT_AFTER -> {
            Instant bound = instant(pattern);
            yield c -> !c.getNotAfter().toInstant().isAfter(bound);
          }
          case FINGERPRINT -> {
            Wildcard w = hex(pattern);
            yield c -> w.matches(fingerprint(c, "SHA-1")) || w.matches(fingerprint(c, "SHA-256"));
          }
          case KEY_USAGE, EXTENDED_KEY_USAGE, SELF_SIGNED ->
              throw new IllegalArgumentException("takes no pattern");
        });
  }

  /**
   * @param purposes all of which the certificate must have
   * @throws IllegalArgumentException naming the purpose that does not exist
   */
  static Filter ofPurposes(FilterType type, List<String> purposes) {
    if (type == FilterType.KEY_USAGE) {
      int[] bits = purposes.stream().mapToInt(KeyPurposes::keyUsageBit).toArray();
      return new Filter(c -> KeyPurposes.hasBits(c.getKeyUsage(), bits));
    }
    Set<String> wanted = KeyPurposes.extendedOids(purposes);
    return new Filter(c -> KeyPurposes.extended(c).containsAll(wanted));
  }

  static Filter selfSigned() {
    return new Filter(c -> c.getSubjectX500Principal().equals(c.getIssuerX500Principal()));
  }

  private static int version(String pattern) {
    return switch (pattern) {
      case "1" -> 1;
      case "2" -> 2;
      case "3" -> 3;
      default -> throw new IllegalArgumentException("a version is 1, 2 or 3");
    };
  }

  /** People copy colons and capitals from other programs' output. */
  private static Wildcard hex(String pattern) {
    String plain = pattern.replace(":", "").toLowerCase(Locale.ROOT);
    if (!plain.matches("[0-9a-f*?]*")) {
      throw new IllegalArgumentException("not hexadecimal digits and wildcards: " + pattern);
    }
    return new Wildcard(plain);
  }

  /** Two digits a byte, no sign byte. */
  private static byte[] serial(X509Certificate c) {
    byte[] bytes = c.getSerialNumber().toByteArray();
    boolean sign = bytes.length > 1 && bytes[0] == 0;
    return sign ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  /** A date is its first second; without a zone, UTC. */
  private static Instant instant(String text) {
    String t = text.strip().replace(' ', 'T');
    for (DateForm form : DateForm.ALL) {
      Instant instant = form.read(t);
      if (instant != null) {
        return instant;
      }
    }
    throw new IllegalArgumentException(
        "not a date like 2027-01-31, 2027-01-31T12:00:00 or 2027-01-31T12:00:00Z: " + text);
  }

  private interface DateForm {
    List<DateForm> ALL =
        List.of(
            t -> OffsetDateTime.parse(t).toInstant(),
            t -> LocalDateTime.parse(t).toInstant(ZoneOffset.UTC),
            t -> LocalDate.parse(t).atStartOfDay(ZoneOffset.UTC).toInstant());

    Instant parse(String text);

    default @Nullable Instant read(String text) {
      try {
        return parse(text);
      } catch (DateTimeException e) {
        return null;
      }
    }
  }

  private static String fingerprint(X509Certificate c, String algorithm) {
    try {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(c.getEncoded());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } catch (GeneralSecurityException e) {
      // A certificate that was parsed has its encoding; should it not, it has no fingerprint.
      return "";
    }
  }
}
