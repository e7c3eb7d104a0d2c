package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Relocation;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import org.jspecify.annotations.Nullable;

/** Brings a socket to the shard where the port it binds belongs. */
final class Move {
  private final DoorServer door;
  private final Conductor conductor;

  Move(DoorServer door, Conductor conductor) {
    this.door = door;
    this.conductor = conductor;
  }

  /**
   * Where the socket has to be for this request; null where it is right. The conductor's thread.
   */
  @Nullable ShardLink needed(DoorCall call, Handle handle, SockFront front) {
    if (call.op() != Door.OP_BIND || handle.isGrant()) {
      return null;
    }
    SockAddr a = SockAddrCodec.decode(call.payload());
    int here = front.link().index();
    int home = a == null || a.port() == 0 ? here : front.link().homeOf(a.port());
    return home == here ? null : door.shard(home);
  }

  /**
   * Moves the socket, if it can move.
   *
   * @param then goes on with it, on its shard
   * @return false when a shard has stopped
   */
  boolean to(ShardLink home, Handle handle, SockFront from, Arrived then) {
    return from.link()
        .post((net, now) -> {
          Sock old = from.leave(now);
          if (old == null) {
            then.at(from, now);
          } else {
            // By the conductor: shards do not wait for each other's rings.
            conductor.execute(() -> arrive(home, handle, old, then));
          }
        });
  }

  private void arrive(ShardLink home, Handle handle, Sock old, Arrived then) {
    boolean posted =
        home.post((net, now) -> {
          Sock sock = net.socket(old.family());
          Relocation.carry(old, sock);
          SockFront front = door.fronts().front(sock, home);
          handle.descriptor().attach(front, now);
          then.at(front, now);
        });
    if (!posted) {
      handle.descriptor().end();
    }
  }

  /** What follows. */
  @FunctionalInterface
  interface Arrived {
    void at(SockFront front, long now);
  }
}
