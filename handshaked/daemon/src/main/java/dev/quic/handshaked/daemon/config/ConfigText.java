package dev.quic.handshaked.daemon.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file being read: values by type, errors and warnings that name file and line.
 * Confined to the reading thread.
 */
final class ConfigText {
  private final IniFile ini;
  private final Path base;
  private final List<String> warnings;

  /**
   * @param base directory of relative paths
   */
  ConfigText(IniFile ini, Path base) {
    this.ini = ini;
    this.base = base;
    this.warnings = new ArrayList<>(ini.warnings());
  }

  IniFile ini() {
    return ini;
  }

  List<String> warnings() {
    return warnings;
  }

  boolean has(String section, String key) {
    return ini.line(section, key) != 0;
  }

  int number(String section, String key, int absent, int min, int max) throws ConfigException {
    return ini.number(section, key, absent, min, max);
  }

  List<String> list(String section, String key) throws ConfigException {
    return ini.list(section, key);
  }

  boolean flag(String section, String key, boolean absent) throws ConfigException {
    String value = ini.string(section, key);
    if (value == null) {
      return absent;
    }
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "yes", "true", "1", "on" -> true;
      case "no", "false", "0", "off" -> false;
      default -> throw error(section, key, "= " + value + ": neither yes nor no");
    };
  }

  @Nullable Path path(String section, String key) throws ConfigException {
    String value = ini.string(section, key);
    if (value == null) {
      return null;
    }
    if (value.startsWith(KeyLocation.Token.SCHEME) || value.startsWith("tpmkey:")) {
      throw error(section, key, "a file is needed here, not a URL");
    }
    try {
      return base.resolve(value);
    } catch (InvalidPathException e) {
      throw error(section, key, "not a file name");
    }
  }

  /** Where a certificate chain is: as a key, but in no token. */
  @Nullable KeyLocation chain(String section, String key) throws ConfigException {
    KeyLocation where = key(section, key);
    if (where instanceof KeyLocation.Token) {
      throw error(section, key, "a file is needed here, not a URL");
    }
    return where;
  }

  @Nullable KeyLocation key(String section, String key) throws ConfigException {
    String value = ini.string(section, key);
    if (value != null && value.startsWith(KeyLocation.Token.SCHEME)) {
      return new KeyLocation.Token(value);
    }
    if (value != null && value.startsWith(KeyLocation.Pkcs12.SCHEME)) {
      try {
        return KeyLocation.Pkcs12.parse(value, base);
      } catch (IllegalArgumentException e) {
        throw error(section, key, "= " + value + ": " + e.getMessage());
      }
    }
    if (value != null && value.startsWith("tpmkey:")) {
      throw error(section, key, "TPM keys are reached through a PKCS#11 module: pkcs11:...");
    }
    Path file = path(section, key);
    return file == null ? null : new KeyLocation.File(file);
  }

  /** An error at a key's line. */
  ConfigException error(String section, String key, String what) {
    return ini.error(ini.line(section, key), "[" + section + "] " + key + " " + what);
  }

  /** Something at a key's line that has no effect, or another one than it seems. */
  void warn(String section, String key, String what) {
    warnings.add(ini.at(ini.line(section, key)) + "[" + section + "] " + key + " " + what);
  }

  /** Something at a line. */
  void warn(int line, String what) {
    warnings.add(ini.at(line) + what);
  }
}
