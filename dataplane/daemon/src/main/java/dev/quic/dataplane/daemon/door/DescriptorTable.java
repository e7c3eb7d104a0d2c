package dev.quic.dataplane.daemon.door;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.quic.dataplane.daemon.front.Fronts;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every data descriptor and grant by the inode of the program's end. The conductor's thread. */
public final class DescriptorTable {
  private static final Logger log = LoggerFactory.getLogger(DescriptorTable.class);

  private final HashMap<Long, DataDescriptor> byInode = new HashMap<>();
  private final Set<DataDescriptor> starved = new LinkedHashSet<>();
  private boolean told;
  private final Fronts fronts;

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

  /** One whose connections wait for the process to have a descriptor to spare. */
  void starve(DataDescriptor d) {
    outOfDescriptors();
    starved.add(d);
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
        "out of descriptors with {} sockets open and a limit of {}: new ones are refused (ENFILE) and"
            + " connections wait to be accepted; raise the limit (ulimit -n, LimitNOFILE=)",
        byInode.size(),
        limit());
  }

  private static long limit() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
        ? os.getMaxFileDescriptorCount()
        : -1;
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
