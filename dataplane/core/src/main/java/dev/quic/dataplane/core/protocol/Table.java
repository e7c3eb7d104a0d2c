package dev.quic.dataplane.core.protocol;

import static dev.quic.uapi.Errno.EADDRINUSE;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongObjectMap;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.AddressToken;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.ListenerSecret;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.path.MtuRange;
import dev.quic.dataplane.core.path.Path;
import dev.quic.dataplane.core.socket.Claim;
import dev.quic.dataplane.core.socket.NetPort;
import dev.quic.dataplane.core.socket.QuicSock;
import dev.quic.dataplane.core.socket.Sock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tables of a net, and what its sockets ask of it. */
final class Table implements NetPort {
  private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

  private final Host host;
  private final NetConfig config;
  private final QuicNet net;
  private final Ports ports;
  private final ChunkPool chunks = new ChunkPool();
  private final ListenerSecret secret;
  private final AddressToken tokens;
  private final long seed;
  private final LongObjectMap<QuicSock> socks;
  private final LongObjectMap<QuicSock> byId;
  private final LongObjectMap<QuicSock> byInitial;
  private final LongObjectMap<QuicSock> byToken;
  private final List<QuicSock> listeners = new ArrayList<>();
  private final long[] counters = new long[Mib.COUNT];
  private final byte[] random = new byte[8];
  private final TxBatch tx = new TxBatch();
  private long nextCookie;
  private int handshakes;

  Table(NetConfig config, Host host, QuicNet net) {
    this.config = config;
    this.host = host;
    this.net = net;
    ports = new Ports(host);
    byte[] key = new byte[ListenerSecret.LENGTH + 8];
    host.entropy().privateBytes(key, 0, key.length);
    ListenerSecret common = config.secret();
    secret = common == null ? new ListenerSecret(key) : common;
    tokens = new AddressToken(secret, config.aeads());
    seed = ConnId.key(key, ListenerSecret.LENGTH);
    java.util.Arrays.fill(key, (byte) 0);
    socks = new LongObjectMap<>();
    byId = new LongObjectMap<>(seed);
    byInitial = new LongObjectMap<>();
    byToken = new LongObjectMap<>();
    // Unique over the shards of a process, and never 0.
    nextCookie = config.shard() + 1L;
  }

  void add(QuicSock s) {
    socks.put(s.cookie(), s);
  }

  void forEach(Consumer<Sock> visitor) {
    socks.values().forEach(visitor);
  }

  long counter(int mib) {
    return counters[mib];
  }

  boolean full() {
    return socks.size() >= Limits.SOCKETS;
  }

  /**
   * Whether so many handshakes are under way that further clients must prove their address.
   *
   * @param undecided clients that no listener is chosen for yet
   */
  boolean manyHandshakes(int undecided) {
    return handshakes + undecided >= Limits.HANDSHAKES_ON_TRUST;
  }

  AddressToken tokens() {
    return tokens;
  }

  /** A Retry token is for the same port, one for later connections is not (RFC 9000 8.1.4). */
  static byte[] tokenAddress(int kind, SockAddr remote, QuicVersion version) {
    boolean retry = kind == AddressToken.RETRY;
    byte[] address = SockAddrCodec.encode(retry ? remote : remote.withPort(0));
    // RFC 9369 section 5: tokens are for the version of the connection that issued them.
    byte[] bound = java.util.Arrays.copyOf(address, address.length + 1);
    bound[address.length] = (byte) version.ordinal();
    return bound;
  }

  byte[] sealToken(long now, int kind, SockAddr remote, QuicVersion version, byte[] odcid) {
    byte[] nonce = new byte[AddressToken.NONCE];
    host.entropy().publicBytes(nonce, 0, nonce.length);
    return tokens.seal(kind, tokenAddress(kind, remote, version), now, odcid, nonce);
  }

  @Nullable QuicSock byId(long key) {
    return byId.get(key);
  }

  @Nullable QuicSock byInitial(ConnId original, SockAddr remote) {
    return byInitial.get(initialKey(original, remote));
  }

  /** The connection whose peer may have sent the stateless reset that ends here. */
  @Nullable QuicSock byToken(byte[] buf, int off) {
    return byToken.get(tokenKey(buf, off));
  }

  /** Every listener there is. */
  List<QuicSock> listeners() {
    return listeners;
  }

  // 64 bits under a secret seed: nobody can aim at a collision, and one by chance only loses a
  // packet, because every packet is authenticated.
  long initialKey(ConnId id, SockAddr remote) {
    long h = (seed ^ id.key()) * MIX;
    for (int i = 8; i < id.length(); i++) {
      h = (h ^ id.at(i)) * MIX;
      h ^= h >>> 29;
    }
    return mix(h ^ id.length(), remote);
  }

  // Under a secret seed, so that how long a look-up takes says nothing about tokens.
  private long tokenKey(byte[] buf, int off) {
    long h = (seed ^ ConnId.key(buf, off)) * MIX;
    h = (h ^ h >>> 32 ^ ConnId.key(buf, off + 8)) * MIX;
    return h ^ h >>> 29;
  }

