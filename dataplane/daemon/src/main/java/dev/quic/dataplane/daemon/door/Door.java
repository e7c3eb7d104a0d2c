package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.ShardLink;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code socket.sock}: takes control connections and gives them sockets. The conductor's thread.
 */
public final class Door {
  private final Conductor conductor;
  private final DescriptorTable table;
  private final List<ShardLink> shards;
  private final boolean privilegedPorts;
  private final Set<ControlConnection> connections = new HashSet<>();
  private int lastShard = -1;

  /**
   * @param privilegedPorts whether users other than root may bind ports below 1024
   */
  public Door(
      Conductor conductor, DescriptorTable table, List<ShardLink> shards, boolean privilegedPorts) {
    this.conductor = conductor;
    this.table = table;
    this.shards = List.copyOf(shards);
    this.privilegedPorts = privilegedPorts;
  }

  /** A process has connected. */
  public void connected(Line line, Conductor.Peer peer) {
    if (connections.size() >= DoorLimits.CONTROL_CONNECTIONS) {
      line.close();
      return;
    }
    SocketCalls calls = new SocketCalls(privilegedPorts || peer.uid() == 0);
    ControlConnection c = new ControlConnection(this, conductor, line, calls);
    connections.add(c);
    conductor.watch(line, c);
  }

  void gone(ControlConnection c) {
    connections.remove(c);
  }

  /** A grant for a request's socket; its other end is still to be made by {@code open}. */
  public DataDescriptor grant() {
    return descriptor(Channel.Mode.GRANT);
  }

  DataDescriptor descriptor(Channel.Mode mode) {
    return new DataDescriptor(conductor, table, mode);
  }

  Fronts fronts() {
    return table.fronts();
  }

  @Nullable DataDescriptor find(long inode) {
    return table.find(inode);
  }

  /** Sockets go to the shards in turn. */
  ShardLink nextShard() {
    lastShard = (lastShard + 1) % shards.size();
    return shards.get(lastShard);
  }
}
