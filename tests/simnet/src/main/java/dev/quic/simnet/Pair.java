package dev.quic.simnet;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.peer.Peer;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A client and a server endpoint with a network between them. */
public final class Pair {
  /** TEST-NET-1 (RFC 5737). */
  public static final SockAddr CLIENT = SockAddr.v4(0xc0000201, 0);

  public static final SockAddr SERVER = SockAddr.v4(0xc0000202, 0);

  /** Documentation addresses (RFC 3849), the second ones of both. */
  public static final SockAddr CLIENT_V6 = SockAddr.v6(0x2001_0db8_0000_0000L, 1, 0, 0);

  public static final SockAddr SERVER_V6 = SockAddr.v6(0x2001_0db8_0000_0000L, 2, 0, 0);
  public static final int PORT = 443;

  private static final int TRANSPORT_PARAM = 56;
  private static final int MAX_IDLE_OFFSET = 12;
  private static final int MAX_DATA_OFFSET = 24;
  private static final int CONFIG = 32;
  private static final int DISABLE_MIGRATION_OFFSET = 1;
  private static final int CONGESTION_CONTROL_OFFSET = 16;
  private static final int VALIDATE_PEER_ADDRESS_OFFSET = 17;
  private static final int BACKLOG = 1_024;

  private final Endpoint client;
  private final Endpoint server;
  private final Sim sim;
  private final List<Peer> accepted = new ArrayList<>();
  private @Nullable Sock listener;
  private final byte[] config = new byte[CONFIG];
  private boolean disableMigration;
  private byte[] versions = new byte[0];
  private long window;
  private byte[] token = new byte[0];
  private byte[] remembered = new byte[0];
  private SockAddr address = SERVER;

  /**
   * A ring: client, the nodes to the server, server, the nodes to the client.
   *
   * @param seed of the endpoints' randomness
   * @param log where events go; null for nowhere
   */
  public Pair(
      long seed,
      List<? extends Node> toServer,
      List<? extends Node> toClient,
      @Nullable EventLog log) {
    this(
        seed,
        toServer,
        toClient,
        log == null ? EventSink.NONE : log.sink("client"),
        log == null ? EventSink.NONE : log.sink("server"));
  }

  /** With a listener of its own for each endpoint's events. */
  public Pair(
      long seed,
      List<? extends Node> toServer,
      List<? extends Node> toClient,
      EventSink clientEvents,
      EventSink serverEvents) {
    SplittableRandom r = new SplittableRandom(seed);
    client = new Endpoint("client", CLIENT, clientEvents, r.nextLong());
    server = new Endpoint("server", SERVER, serverEvents, r.nextLong());
    client.alias(CLIENT_V6);
    server.alias(SERVER_V6);
    List<Node> ring = new ArrayList<>();
    ring.add(client);
    ring.addAll(toServer);
    ring.add(server);
    ring.addAll(toClient);
    sim = new Sim(ring);
  }

  /** With a network that is alike both ways. */
  public static Pair over(Network network, long seed, @Nullable EventLog log) {
    SplittableRandom r = new SplittableRandom(seed ^ 0x5eed);
    return new Pair(seed, network.nodes(r), network.nodes(r), log);
  }

  public Endpoint client() {
    return client;
  }

  public Endpoint server() {
    return server;
  }

  public Sim sim() {
    return sim;
  }

  /** Connections the server accepted, in order. */
  public List<Peer> accepted() {
    return accepted;
  }

  /** Opens a socket whose idle timeout is so long, nanoseconds. */
  public static Sock socket(Endpoint e, long idleTimeout) {
    return socket(e, QuicUapi.AF_INET, idleTimeout);
  }

  private static Sock socket(Endpoint e, int family, long idleTimeout) {
    Sock s = e.net().socket(family);
    byte[] v = new byte[TRANSPORT_PARAM];
    long micros = idleTimeout / 1_000;
    for (int i = 0; i < 4; i++) {
      v[MAX_IDLE_OFFSET + i] = (byte) (micros >>> 8 * i);
    }
    must(s.setsockopt(Sim.START, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v));
    return s;
  }

  /**
   * Sockets made from now on advertise windows this large for the connection and half of it for a
   * stream.
   *
   * @param bytes 0 for the core's own
   */
  public void windows(long bytes) {
    window = bytes;
  }

  /**
   * Sockets made from now on use this controller.
   *
   * @param algorithm {@code QUIC_CONG_ALG_*}
   */
  public void congestionControl(int algorithm) {
    config[CONGESTION_CONTROL_OFFSET] = (byte) algorithm;
  }

  /**
   * Sockets made from now on start with, or prefer, this version.
   *
   * @param version the CONFIG option's, 0 for the default
   */
  public void version(int version) {
    for (int i = 0; i < 4; i++) {
      config[i] = (byte) (version >>> 8 * i);
    }
  }

