package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Drop;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.AddressToken;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.FirstFlight;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.packet.Stateless;
import dev.quic.dataplane.core.socket.AddressProof;
import dev.quic.dataplane.core.socket.FirstContact;
import dev.quic.dataplane.core.socket.QuicSock;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds whose a datagram is, and answers those that are nobody's. */
final class Demux {
  /** Least client destination id of a first Initial (RFC 9000 section 7.2). */
  private static final int LEAST_DCID = 8;

  /** TLS alert, RFC 7301 section 3.2. */
  private static final int NO_APPLICATION_PROTOCOL = 120;

  private static final int VERSION = QuicUapi.QUIC_TRANSPORT_ERROR_VERSION_NEGOTIATION;

  private final Table table;
  private final Host host;
  private final PacketHeader header = new PacketHeader();
  private final AddressValidation validation;
  private final Candidates candidates = new Candidates();
  private final Flights flights = new Flights();
  private final RunFinder run = new RunFinder();

  /** A client whose ClientHello is not complete, and a datagram of it in the batch at hand. */
  private record Unanswered(long key, FirstFlight flight, int datagram) {}

  private final List<Unanswered> unanswered = new ArrayList<>();

  Demux(Table table, Host host) {
    this.table = table;
    this.host = host;
    validation = new AddressValidation(table);
  }

  void onDatagrams(long now, RxBatch b) {
    run.begin(b);
    for (int i = 0; i < b.count; ) {
      i = onDatagram(now, b, i);
    }
    for (Unanswered u : unanswered) {
      // RFC 9000 section 13.2.1: Initials are acknowledged at once.
      if (flights.get(now, u.key) == u.flight) {
        acknowledge(b, u.datagram, u.key, u.flight);
      }
    }
    unanswered.clear();
  }

  /** Remembers a client of this batch, of whose ClientHello the next datagram may be the rest. */
  private void acknowledgeLater(long key, FirstFlight f, int datagram) {
    if (f.asks()) {
      unanswered.removeIf(u -> u.flight == f);
      unanswered.add(new Unanswered(key, f, datagram));
    }
  }

  /** Hands on a datagram, perhaps with some behind it; returns the index of the next one. */
  private int onDatagram(long now, RxBatch b, int i) {
    byte[] buf = b.slab;
    int off = b.off[i];
    int len = b.len[i];
    SockAddr local = b.local[i];
    SockAddr remote = b.remote[i];
    if (len <= 0 || local == null || remote == null) {
      return i + 1;
    }
    Kind kind = header.parse(buf, off, off + len);
    QuicSock sock = kind == Kind.INVALID ? null : connection(buf, remote);
    if (sock != null) {
      int next = kind == Kind.SHORT ? run.hand(now, sock, b, i) : i;
      if (next > i) {
        return next;
      }
      sock.onDatagram(now, buf, off, len, b.ecn[i], local, remote, b.port[i]);
    } else if (!reset(now, b, i)) {
      if (kind == Kind.SHORT || kind == Kind.INVALID) {
        onUnknownShort(now, b, i);
      } else {
        onUnknownLong(now, b, i);
      }
    }
    return i + 1;
  }

  private @Nullable QuicSock connection(byte[] buf, SockAddr remote) {
    if (header.dcidLen == Limits.OWN_CONN_ID_BYTES) {
      QuicSock s = table.byId(ConnId.key(buf, header.dcidOff));
      if (s != null) {
        return s;
      }
    }
    if (header.kind == Kind.VERSION_NEGOTIATION || header.kind == Kind.SHORT) {
      return null;
    }
    return header.dcidLen > Limits.CONN_ID_BYTES ? null : table.byInitial(header.dcid(buf), remote);
  }

  /**
   * Whether the datagram was a stateless reset: whatever ends in a token is one, long headers too
   * (RFC 9000 section 10.3).
   */
  private boolean reset(long now, RxBatch b, int i) {
    int off = b.off[i];
    int len = b.len[i];
    boolean mayBe = len >= Stateless.RESET_TRIGGER - 2;
    QuicSock peer = mayBe ? table.byToken(b.slab, off + len - Stateless.TOKEN) : null;
    if (peer == null || !peer.onStatelessReset(now, b.slab, off, len)) {
      return false;
    }
    table.touch(peer);
    return true;
  }

  private void onUnknownShort(long now, RxBatch b, int i) {
    byte[] buf = b.slab;
    int off = b.off[i];
    int len = b.len[i];
    dropped(now, header.kind == Kind.INVALID ? Drop.HEADER : Drop.NO_SOCKET, len);
    boolean answers = header.kind == Kind.SHORT && len >= Stateless.RESET_TRIGGER;
    candidates.find(table.listeners(), b.local[i], b.port[i]);
    if (answers && !candidates.isEmpty()) {
      byte[] id = header.dcid(buf).toBytes();
      host.entropy().publicBytes(table.slab(), 0, 64);
      int n = Stateless.reset(table.slab(), len, table.secret().resetToken(id));
      table.send(b.port[i], b.local[i], b.remote[i], n, n);
    }
  }

