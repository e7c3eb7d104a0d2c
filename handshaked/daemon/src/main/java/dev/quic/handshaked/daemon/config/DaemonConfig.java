package dev.quic.handshaked.daemon.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration file says; immutable. Names files and does not open them: credentials are
 * read when a request needs them.
 *
 * @param loglevel 0 quiet, 1 tells each step of each request
 * @param delayDoneSeconds pause before DONE, to test what consumers do meanwhile
 * @param keyrings names or serials of keyrings to link
 * @param warnings what in the file has no effect, one line each, with line numbers
 */
public record DaemonConfig(
    int loglevel,
    int delayDoneSeconds,
    List<String> keyrings,
    Credentials client,
    Credentials server,
    List<String> warnings) {

  /** Longest {@code delay_done}, in seconds. */
  public static final int MAX_DELAY_DONE_SECONDS = 3600;

  /**
   * Files of one role ({@code [authenticate.client]} or {@code [authenticate.server]}).
   *
   * @param truststore PEM bundle of trusted authorities; null for the system's
   * @param crl PEM revocation lists
   * @param certificate PEM chain, leaf first
   * @param privateKey PEM key of the leaf
   */
  public record Credentials(
      @Nullable Path truststore,
      @Nullable Path crl,
      @Nullable Path certificate,
      @Nullable Path privateKey) {
    public static final Credentials NONE = new Credentials(null, null, null, null);
  }

  private static final String TRUSTSTORE = "x509.truststore";
  private static final String CRL = "x509.crl";
  private static final String CERTIFICATE = "x509.certificate";
  private static final String PRIVATE_KEY = "x509.private_key";
  private static final String CLIENT = "authenticate.client";
  private static final String SERVER = "authenticate.server";

  /** Known to tlshd, without effect here. */
  private static final Set<String> POST_QUANTUM =
      Set.of("x509.pq.certificate", "x509.pq.private_key");

  private static final Set<String> ROLE_KEYS = Set.of(TRUSTSTORE, CRL, CERTIFICATE, PRIVATE_KEY);
  private static final Map<String, Set<String>> KNOWN =
      Map.of(
          "debug",
          Set.of("loglevel", "tls", "nl", "delay_done"),
          "authenticate",
          Set.of("keyrings"),
          CLIENT,
          ROLE_KEYS,
          SERVER,
          ROLE_KEYS);

  /** A daemon without any file: quiet, the system's trust store, no certificates. */
  public static DaemonConfig defaults() {
    return new DaemonConfig(0, 0, List.of(), Credentials.NONE, Credentials.NONE, List.of());
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
      throw new ConfigException(file + ": cannot be read (" + reason(e) + ")");
    }
    Path base = file.toAbsolutePath().getParent();
    return of(IniFile.parse(file.toString(), text), base == null ? Path.of("/") : base);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException x -> "no such file";
      case java.nio.file.AccessDeniedException x -> "permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  /**
   * @param base directory of relative paths
   */
  static DaemonConfig of(IniFile ini, Path base) throws ConfigException {
    List<String> warnings = new ArrayList<>(ini.warnings());
    for (Map.Entry<String, Integer> g : ini.groups().entrySet()) {
      if (!KNOWN.containsKey(g.getKey())) {
        warnings.add(ini.name() + ":" + g.getValue() + ": unknown section [" + g.getKey() + "]");
      }
    }
    for (IniFile.Entry e : ini.entries()) {
      Set<String> keys = KNOWN.get(e.group());
      if (keys != null && !keys.contains(e.key())) {
        boolean pq = keys == ROLE_KEYS && POST_QUANTUM.contains(e.key());
        String what = pq ? "not supported here: [" : "unknown key [";
        warnings.add(ini.name() + ":" + e.line() + ": " + what + e.group() + "] " + e.key());
      }
    }
    List<String> keyrings = ini.list("authenticate", "keyrings");
    if (!keyrings.isEmpty()) {
      int line = ini.line("authenticate", "keyrings");
      warnings.add(ini.name() + ":" + line + ": keyrings are not used here");
    }
    // Verbosity of libraries tlshd has and we have not: checked, without effect.
    ini.number("debug", "tls", 0, 0, 99);
    ini.number("debug", "nl", 0, 0, 99);
    return new DaemonConfig(
        ini.number("debug", "loglevel", 0, 0, 9),
        ini.number("debug", "delay_done", 0, 0, MAX_DELAY_DONE_SECONDS),
        List.copyOf(keyrings),
        credentials(ini, CLIENT, base),
        credentials(ini, SERVER, base),
        List.copyOf(warnings));
  }

  private static Credentials credentials(IniFile ini, String group, Path base)
      throws ConfigException {
    Credentials c =
        new Credentials(
            path(ini, group, TRUSTSTORE, base),
            path(ini, group, CRL, base),
            path(ini, group, CERTIFICATE, base),
            path(ini, group, PRIVATE_KEY, base));
    if (c.certificate != null && c.privateKey == null) {
      throw ini.error(ini.line(group, CERTIFICATE), lacks(group, CERTIFICATE, PRIVATE_KEY));
    }
    if (c.privateKey != null && c.certificate == null) {
      throw ini.error(ini.line(group, PRIVATE_KEY), lacks(group, PRIVATE_KEY, CERTIFICATE));
    }
    return c;
  }

  private static String lacks(String group, String has, String needs) {
    return "[" + group + "] has " + has + " but no " + needs;
  }

  private static @Nullable Path path(IniFile ini, String group, String key, Path base)
      throws ConfigException {
    String value = ini.string(group, key);
    if (value == null) {
      return null;
    }
    if (value.startsWith("pkcs11:") || value.startsWith("tpmkey:")) {
      throw ini.error(
          ini.line(group, key), "[" + group + "] " + key + ": a PEM file is needed, not a URL");
    }
    try {
      return base.resolve(value);
    } catch (java.nio.file.InvalidPathException e) {
      throw ini.error(ini.line(group, key), "[" + group + "] " + key + ": not a file name");
    }
  }
}
