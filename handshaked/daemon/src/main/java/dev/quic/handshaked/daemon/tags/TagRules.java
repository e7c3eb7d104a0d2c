package dev.quic.handshaked.daemon.tags;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.uds.FileReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Every session tag of a directory. Immutable; any thread. */
public final class TagRules {
  /** No tags. */
  public static final TagRules NONE = new TagRules(List.of());

  /** Files of a directory. */
  public static final int MAX_FILES = 256;

  /** Tags of a directory: all of them fit into one DONE. */
  public static final int MAX_TAGS = 128;

  private final List<Tag> tags;

  TagRules(List<Tag> tags) {
    this.tags = List.copyOf(tags);
  }

  /**
   * Reads the files {@code *.yml} and {@code *.yaml} of a directory; one that does not exist holds
   * none.
   *
   * @throws ConfigException one line with file and line number
   */
  public static TagRules read(Path dir) throws ConfigException {
    TagReader reader = new TagReader();
    for (Path file : files(dir)) {
      reader.read(file);
    }
    return reader.rules();
  }

  private static List<Path> files(Path dir) throws ConfigException {
    List<Path> out;
    try (Stream<Path> all = Files.list(dir)) {
      out = all.filter(TagRules::isDefinition).sorted().limit(MAX_FILES + 1L).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new ConfigException(dir + ": cannot be read (" + FileReason.of(e) + ")");
    }
    if (out.size() > MAX_FILES) {
      throw new ConfigException(dir + ": more than " + MAX_FILES + " files with session tags");
    }
    return out;
  }

  private static boolean isDefinition(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && (name.endsWith(".yml") || name.endsWith(".yaml"));
  }

  /** How many tags there are. */
  public int size() {
    return tags.size();
  }

  /**
   * The tags of a session, in the order of their names.
   *
   * @param peerDer the peer's verified chain, leaf first; empty when it showed none
   */
  public List<String> of(List<byte[]> peerDer) {
    if (tags.isEmpty() || peerDer.isEmpty()) {
      return List.of();
    }
    X509Certificate leaf;
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      leaf =
          (X509Certificate)
              factory.generateCertificate(new ByteArrayInputStream(peerDer.getFirst()));
    } catch (CertificateException e) {
      // It was verified, so that it can be parsed; what cannot be is not tagged.
      return List.of();
    }
    List<String> out = new ArrayList<>();
    for (Tag tag : tags) {
      if (tag.applies(leaf)) {
        out.add(tag.name());
      }
    }
    return out;
  }
}