  private void dropped(long now, int reason, int bytes) {
    table.count(reason == Drop.HEADER ? Mib.PKT_INV_HDR_DROP : Mib.PKT_RCV_DROP, 1);
    host.events().packetDropped(now, 0, reason, bytes);
  }

  /** A long header of no connection: perhaps a new client. */
  private void onUnknownLong(long now, RxBatch b, int i) {
    int len = b.len[i];
    candidates.find(table.listeners(), b.local[i], b.port[i]);
    boolean large = len >= Limits.MIN_INITIAL_DATAGRAM;
    if (header.kind == Kind.ZERO_RTT && flights.keep(now, key(b, i), b, i)) {
      return;
    }
    if (candidates.isEmpty() || !large || header.kind == Kind.VERSION_NEGOTIATION) {
      dropped(now, Drop.NO_SOCKET, len);
    } else if (header.kind == Kind.UNKNOWN_VERSION || !candidates.speak(header.version)) {
      // RFC 9000 sections 5.2.2 and 6.1: only to datagrams as large as an Initial's.
      otherVersion(now, b, i, candidates.versions());
    } else if (header.kind != Kind.INITIAL || header.dcidLen < LEAST_DCID || !header.fixedBit) {
      dropped(now, Drop.HEADER, len);
    } else {
      onNewClient(now, b, i);
    }
  }

  private long key(RxBatch b, int i) {
    return table.initialKey(header.dcid(b.slab), b.remote[i]);
  }

  private void otherVersion(long now, RxBatch b, int i, int[] versions) {
    dropped(now, Drop.VERSION, b.len[i]);
    int random = (int) table.publicRandom();
    int n = Stateless.versionNegotiation(table.slab(), b.slab, header, versions, random);
    table.send(b.port[i], b.local[i], b.remote[i], n, n);
  }

  private void onNewClient(long now, RxBatch b, int i) {
    QuicVersion version = QuicVersion.of(header.version);
    if (version == null) {
      return;
    }
    boolean memory = table.chunks().held() > Limits.NET_MEMORY_BYTES;
    if (memory) {
      table.count(Mib.MEM_REFUSALS, 1);
    }
    if (memory || table.full()) {
      dropped(now, Drop.LIMIT, b.len[i]);
      refuse(b, i, version, null, QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_REFUSED);
      return;
    }
    AddressProof proof = validation.check(now, b.slab, header, version, b.remote[i]);
    QuicSock listener = candidates.withoutHello(b.local[i], b.remote[i]);
    if (!candidates.needHello() && listener != null) {
      admit(now, b, i, listener, version, proof, null);
      return;
    }
    long key = key(b, i);
    FirstFlight flight = flights.get(now, key);
    boolean required = candidates.allValidate() || table.manyHandshakes(flights.size());
    if (flight == null && required && !proof.validated()) {
      askForToken(now, b, i, version);
      return;
    }
    FirstFlight f = flight == null ? new FirstFlight(version, header.dcid(b.slab)) : flight;
    boolean names = candidates.needName();
    switch (f.add(b.slab, b.off[i], b.len[i], b.ecn[i], names)) {
      case MORE -> {
        if (f.known()) {
          flights.remove(key);
          choose(now, b, i, f, proof);
        } else {
          flights.put(now, key, f);
          if (candidates.allTake(version.wire())) {
            acknowledgeLater(key, f, i);
          }
        }
      }
      case REPEATED -> {
        dropped(now, Drop.DUPLICATE, b.len[i]);
        if (f.known()) {
          flights.remove(key);
          choose(now, b, i, f, proof);
        } else {
          acknowledgeLater(key, f, i);
        }
      }
      case FORGED -> dropped(now, Drop.DECRYPT, b.len[i]);
      case REFUSED -> {
        flights.remove(key);
        dropped(now, Drop.LIMIT, b.len[i]);
      }
    }
  }

  /** The ClientHello is known as far as it has to be. */
  private void choose(long now, RxBatch b, int i, FirstFlight f, AddressProof proof) {
    byte[] protocols = f.hello().protocols();
    QuicSock listener =
        candidates.choose(b.local[i], b.remote[i], protocols, f.hello().serverName());
    if (listener == null) {
      // RFC 9001 section 8.1: said at once, where the kernel leaves the client to its timeout.
      dropped(now, Drop.NO_SOCKET, b.len[i]);
      int error = QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO + NO_APPLICATION_PROTOCOL;
      refuse(b, i, f.version(), f, error);
    } else {
      admit(now, b, i, listener, f.version(), proof, f);
    }
  }