  private static long mix(long start, SockAddr a) {
    long h = (start ^ a.lo()) * MIX;
    h = (h ^ h >>> 32 ^ a.hi()) * MIX;
    h = (h ^ h >>> 29 ^ a.port()) * MIX;
    return h ^ h >>> 32;
  }

  TxBatch tx() {
    return tx;
  }

  // --- NetPort

  @Override
  public EventSink events() {
    return host.events();
  }

  @Override
  public ChunkPool chunks() {
    return chunks;
  }

  @Override
  public AeadProvider aeads() {
    return config.aeads();
  }

  @Override
  public ListenerSecret secret() {
    return secret;
  }

  @Override
  public byte[] newToken(long now, SockAddr remote, QuicVersion version) {
    return sealToken(now, AddressToken.REGULAR, remote, version, new byte[0]);
  }

  @Override
  public long publicRandom() {
    host.entropy().publicBytes(random, 0, random.length);
    return ConnId.key(random, 0);
  }

  @Override
  public long newCookie() {
    long c = nextCookie;
    nextCookie += config.shards();
    return c;
  }

  @Override
  public ConnId newConnId() {
    ConnId id = config.ids().issue(publicRandom(), config.shard());
    while (byId.containsKey(id.key())) {
      id = config.ids().issue(publicRandom(), config.shard());
    }
    return id;
  }

  @Override
  public MtuRange mtuRange(Path path, long peer) {
    int mtu = host.routeMtu(path.local(), path.remote());
    return MtuRange.of(config.maxDatagram(), mtu, path.remote().isV4(), peer);
  }

  @Override
  public void count(int mib, long by) {
    counters[mib] += by;
  }

  @Override
  public byte[] slab() {
    return tx.slab;
  }

  @Override
  public boolean transmit(Path path, int len, int segmentSize, byte ecn, long wire) {
    tx.ecn = ecn;
    tx.wire = wire;
    send(path.port(), path.local(), path.remote(), len, segmentSize);
    tx.ecn = 0;
    tx.wire = 0;
    return !tx.tooBig;
  }

  /** Sends what stands in the slab; marked only where {@link #transmit} says so. */
  void send(int port, SockAddr local, SockAddr remote, int len, int segmentSize) {
    tx.len = len;
    tx.segmentSize = segmentSize;
    tx.port = port;
    tx.local = local;
    tx.remote = remote;
    tx.tooBig = false;
    host.transmit(tx);
  }

  @Override
  public void wake(QuicSock sock, int mask) {
    host.wake(sock, mask);
  }

  @Override
  public void touch(QuicSock sock) {
    net.touch(sock);
  }

  @Override
  public int bind(SockAddr local, boolean reusePort, boolean v6only) {
    return ports.bind(local, reusePort, v6only);
  }

  @Override
  public int bindEphemeral(SockAddr any, boolean v6only) {
    return ports.bindEphemeral(any, v6only);
  }

  @Override
  public void share(int port) {
    ports.share(port);
  }

  @Override
  public SockAddr address(int port) {
    return host.udpAddress(port);
  }

  @Override
  public void unbind(int port) {
    ports.unbind(port);
  }

  @Override
  public @Nullable SockAddr routeSource(SockAddr remote) {
    return host.routeSource(remote);
  }

  @Override
  public boolean route(ConnId id, QuicSock sock) {
    if (byId.containsKey(id.key())) {
      return false;
    }
    byId.put(id.key(), sock);
    return true;
  }

  @Override
  public void unroute(ConnId id) {
    byId.remove(id.key());
  }

  @Override
  public void routeInitial(ConnId original, SockAddr remote, QuicSock sock) {
    byInitial.put(initialKey(original, remote), sock);
  }

  @Override
  public void handshakes(int change) {
    handshakes += change;
  }

  @Override
  public void unrouteInitial(ConnId original, SockAddr remote, QuicSock sock) {
    long key = initialKey(original, remote);
    if (byInitial.get(key) == sock) {
      byInitial.remove(key);
    }
  }

  @Override
  public void routeReset(byte[] token, QuicSock sock) {
    byToken.put(tokenKey(token, 0), sock);
  }

  @Override
  public void unrouteReset(byte[] token, QuicSock sock) {
    long key = tokenKey(token, 0);
    if (byToken.get(key) == sock) {
      byToken.remove(key);
    }
  }

  @Override
  public int addListener(QuicSock sock, Claim claim) {
    for (QuicSock other : listeners) {
      Claim theirs = other.claim();
      if (theirs != null && theirs.conflicts(claim)) {
        return -EADDRINUSE;
      }
    }
    listeners.add(sock);
    host.listens(sock.port());
    return 0;
  }

  @Override
  public void removeListener(QuicSock sock) {
    listeners.remove(sock);
  }

  @Override
  public void adopt(QuicSock sock) {
    add(sock);
  }

  @Override
  public void forget(QuicSock sock) {
    socks.remove(sock.cookie());
    net.untimed(sock);
  }
}
