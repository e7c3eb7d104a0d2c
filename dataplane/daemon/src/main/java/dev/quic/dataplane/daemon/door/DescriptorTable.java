package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.front.Fronts;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every data descriptor and grant by the inode of the program's end. The conductor's thread. */
public final class DescriptorTable {
  private final HashMap<Long, DataDescriptor> byInode = new HashMap<>();
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
