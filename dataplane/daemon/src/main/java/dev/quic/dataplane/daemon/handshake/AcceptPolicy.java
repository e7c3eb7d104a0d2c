package dev.quic.dataplane.daemon.handshake;

import dev.quic.uds.PeerCredentials;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may ACCEPT: root, our own user, and whom the administrator named. The kernel asks for
 * CAP_NET_ADMIN.
 *
 * @param ownUid our effective user, -1 when unknown
 */
public record AcceptPolicy(long ownUid, Set<Long> uids, Set<Long> gids) {
  public AcceptPolicy {
    uids = Set.copyOf(uids);
    gids = Set.copyOf(gids);
  }

  public boolean allows(@Nullable PeerCredentials peer) {
    if (peer == null) {
      return false;
    }
    long uid = Integer.toUnsignedLong(peer.uid());
    long gid = Integer.toUnsignedLong(peer.gid());
    return uid == 0 || uid == ownUid || uids.contains(uid) || gids.contains(gid);
  }
}
