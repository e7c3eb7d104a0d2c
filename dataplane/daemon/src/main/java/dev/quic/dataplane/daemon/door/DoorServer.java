package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.diag.Views;
import dev.quic.dataplane.daemon.front.Channel;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.uds.PeerCredentials;
import dev.quic.uds.SeqPacket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code socket.sock}: takes control connections and gives them sockets. The conductor's thread.
 */
public final class DoorServer {
  private static final PeerCredentials NOBODY = new PeerCredentials(-1, -1, -1);

  private final Conductor conductor;
  private final DescriptorTable table;
  private final List<ShardLink> shards;
  private final boolean privilegedPorts;
  private final Views views;
  private final ViewReader.Budget viewBudget = new ViewReader.Budget();
  private final Set<ControlConnection> connections = new HashSet<>();
  private int lastShard = -1;

  /**
   * @param privilegedPorts whether users other than root may bind ports below 1024
   */
  public DoorServer(
      Conductor conductor, DescriptorTable table, List<ShardLink> shards, boolean privilegedPorts) {
    this.conductor = conductor;
    this.table = table;
    this.shards = List.copyOf(shards);
    this.privilegedPorts = privilegedPorts;
    views = new Views(shards);
  }

  /** A process has connected. */
  public void connected(SeqPacket line) {
    connected(line, false);
  }

  /** A process has connected to look. */
  public void connectedToLook(SeqPacket line) {
    connected(line, true);
  }

  private void connected(SeqPacket line, boolean looksOnly) {
    PeerCredentials told = line.credentials();
    PeerCredentials peer = told == null ? NOBODY : told;
    int uid = peer.uid();
    boolean root = uid == 0;
    if (connections.size() >= DoorLimits.CONTROL_CONNECTIONS
        || (!root && ofUser(uid) >= DoorLimits.CONTROL_CONNECTIONS_PER_USER)) {
      line.close();
      return;
    }
    line.buffers(DoorLimits.BUFFER_BYTES).confidential();
    SocketCalls calls = new SocketCalls(privilegedPorts || root);
    ControlConnection c = new ControlConnection(this, conductor, line, peer, calls, looksOnly);
    connections.add(c);
    conductor.watch(line, c);
  }

  private long ofUser(int uid) {
    return connections.stream().filter(c -> c.uid() == uid).count();
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

  void outOfDescriptors() {
    table.outOfDescriptors();
  }

  /** The descriptor whose other end has this inode; null for a foreign one. */
  public @Nullable DataDescriptor find(long inode) {
    return table.find(inode);
  }

  /** Ends everything; the programs see the hang-up. */
  public void closeAll() {
    List.copyOf(connections).forEach(ControlConnection::end);
    table.closeAll();
  }

  ViewReader viewReader() {
    return new ViewReader(views, conductor, viewBudget);
  }

  ShardLink shard(int index) {
    return shards.get(index);
  }

  /** Sockets go to the shards in turn. */
  ShardLink nextShard() {
    lastShard = (lastShard + 1) % shards.size();
    return shards.get(lastShard);
  }
}
