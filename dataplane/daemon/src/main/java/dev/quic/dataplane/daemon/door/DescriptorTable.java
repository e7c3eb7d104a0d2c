package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.front.Fronts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every data descriptor and grant by the inode of the program's end. The conductor's thread. */
public final class DescriptorTable {
  private static final Logger log = LoggerFactory.getLogger(DescriptorTable.class);

  /** What the line begins with whose first number is the limit in force. */
  private static final String LIMIT = "Max open files";

  private final HashMap<Long, DataDescriptor> byInode = new HashMap<>();
  private final Set<DataDescriptor> starved = new LinkedHashSet<>();
  private boolean told;
  private final Runnable retry = this::retryAll;
  private final Fronts fronts;

  /** Read while there are descriptors to read it by. */
  private final String limit = readLimit();

  public DescriptorTable(Fronts fronts) {
    this.fronts = fronts;
  }

  Fronts fronts() {
    return fronts;
  }

  void add(long inode, DataDescriptor d) {
    byInode.put(inode, d);
  }

  void remove(long inode) {
    byInode.remove(inode);
    if (!starved.isEmpty()) {
      DataDescriptor d = starved.iterator().next();
      starved.remove(d);
      d.retry();
    }
  }

  /**
   * One whose connections wait for a descriptor to spare: until one of these ends, or for a while,
   * since there are others in the process and in the system.
   */
  void starve(DataDescriptor d, Conductor conductor) {
    outOfDescriptors();
    starved.add(d);
    conductor.later(retry);
  }

  private void retryAll() {
    List.copyOf(starved).forEach(DataDescriptor::retry);
  }

  /** Descriptors can be had again, or its need is over. */
  void sated(DataDescriptor d) {
    starved.remove(d);
    told = false;
  }

  /** Says once, until one is to be had again, that the process has as many as it may. */
  void outOfDescriptors() {
    if (told) {
      return;
    }
    told = true;
    log.warn(
        "out of descriptors with {} sockets open and a limit of {}: new ones are refused (ENFILE)"
            + " and connections wait to be accepted; raise the limit (ulimit -n, LimitNOFILE=)",
        byInode.size(),
        limit);
  }

  /** Where the system tells how many descriptors the process may have. */
  private static String readLimit() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
      return lines
          .filter(line -> line.startsWith(LIMIT))
          .map(line -> line.substring(LIMIT.length()).strip())
          .map(both -> both.substring(0, Math.max(0, both.indexOf(' '))))
          .findFirst()
          .orElse("?");
    } catch (IOException | UncheckedIOException e) {
      return "?";
    }
  }

  /** The descriptor whose other end this is; null for a foreign one. */
  public @Nullable DataDescriptor find(long inode) {
    return byInode.get(inode);
  }

  void closeAll() {
    List.copyOf(byInode.values()).forEach(DataDescriptor::end);
  }

  public int size() {
    return byInode.size();
  }
}