  /**
   * A client of this listener.
   *
   * @param flight what it sent so far; null for the datagram at hand
   */
  private void admit(
      long now,
      RxBatch b,
      int i,
      QuicSock listener,
      QuicVersion version,
      AddressProof proof,
      @Nullable FirstFlight flight) {
    // A client that has received a packet obeys neither Version Negotiation (RFC 9000 section 6.2)
    // nor Retry (section 17.2.5.2).
    boolean answered = flight != null && flight.sent() > 0;
    if (!Candidates.speaks(listener, version.wire()) && !answered) {
      otherVersion(now, b, i, listener.versions());
      return;
    }
    int refusal = refusal(listener, version);
    if (refusal != 0) {
      dropped(now, refusal == VERSION ? Drop.VERSION : Drop.LIMIT, b.len[i]);
      refuse(b, i, version, flight, refusal);
      return;
    }
    // One whose ClientHello was awaited counts among those on trust already.
    boolean many = flight == null && table.manyHandshakes(flights.size());
    boolean required = listener.validatesAddress() || many;
    if (required && !proof.validated()) {
      if (flight == null || !answered) {
        askForToken(now, b, i, version);
        return;
      }
      if (!flight.gave(header.dcid(b.slab))) {
        // RFC 9000 section 8.1: the id in our acknowledgement will prove its address.
        long key = key(b, i);
        flights.put(now, key, flight);
        acknowledgeLater(key, flight, i);
        return;
      }
    }
    hand(now, b, i, listener, version, proof, flight);
  }

  /** Gives a listener all that came of a client. */
  private void hand(
      long now,
      RxBatch b,
      int i,
      QuicSock listener,
      QuicVersion version,
      AddressProof proof,
      @Nullable FirstFlight flight) {
    SockAddr local = b.local[i];
    SockAddr remote = b.remote[i];
    if (flight == null) {
      ConnId chosen = header.dcid(b.slab);
      FirstContact c = new FirstContact(chosen, version, proof, ConnId.EMPTY, 0, 0);
      listener.onInitial(now, b.slab, b.off[i], b.len[i], b.ecn[i], local, remote, c);
      return;
    }
    ConnId dcid = flight.dcid();
    FirstContact c =
        new FirstContact(dcid, version, proof, flight.own(), flight.sent(), flight.sentBytes());
    List<FirstFlight.Kept> kept = flight.datagrams();
    byte[] first = kept.getFirst().bytes();
    listener.onInitial(now, first, 0, first.length, kept.getFirst().ecn(), local, remote, c);
    for (FirstFlight.Kept k : kept.subList(1, kept.size())) {
      QuicSock child = table.byInitial(dcid, remote);
      if (child != null) {
        child.onDatagram(now, k.bytes(), 0, k.bytes().length, k.ecn(), local, remote, b.port[i]);
      }
    }
  }

  private void acknowledge(RxBatch b, int i, long key, FirstFlight f) {
    ConnId own = f.own().isEmpty() ? table.newConnId() : f.own();
    int n = f.acknowledge(table.slab(), own);
    flights.alias(key, table.initialKey(own, b.remote[i]));
    table.send(b.port[i], b.local[i], b.remote[i], n, n);
  }

  /** Has a client prove its address first; nothing is kept of it. */
  private void askForToken(long now, RxBatch b, int i, QuicVersion version) {
    if (AddressToken.looksLikeRetry(b.slab, header.tokenOff, header.tokenLen)) {
      // RFC 9000 section 8.1.3: nobody follows a second Retry.
      refuse(b, i, version, null, QuicUapi.QUIC_TRANSPORT_ERROR_INVALID_TOKEN);
    } else {
      int n = validation.retry(now, b.slab, header, version, b.remote[i]);
      table.send(b.port[i], b.local[i], b.remote[i], n, n);
    }
  }

  /** Why a listener takes no further client: a transport error, or 0. */
  private static int refusal(QuicSock listener, QuicVersion version) {
    if (!Candidates.speaks(listener, version.wire())) {
      return VERSION;
    }
    return listener.backlogFull() ? QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_REFUSED : 0;
  }

  /**
   * Refuses a client of which nothing is kept.
   *
   * @param flight what it sent so far; null for the datagram at hand
   */
  private void refuse(
      RxBatch b, int i, QuicVersion version, @Nullable FirstFlight flight, int error) {
    byte[] out = table.slab();
    int n =
        flight == null
            ? Stateless.refuse(out, b.slab, header, version, error)
            : flight.refuse(out, error);
    table.send(b.port[i], b.local[i], b.remote[i], n, n);
  }
}
