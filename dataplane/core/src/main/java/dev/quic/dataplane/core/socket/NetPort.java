package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.ListenerSecret;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.core.path.Path;
import org.jspecify.annotations.Nullable;

/** What a socket needs from the net it lives in. Implemented by {@code protocol.QuicNet}. */
public interface NetPort {
  EventSink events();

  ChunkPool chunks();

  /** The secret of all nets of the process: reset tokens of every id it issues, ticket keys. */
  ListenerSecret secret();

  /** Where the AEAD of keys that TLS hands over comes from. */
  AeadProvider aeads();

  /** A token for a client's later connections (RFC 9000 section 8.1.3). */
  byte[] newToken(long now, SockAddr remote, QuicVersion version);

  /** 64 random bits that a peer may see. */
  long publicRandom();

  long newCookie();

  /** A fresh connection id with this net's shard in it. */
  ConnId newConnId();

  /**
   * Which datagrams a confirmed connection may try on a path.
   *
   * @param peer its max_udp_payload_size
   */
  MtuRange mtuRange(Path path, long peer);

  void count(int mib, long by);

  /** The slab datagrams are built in. */
  byte[] slab();

  /** Sends what stands in {@link #slab} from 0, unmarked. */
  default void transmit(Path path, int len, int segmentSize) {
    transmit(path, len, segmentSize, (byte) 0, 0);
  }

  /**
   * Sends what stands in {@link #slab} from 0, or where an AEAD left it.
   *
   * @param ecn ECN field of the IP header, 0 to 3
   * @param wire address of the bytes outside the heap; 0 for the slab
   * @return false when the system refused it as too big for the interface
   */
  boolean transmit(Path path, int len, int segmentSize, byte ecn, long wire);

  void wake(QuicSock sock, int mask);

  /** Has {@link QuicSock#flush} called at the end of the turn. */
  void touch(QuicSock sock);

  /** Takes a share of the UDP port at an address: its handle, or a negated errno. */
  default int bind(SockAddr local, boolean reusePort) {
    return bind(local, reusePort, false);
  }

  /**
   * As above.
   *
   * @param v6only a wildcard of IPv6 is to leave IPv4 alone
   */
  int bind(SockAddr local, boolean reusePort, boolean v6only);

  /**
   * Takes a share of a port that the system chooses, for a client that did not bind: its handle, or
   * a negated errno.
   */
  default int bindEphemeral(SockAddr any, boolean v6only) {
    return bind(any, false, v6only);
  }

  SockAddr address(int port);

  /** Takes another share of an open port. */
  void share(int port);

  /** Gives one share back. */
  void unbind(int port);

  @Nullable SockAddr routeSource(SockAddr remote);

  /** Directs packets with this destination id here; false when the id is taken. */
  boolean route(ConnId id, QuicSock sock);

  void unroute(ConnId id);

  /** Directs what carries a client's own choice of destination id here. */
  void routeInitial(ConnId original, SockAddr remote, QuicSock sock);

  /** A server's handshake began (1) or is over (-1), well or not. */
  void handshakes(int change);

  void unrouteInitial(ConnId original, SockAddr remote, QuicSock sock);

  /** Datagrams that end in this token are stateless resets of the socket's peer. */
  void routeReset(byte[] token, QuicSock sock);

  void unrouteReset(byte[] token, QuicSock sock);

  /** Starts listening: 0 or -EADDRINUSE. */
  int addListener(QuicSock sock, Claim claim);

  void removeListener(QuicSock sock);

  /** Takes a socket in that a listener made. */
  void adopt(QuicSock sock);

  /** Forgets a socket that is closed by its owner and drained. */
  void forget(QuicSock sock);
}
