package dev.quic.handshaked.daemon.config;

import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.handshaked.tls.TlsGroup;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code [tls]}: what is offered and taken, the most wanted first.
 *
 * @param groups key exchange; empty for the built-in order
 * @param ciphers {@code TLS_CIPHER_*} numbers (51, 52, 54); empty for all. The socket's
 *     payload_cipher_type goes before this
 * @param crypto where key exchange and ECDSA come from; null when the file does not say
 */
public record TlsSettings(
    List<TlsGroup> groups, List<Integer> ciphers, @Nullable CryptoMode crypto) {
  public static final TlsSettings DEFAULT = new TlsSettings(List.of(), List.of(), null);

  private static final String SECTION = "tls";

  /** The second name of a group, as in FIPS 186. */
  private static final Map<String, String> GROUP_ALIASES =
      Map.of("p256", "secp256r1", "p384", "secp384r1");

  private static final Map<String, Integer> CIPHERS =
      Map.of(
          "aes128gcm", 51,
          "tlsaes128gcmsha256", 51,
          "aes256gcm", 52,
          "tlsaes256gcmsha384", 52,
          "chacha20poly1305", 54,
          "tlschacha20poly1305sha256", 54);

  public TlsSettings {
    groups = List.copyOf(groups);
    ciphers = List.copyOf(ciphers);
  }

  static TlsSettings of(ConfigText text) throws ConfigException {
    LinkedHashSet<TlsGroup> groups = new LinkedHashSet<>();
    for (String name : text.list(SECTION, "groups")) {
      groups.add(group(text, name));
    }
    LinkedHashSet<Integer> ciphers = new LinkedHashSet<>();
    for (String name : text.list(SECTION, "ciphers")) {
      Integer cipher = CIPHERS.get(plain(name));
      if (cipher == null) {
        throw text.error(
            SECTION,
            "ciphers",
            "'" + name + "' is none of aes-128-gcm, aes-256-gcm, chacha20-poly1305");
      }
      ciphers.add(cipher);
    }
    return new TlsSettings(List.copyOf(groups), List.copyOf(ciphers), crypto(text));
  }

  private static @Nullable CryptoMode crypto(ConfigText text) throws ConfigException {
    String name = text.ini().string(SECTION, "crypto");
    try {
      return name == null ? null : CryptoMode.parse(name);
    } catch (IllegalArgumentException e) {
      throw text.error(SECTION, "crypto", "'" + name + "' is none of auto, bc, libcrypto");
    }
  }

  private static TlsGroup group(ConfigText text, String name) throws ConfigException {
    String plain = plain(name);
    String wanted = GROUP_ALIASES.getOrDefault(plain, plain);
    List<String> known = new ArrayList<>();
    for (TlsGroup group : TlsGroup.values()) {
      if (plain(group.name()).equals(wanted)) {
        return group;
      }
      known.add(group.name().toLowerCase(Locale.ROOT));
    }
    throw text.error(SECTION, "groups", "'" + name + "' is none of " + String.join(", ", known));
  }

  /** People write AES-128-GCM, aes_128_gcm and TLS_AES_128_GCM_SHA256. */
  private static String plain(String name) {
    StringBuilder out = new StringBuilder();
    name.toLowerCase(Locale.ROOT)
        .chars()
        .filter(c -> c != '-' && c != '_')
        .forEach(c -> out.append((char) c));
    return out.toString();
  }
}
