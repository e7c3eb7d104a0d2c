package dev.quic.handshaked.daemon.operation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What tells that files are still what they were: of a directory, its entries. Immutable.
 *
 * @param stamps by path; of what cannot be read, that it cannot
 */
record FileStamps(Map<Path, Map<String, Object>> stamps) {
  /** Entries of a directory that are looked at. */
  private static final int MAX_ENTRIES = 4096;

  /** Symbolic links that are followed, as many as the kernel does. */
  private static final int MAX_LINKS = 40;

  static FileStamps of(Collection<Path> paths) {
    Map<Path, Map<String, Object>> out = new TreeMap<>();
    for (Path path : paths) {
      out.put(path, stamp(path));
      for (Path entry : entries(path)) {
        out.put(entry, stamp(entry));
      }
    }
    return new FileStamps(out);
  }

  /** The same paths, with an earlier stamp where there is one. */
  FileStamps butAs(FileStamps earlier) {
    Map<Path, Map<String, Object>> out = new TreeMap<>(stamps);
    out.replaceAll((path, stamp) -> earlier.stamps.getOrDefault(path, stamp));
    return new FileStamps(out);
  }

  private static Map<String, Object> stamp(Path path) {
    try {
      // A directory's own times move with files nobody asked for.
      return Files.isDirectory(path)
          ? Map.of("directory", true)
          : Files.readAttributes(path, "unix:ctime,lastModifiedTime,size,ino");
    } catch (IOException | UnsupportedOperationException e) {
      return Map.of();
    }
  }

  private static Collection<Path> entries(Path dir) {
    if (!Files.isDirectory(dir)) {
      return Set.of();
    }
    try (Stream<Path> all = Files.list(dir)) {
      return all.filter(FileStamps::isDefinition).limit(MAX_ENTRIES).toList();
    } catch (IOException e) {
      return Set.of();
    }
  }

  /** Editors leave other files about. */
  private static boolean isDefinition(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".yml") || name.endsWith(".yaml");
  }

  /** The directories in which a change of these paths shows, those of links and their targets. */
  static Set<Path> directories(Collection<Path> paths) {
    Set<Path> out = new LinkedHashSet<>();
    for (Path path : paths) {
      Path at = path.toAbsolutePath().normalize();
      for (int links = 0; links < MAX_LINKS; links++) {
        Path parent = at.getParent();
        if (parent != null) {
          out.add(parent);
        }
        if (Files.isDirectory(at)) {
          out.add(at);
        }
        if (!Files.isSymbolicLink(at)) {
          break;
        }
        at = target(at);
      }
    }
    out.removeIf(dir -> !Files.isDirectory(dir));
    return out;
  }

  private static Path target(Path link) {
    try {
      Path target = Files.readSymbolicLink(link);
      return link.resolveSibling(target).normalize();
    } catch (IOException e) {
      return link.toAbsolutePath();
    }
  }
}
