package dev.quic.samples.keyctl;

import dev.quic.handshaked.daemon.config.KeySettings;
import dev.quic.handshaked.daemon.keys.DirectoryKeySource;
import dev.quic.handshaked.daemon.keys.KeyData;
import dev.quic.handshaked.daemon.keys.KeyDirectory;
import dev.quic.handshaked.daemon.keys.KeySource;
import dev.quic.handshaked.tls.cert.CredentialException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Adds, lists and revokes keys of a directory; the words are those of keyctl(1). */
@Command(
    name = "keyctl",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Manages the keys that handshake requests name by serial number.",
      "",
      "A KEY is a serial number or %%TYPE:DESCRIPTION, a KEYRING @u (the one for everything), a serial"
          + " number or %%:NAME. A pre-shared key has type psk, its identity as description and the"
          + " key as data; certificates and private keys have type user, and DER or PEM as data."
    })
public final class KeyctlCommand {
  private static final String KEYRING_LABEL = "KEYRING";
  private static final String ROOT = KeyDirectory.ROOT_NAME;

  /** As the kernel's, which has 32 bits for it. */
  private static final long MAX_TIMEOUT = 0xffff_ffffL;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "The key directory (default: /etc/handshaked/keys).")
  private Path dir = KeySettings.DEFAULT_DIRECTORY;

  private KeyDirectory keys() {
    return new KeyDirectory(dir);
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(description = "Adds a key, or changes its data, and prints its serial number.")
  int add(
      @Parameters(paramLabel = "TYPE") String type,
      @Parameters(paramLabel = "DESCRIPTION") String description,
      @Parameters(
              paramLabel = "DATA",
              description = "Anybody who can list processes reads it: better use padd.")
          String data,
      @Parameters(paramLabel = KEYRING_LABEL, arity = "0..1", defaultValue = ROOT) String keyring,
      @Option(names = "-x", description = "DATA is hexadecimal.") boolean hex)
      throws IOException {
    return add(type, description, data.getBytes(StandardCharsets.UTF_8), keyring, hex);
  }

  @Command(description = "As add, with the data on standard input.")
  int padd(
      @Parameters(paramLabel = "TYPE") String type,
      @Parameters(paramLabel = "DESCRIPTION") String description,
      @Parameters(paramLabel = KEYRING_LABEL, arity = "0..1", defaultValue = ROOT) String keyring,
      @Option(names = "-x", description = "The data is hexadecimal.") boolean hex)
      throws IOException {
    return add(type, description, input(System.in), keyring, hex);
  }

  private static byte[] input(InputStream in) throws IOException {
    // One byte more than a key may have: the directory says that it is too long.
    return in.readNBytes(2 * KeyData.MAX_PAYLOAD + 2);
  }

  private int add(String type, String description, byte[] data, String keyring, boolean hex)
      throws IOException {
    byte[] payload = hex ? hex(data) : data;
    try {
      KeyDirectory keys = keys();
      keys.create();
      out().println(keys.add(type, description, payload, KeyNames.keyring(keys, keyring)));
    } finally {
      Arrays.fill(data, (byte) 0);
      Arrays.fill(payload, (byte) 0);
    }
    return 0;
  }

  private static byte[] hex(byte[] text) throws IOException {
    try {
      return HexFormat.of().parseHex(new String(text, StandardCharsets.US_ASCII).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException("the data is not hexadecimal", e);
    }
  }

  @Command(description = "Makes a keyring and prints its serial number.")
  int newring(
      @Parameters(paramLabel = "NAME") String name,
      @Parameters(paramLabel = KEYRING_LABEL, arity = "0..1", defaultValue = ROOT) String keyring)
      throws IOException {
    KeyDirectory keys = keys();
    keys.create();
    out().println(keys.newring(name, KeyNames.keyring(keys, keyring)));
    return 0;
  }

  @Command(description = "Lists the keys of one keyring.")
  int list(
      @Parameters(paramLabel = KEYRING_LABEL, arity = "0..1", defaultValue = ROOT) String keyring)
      throws IOException {
    KeyDirectory keys = keys();
    keys.check();
    List<Integer> members = KeyNames.members(keys, KeyNames.keyring(keys, keyring));
    out().println(members.isEmpty() ? "keyring is empty" : members.size() + " in keyring:");
    for (int member : members) {
      out().println(KeyNames.line(keys.describe(member), now()));
    }
    return 0;
  }

  @Command(description = "Shows a keyring and all below it as a tree.")
  int show(
      @Parameters(paramLabel = KEYRING_LABEL, arity = "0..1", defaultValue = ROOT) String keyring)
      throws IOException {
    KeyDirectory keys = keys();
    keys.check();
    int root = KeyNames.keyring(keys, keyring);
    out().println(root + ": keyring " + keyring);
    show(keys, root, "  ", new HashSet<>(Set.of(root)));
    return 0;
  }

  private void show(KeyDirectory keys, int ring, String indent, Set<Integer> seen)
      throws CredentialException {
    for (int member : KeyNames.members(keys, ring)) {
      KeyDirectory.Entry entry = keys.describe(member);
      out().println(indent + "\\_ " + KeyNames.line(entry, now()));
      if (entry.isKeyring() && seen.add(member)) {
        show(keys, member, indent + "   ", seen);
      }
    }
  }

  @Command(description = "Describes one key.")
  int describe(@Parameters(paramLabel = "KEY") String key) throws IOException {
    KeyDirectory keys = keys();
    keys.check();
    out().println(KeyNames.line(keys.describe(KeyNames.key(keys, key)), now()));
    return 0;
  }

  @Command(description = "Prints a key's data, as hexadecimal unless it is plain text.")
  int print(@Parameters(paramLabel = "KEY") String key) throws IOException {
    KeyDirectory keys = keys();
    KeySource.Access access = new DirectoryKeySource(keys, Clock.systemUTC()).open(0, List.of());
    KeyData data = access.read(KeyNames.key(keys, key));
    try {
      boolean plain = true;
      for (byte b : data.payload()) {
        plain &= b >= 0x20 && b < 0x7f;
      }
      out()
          .println(
              plain
                  ? new String(data.payload(), StandardCharsets.US_ASCII)
                  : ":hex:" + HexFormat.of().formatHex(data.payload()));
    } finally {
      data.destroy();
    }
    return 0;
  }

  @Command(description = "Finds a key below a keyring and prints its serial number.")
  int search(
      @Parameters(paramLabel = KEYRING_LABEL) String keyring,
      @Parameters(paramLabel = "TYPE") String type,
      @Parameters(paramLabel = "DESCRIPTION") String description)
      throws IOException {
    KeyDirectory keys = keys();
    keys.check();
    out().println(KeyNames.search(keys, KeyNames.keyring(keys, keyring), type, description));
    return 0;
  }

  @Command(description = "Revokes a key: its data is gone, and handshakes that name it fail.")
  int revoke(@Parameters(paramLabel = "KEY") String key) throws IOException {
    KeyDirectory keys = keys();
    keys.revoke(KeyNames.key(keys, key));
    return 0;
  }

  @Command(description = "Lets a key expire after so many seconds; 0 for never.")
  int timeout(
      @Parameters(paramLabel = "KEY") String key, @Parameters(paramLabel = "SECONDS") long seconds)
      throws IOException {
    if (seconds < 0 || seconds > MAX_TIMEOUT) {
      throw new IOException("a timeout has 0 to " + MAX_TIMEOUT + " seconds");
    }
    KeyDirectory keys = keys();
    keys.expireAt(KeyNames.key(keys, key), seconds == 0 ? 0 : now() + seconds);
    return 0;
  }

  @Command(description = "Puts a key into one more keyring.")
  int link(
      @Parameters(paramLabel = "KEY") String key,
      @Parameters(paramLabel = KEYRING_LABEL) String keyring)
      throws IOException {
    KeyDirectory keys = keys();
    keys.link(KeyNames.key(keys, key), KeyNames.keyring(keys, keyring));
    return 0;
  }

  @Command(description = "Takes a key out of a keyring, and deletes it when no other has it.")
  int unlink(
      @Parameters(paramLabel = "KEY") String key,
      @Parameters(paramLabel = KEYRING_LABEL, arity = "0..1", defaultValue = ROOT) String keyring)
      throws IOException {
    KeyDirectory keys = keys();
    keys.unlink(KeyNames.key(keys, key), KeyNames.keyring(keys, keyring));
    return 0;
  }

  private static long now() {
    return Instant.now().getEpochSecond();
  }
}
