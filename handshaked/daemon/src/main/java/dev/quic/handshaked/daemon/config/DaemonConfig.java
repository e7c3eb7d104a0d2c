package dev.quic.handshaked.daemon.config;

import dev.quic.uds.FileReason;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration file says; immutable. Names files and does not open them.
 *
 * @param loglevel 0 quiet, 1 tells each step of each request
 * @param delayDoneSeconds pause before DONE, to test what consumers do meanwhile
 * @param keylog whether secrets may be logged where {@code SSLKEYLOGFILE} says
 * @param keyrings names or serials of keyrings to link
 * @param expiryDays days before a certificate's end on which it is warned of, the most first
 * @param tags directory with the definitions of session tags
 * @param warnings what in the file has no effect, one line each, with line numbers
 */
public record DaemonConfig(
    int loglevel,
    int delayDoneSeconds,
    boolean keylog,
    List<String> keyrings,
    Credentials client,
    Credentials server,
    TlsSettings tls,
    SessionSettings session,
    LimitSettings limits,
    KeySettings keys,
    List<Integer> expiryDays,
    Path tags,
    List<String> warnings) {

  /** Longest {@code delay_done}, in seconds. */
  public static final int MAX_DELAY_DONE_SECONDS = 3600;

  /**
   * Files of one role ({@code [authenticate.client]} or {@code [authenticate.server]}). A
   * certificate and its key come together or not at all, {@code pq} ones only beside the others.
   *
   * @param truststore PEM bundle of trusted authorities; null for the system's
   * @param crl PEM revocation lists
   * @param certificate chain, leaf first; in a file of either kind
   * @param privateKey of the leaf
   * @param pqCertificate chain for peers that advertise ML-DSA signatures
   * @param pqPrivateKey of that chain's leaf
   * @param ocsp OCSP response for the leaf, DER
   */
  public record Credentials(
      @Nullable Path truststore,
      @Nullable Path crl,
      @Nullable KeyLocation certificate,
      @Nullable KeyLocation privateKey,
      @Nullable KeyLocation pqCertificate,
      @Nullable KeyLocation pqPrivateKey,
      @Nullable Path ocsp) {
    public static final Credentials NONE =
        new Credentials(null, null, null, null, null, null, null);

    /** Every file that is named here; one that holds both a chain and its key twice. */
    List<Path> files() {
      List<Path> out = new ArrayList<>();
      for (Path path : new @Nullable Path[] {truststore, crl, ocsp}) {
        if (path != null) {
          out.add(path);
        }
      }
      for (KeyLocation where :
          new @Nullable KeyLocation[] {certificate, pqCertificate, privateKey, pqPrivateKey}) {
        if (where != null) {
          out.addAll(where.files());
        }
      }
      return out;
    }
  }

  private static final String TRUSTSTORE = "x509.truststore";
  private static final String CRL = "x509.crl";
  private static final String CERTIFICATE = "x509.certificate";
  private static final String PRIVATE_KEY = "x509.private_key";
  private static final String PQ_CERTIFICATE = "x509.pq.certificate";
  private static final String PQ_PRIVATE_KEY = "x509.pq.private_key";
  private static final String OCSP = "x509.ocsp";
  private static final String CLIENT = "authenticate.client";
  private static final String SERVER = "authenticate.server";

  private static final Set<String> ROLE_KEYS =
      Set.of(TRUSTSTORE, CRL, CERTIFICATE, PRIVATE_KEY, PQ_CERTIFICATE, PQ_PRIVATE_KEY, OCSP);

  private static final Map<String, Set<String>> KNOWN =
      Map.of(
          "debug",
          Set.of("loglevel", "tls", "nl", "delay_done", "keylog"),
          "authenticate",
          Set.of("keyrings", "expiry_warning"),
          CLIENT,
          ROLE_KEYS,
          SERVER,
          ROLE_KEYS,
          "tls",
          Set.of("groups", "ciphers", "crypto"),
          "session",
          Set.of(
              "tickets",
              "ticket_lifetime",
              "ticket_rotation",
              "ticket_keys",
              "early_data",
              "replay_window",
              "replay_entries"),
          "limits",
          Set.of("handshakes", "per_peer", "queue", "drain"),
          "tags",
          Set.of("directory"),
          "keys",
          Set.of("source", "directory", "peers"));

  /** Where tlshd has its tags: beside its configuration. */
  private static final String TAGS = "tags.d";

  /** A month, a week, and the last day. */
  private static final List<Integer> EXPIRY_DAYS = List.of(30, 7, 1);

  private static final int MAX_EXPIRY_DAYS = 3650;

  public DaemonConfig {
    keyrings = List.copyOf(keyrings);
    expiryDays = List.copyOf(expiryDays);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a file. Relative paths in it are taken from the file's own directory.
   *
   * @throws ConfigException one line that names the file and, where there is one, the line
   */
  public static DaemonConfig read(Path file) throws ConfigException {
    String text;
    try {
      if (Files.size(file) > 4L * IniFile.MAX_CHARS) {
        throw new ConfigException(file + ": too long for a configuration file");
      }
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + ": not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (" + FileReason.of(e) + ")");
    }
    Path base = file.toAbsolutePath().getParent();
    return of(IniFile.parse(file.toString(), text), base == null ? Path.of("/") : base);
  }

  /**
   * @param base directory of relative paths
   */
  static DaemonConfig of(IniFile ini, Path base) throws ConfigException {
    ConfigText text = new ConfigText(ini, base);
    warnOfUnknown(text);
    // Verbosity of libraries tlshd has and we have not: checked, without effect.
    for (String library : List.of("tls", "nl")) {
      if (text.number("debug", library, 0, 0, 99) > 0) {
        text.warn("debug", library, "has no effect: it is the verbosity of a library of tlshd");
      }
    }
    return new DaemonConfig(
        text.number("debug", "loglevel", 0, 0, 9),
        text.number("debug", "delay_done", 0, 0, MAX_DELAY_DONE_SECONDS),
        text.flag("debug", "keylog", false),
        text.list("authenticate", "keyrings"),
        credentials(text, CLIENT),
        credentials(text, SERVER),
        TlsSettings.of(text),
        SessionSettings.of(text),
        LimitSettings.of(text),
        KeySettings.of(text),
        expiryDays(text),
        tags(text, base),
        text.warnings());
  }

  private static List<Integer> expiryDays(ConfigText text) throws ConfigException {
    String key = "expiry_warning";
    TreeSet<Integer> days = new TreeSet<>(Comparator.reverseOrder());
    for (String item : text.list("authenticate", key)) {
      if (!item.matches("[0-9]{1,4}") || Integer.parseInt(item) > MAX_EXPIRY_DAYS) {
        throw text.error(
            "authenticate", key, "'" + item + "' is not a number of days 0.." + MAX_EXPIRY_DAYS);
      }
      days.add(Integer.valueOf(item));
    }
    return text.has("authenticate", key) ? List.copyOf(days) : EXPIRY_DAYS;
  }

  /** tlshd's older place for its file is not beside its tags. */
  private static Path tags(ConfigText text, Path base) throws ConfigException {
    Path given = text.path("tags", "directory");
    if (given != null) {
      return given;
    }
    boolean old = text.ini().name().endsWith("tlshd.conf");
    return base.resolve(old ? "tlshd/" + TAGS : TAGS);
  }

  private static void warnOfUnknown(ConfigText text) {
    Map<String, Integer> groups = text.ini().groups();
    groups.forEach((name, line) -> {
      if (!KNOWN.containsKey(name)) {
        text.warn(line, "unknown section [" + name + "]");
      }
    });
    for (IniFile.Entry e : text.ini().entries()) {
      Set<String> keys = KNOWN.get(e.group());
      if (keys != null && !keys.contains(e.key())) {
        text.warn(e.line(), "unknown key [" + e.group() + "] " + e.key());
      }
    }
  }

  private static Credentials credentials(ConfigText text, String section) throws ConfigException {
    Credentials c =
        new Credentials(
            text.path(section, TRUSTSTORE),
            text.path(section, CRL),
            text.chain(section, CERTIFICATE),
            text.key(section, PRIVATE_KEY),
            text.chain(section, PQ_CERTIFICATE),
            text.key(section, PQ_PRIVATE_KEY),
            text.path(section, OCSP));
    both(text, section, CERTIFICATE, c.certificate, PRIVATE_KEY, c.privateKey);
    both(text, section, PQ_CERTIFICATE, c.pqCertificate, PQ_PRIVATE_KEY, c.pqPrivateKey);
    if (c.pqCertificate != null && c.certificate == null) {
      throw text.error(
          section, PQ_CERTIFICATE, "needs " + CERTIFICATE + " too, for peers without ML-DSA");
    }
    if (c.ocsp != null && c.certificate == null) {
      throw text.error(section, OCSP, "has no " + CERTIFICATE + " beside it");
    }
    if (c.ocsp != null && section.equals(CLIENT)) {
      text.warn(section, OCSP, "has no effect: only servers staple");
    }
    return c;
  }

  /** A certificate without its key is of no use, nor the other way round. */
  private static void both(
      ConfigText text,
      String section,
      String certificateKey,
      @Nullable KeyLocation certificate,
      String privateKey,
      @Nullable KeyLocation key)
      throws ConfigException {
    if (certificate != null && key == null) {
      throw text.error(section, certificateKey, "has no " + privateKey + " beside it");
    }
    if (key != null && certificate == null) {
      throw text.error(section, privateKey, "has no " + certificateKey + " beside it");
    }
  }

  /** Every file that is named, each once: what a change of the configuration may come from. */
  public Set<Path> files() {
    Set<Path> out = new LinkedHashSet<>(client.files());
    out.addAll(server.files());
    Path keys = session.ticketKeys();
    if (keys != null) {
      out.add(keys);
    }
    return out;
  }
}
