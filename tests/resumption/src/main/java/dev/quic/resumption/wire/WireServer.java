package dev.quic.resumption.wire;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.handshaked.tls.TlsConfig;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The {@link WireConnection}s of one server port, still without sockets. Each connection is set up
 * by {@link Setup} when it begins, which is told when it ends. Confined to one thread.
 */
public final class WireServer {
  /** Connections at once; a further one is ignored. */
  private static final int MAX_CONNECTIONS = 256;

  /** A connection that long without a datagram has ended. */
  private static final long IDLE = 30_000_000_000L;

  /** For so long what comes late for a connection that is over begins no new one. */
  private static final long AFTERMATH = 1_000_000_000L;

  private static final int MAX_GONE = 1_024;
  private static final int MIN_INITIAL = 1_200;

  /** A datagram and whom it is for. */
  public record Outgoing(SocketAddress to, byte[] datagram) {}

  /** How a new connection is configured. */
  public interface Setup {
    TlsConfig.Server tls();

    TransportParams limits();

    /** It was made, and has sent nothing yet. */
    default void begun(WireConnection connection) {}

    byte[] answer(Request request);

    /** It is over, and will be wiped. */
    default void ended(WireConnection connection) {}
  }

  private static final class Entry {
    final WireConnection connection;
    final Setup setup;
    final SocketAddress peer;
    long heard;

    Entry(WireConnection connection, Setup setup, SocketAddress peer, long now) {
      this.connection = connection;
      this.setup = setup;
      this.peer = peer;
      this.heard = now;
    }
  }

  private final SecureRandom random = new SecureRandom();
  private final Function<SocketAddress, Setup> setups;
  private final Map<ConnId, Entry> byId = new HashMap<>();
  private final Map<ConnId, Entry> live = new LinkedHashMap<>();
  private final Map<ConnId, Long> gone = new LinkedHashMap<>();
  private final List<Outgoing> outbox = new ArrayList<>();

  /**
   * @param setups asked once for each connection
   */
  public WireServer(Function<SocketAddress, Setup> setups) {
    this.setups = setups;
  }

  public void receive(SocketAddress from, byte[] datagram, long now) {
    PacketHeader header = new PacketHeader();
    PacketHeader.Kind kind = header.parse(datagram, 0, datagram.length);
    if (kind == PacketHeader.Kind.INVALID || kind == PacketHeader.Kind.UNKNOWN_VERSION) {
      return;
    }
    ConnId to = header.dcid(datagram);
    Entry entry = byId.get(to);
    if (entry == null
        && kind == PacketHeader.Kind.INITIAL
        && datagram.length >= MIN_INITIAL
        && isGenuine(datagram, header, to)) {
      entry = begin(to, from, now);
    }
    // No migration: what comes from elsewhere is nobody's.
    if (entry == null || !entry.peer.equals(from)) {
      return;
    }
    entry.heard = now;
    entry.connection.receive(datagram, now);
    flush(entry, now);
  }

  /** Whether a client made it: what somebody strews about begins no connection. */
  private static boolean isGenuine(byte[] datagram, PacketHeader header, ConnId original) {
    byte[] packet = Arrays.copyOf(datagram, header.end);
    PacketProtection key = InitialSecrets.protection(Link.VERSION, original.toBytes(), true);
    try {
      int pnLen = key.unprotect(packet, 0, header.pnOff, packet.length);
      if (pnLen == 0) {
        return false;
      }
      long pn = PacketProtection.decodePn(packet, header.pnOff, pnLen, -1);
      return key.open(packet, 0, header.pnOff, pnLen, packet.length, pn) >= 0;
    } finally {
      key.destroy();
    }
  }

  private @Nullable Entry begin(ConnId original, SocketAddress from, long now) {
    Long since = gone.get(original);
    boolean late = since != null && now - since < AFTERMATH;
    if (late || live.size() >= MAX_CONNECTIONS) {
      return null;
    }
    Setup setup = setups.apply(from);
    WireConnection connection =
        WireConnection.server(setup.tls(), setup.limits(), original, random, setup::answer);
    connection.start();
    setup.begun(connection);
    Entry entry = new Entry(connection, setup, from, now);
    byId.put(original, entry);
    byId.put(connection.id(), entry);
    live.put(connection.id(), entry);
    return entry;
  }

  private void flush(Entry entry, long now) {
    for (byte[] datagram : entry.connection.datagrams(now)) {
      outbox.add(new Outgoing(entry.peer, datagram));
    }
    if (entry.connection.isOver() && live.remove(entry.connection.id()) != null) {
      byId.remove(entry.connection.id());
      byId.remove(entry.connection.original());
      remember(entry.connection.id(), now);
      remember(entry.connection.original(), now);
      entry.setup.ended(entry.connection);
      entry.connection.close();
    }
  }

  private void remember(ConnId id, long now) {
    if (gone.size() >= MAX_GONE) {
      gone.remove(gone.keySet().iterator().next());
    }
    gone.put(id, now);
  }

  /** Datagrams to send now. */
  public List<Outgoing> take() {
    List<Outgoing> out = List.copyOf(outbox);
    outbox.clear();
    return out;
  }

  /** When {@link #onTimer} is wanted, ns; {@link Long#MAX_VALUE} for never. */
  public long deadline() {
    long first = Long.MAX_VALUE;
    for (Entry entry : live.values()) {
      first = Math.min(first, Math.min(entry.connection.deadline(), entry.heard + IDLE));
    }
    return first;
  }

  public void onTimer(long now) {
    for (Entry entry : List.copyOf(live.values())) {
      if (entry.heard + IDLE <= now) {
        entry.connection.close("idle");
      }
      entry.connection.onTimer(now);
      flush(entry, now);
    }
  }

  /** Connections that are not over. */
  public int live() {
    return live.size();
  }

  /** Ends all connections. */
  public void stop(long now) {
    for (Entry entry : List.copyOf(live.values())) {
      entry.connection.close("the server stops");
      flush(entry, now);
    }
  }
}