  /** Sockets made from now on speak these versions, preferred first; none for all. */
  public void versions(int... list) {
    versions = new byte[4 * list.length];
    for (int i = 0; i < versions.length; i++) {
      versions[i] = (byte) (list[i / 4] >>> 8 * (i % 4));
    }
  }

  /** Listeners made from now on have clients prove their address (Retry). */
  public void validatePeerAddress() {
    config[VALIDATE_PEER_ADDRESS_OFFSET] = 1;
  }

  /** Sockets made from now on tell their peers not to move (disable_active_migration). */
  public void disableActiveMigration() {
    disableMigration = true;
  }

  /** Sockets made from now on are of IPv6, and the server is at its IPv6 address. */
  public void overV6() {
    address = SERVER_V6;
  }

  /** Clients made from now on show this token. */
  public void token(byte[] fromNewToken) {
    token = fromNewToken.clone();
  }

  /** Clients made from now on know the parameters of the listener there is, for 0-RTT. */
  public void remember() {
    Sock l = listener;
    if (l == null) {
      throw new IllegalStateException("nobody listens");
    }
    byte[] v = new byte[TRANSPORT_PARAM];
    int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
    must(l.getsockopt(sim.now(), QuicUapi.SOL_QUIC, name, v, v.length));
    v[0] = 1;
    remembered = v;
  }

  /** The listener there is gives 0-RTT data to its programs as it arrives. */
  public void deliverEarly() {
    Sock l = listener;
    if (l == null) {
      throw new IllegalStateException("nobody listens");
    }
    byte[] on = {1, 0, 0, 0};
    int name = QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY;
    must(l.setsockopt(sim.now(), QuicUapi.SOL_QUIC, name, on));
  }

  private Sock configured(Endpoint e, long idleTimeout) {
    Sock s = socket(e, address.family(), idleTimeout);
    must(s.setsockopt(Sim.START, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config));
    byte[] v = new byte[TRANSPORT_PARAM];
    v[DISABLE_MIGRATION_OFFSET] = (byte) (disableMigration ? 1 : 0);
    for (int at = MAX_DATA_OFFSET; at < TRANSPORT_PARAM; at += Long.BYTES) {
      long bytes = at == MAX_DATA_OFFSET ? window : window / 2;
      for (int i = 0; i < Long.BYTES; i++) {
        v[at + i] = (byte) (bytes >>> 8 * i);
      }
    }
    must(s.setsockopt(Sim.START, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v));
    if (versions.length > 0) {
      must(s.setsockopt(Sim.START, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_VERSIONS, versions));
    }
    return s;
  }

  /** Has the server listen; each connection gets the program that is made for it. */
  public void listen(long idleTimeout, Function<Sock, Peer> peers) {
    Sock s = configured(server, idleTimeout);
    listener = s;
    must(s.bind(sim.now(), address.withPort(PORT)));
    must(s.listen(sim.now(), BACKLOG));
    server.attach(
        s,
        (now, sock, mask) -> {
          for (Sock n = sock.accept(now); n != null; n = sock.accept(now)) {
            Peer p = peers.apply(n);
            accepted.add(p);
            server.attach(n, p);
          }
        });
    server.kick();
  }

  /** The listener there is. */
  public Sock listener() {
    Sock l = listener;
    if (l == null) {
      throw new IllegalStateException("nobody listens");
    }
    return l;
  }

  /** Has the client connect. */
  public Peer connect(long idleTimeout, Function<Sock, Peer> peers) {
    Sock s = configured(client, idleTimeout);
    if (token.length > 0) {
      must(s.setsockopt(sim.now(), QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TOKEN, token));
    }
    must(s.connect(sim.now(), address.withPort(PORT)));
    if (remembered.length > 0) {
      int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
      must(s.setsockopt(sim.now(), QuicUapi.SOL_QUIC, name, remembered));
    }
    Peer p = peers.apply(s);
    client.attach(s, p);
    client.kick();
    return p;
  }

  /** Closes everything at the server, the listener included. */
  public void closeServer() {
    Sock l = listener;
    if (l != null) {
      l.close(sim.now());
      listener = null;
    }
    for (Peer p : accepted) {
      p.close(sim.now());
    }
    server.kick();
  }

  /** Both nets are empty again, and no key is left of what was in them. */
  public boolean empty() {
    boolean wiped = client.keys() == 0 && server.keys() == 0;
    return client.socks() == 0 && server.socks() == 0 && wiped;
  }

  private static void must(int rc) {
    if (rc < 0) {
      throw new IllegalStateException(Errno.name(rc));
    }
  }
}
