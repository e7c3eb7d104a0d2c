package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Drop;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.AddressToken;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.packet.Stateless;
import dev.quic.dataplane.core.socket.AddressProof;
import dev.quic.dataplane.core.socket.QuicSock;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/** Finds whose a datagram is, and answers those that are nobody's. */
final class Demux {
  /** Least client destination id of a first Initial (RFC 9000 section 7.2). */
  private static final int LEAST_DCID = 8;

  private final Table table;
  private final Host host;
  private final PacketHeader header = new PacketHeader();
  private final AddressValidation validation;

  Demux(Table table, Host host) {
    this.table = table;
    this.host = host;
    validation = new AddressValidation(table);
  }

  void onDatagram(long now, RxBatch b, int i) {
    byte[] buf = b.slab;
    int off = b.off[i];
    int len = b.len[i];
    SockAddr local = b.local[i];
    SockAddr remote = b.remote[i];
    if (len <= 0 || local == null || remote == null) {
      return;
    }
    Kind kind = header.parse(buf, off, off + len);
    QuicSock sock = kind == Kind.INVALID ? null : connection(buf, remote);
    if (sock != null) {
      sock.onDatagram(now, buf, off, len, b.ecn[i], local, remote, b.port[i]);
    } else if (reset(now, b, i)) {
      return;
    } else if (kind == Kind.SHORT || kind == Kind.INVALID) {
      onUnknownShort(now, b, i);
    } else {
      onUnknownLong(now, b, i);
    }
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
    if (answers && table.listenerFor(b.local[i], b.port[i]) != null) {
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
    QuicSock listener = table.listenerFor(b.local[i], b.port[i]);
    boolean large = len >= Limits.MIN_INITIAL_DATAGRAM;
    if (listener == null || !large || header.kind == Kind.VERSION_NEGOTIATION) {
      dropped(now, Drop.NO_SOCKET, len);
    } else if (header.kind == Kind.UNKNOWN_VERSION || !spoken(listener.versions())) {
      // RFC 9000 sections 5.2.2 and 6.1: only to datagrams as large as an Initial's.
      dropped(now, Drop.VERSION, len);
      int random = (int) table.publicRandom();
      int n =
          Stateless.versionNegotiation(table.slab(), b.slab, header, listener.versions(), random);
      table.send(b.port[i], b.local[i], b.remote[i], n, n);
    } else if (header.kind != Kind.INITIAL || header.dcidLen < LEAST_DCID || !header.fixedBit) {
      dropped(now, Drop.HEADER, len);
    } else {
      onNewClient(now, b, i, listener);
    }
  }

  private boolean spoken(int[] versions) {
    for (int v : versions) {
      if (v == header.version) {
        return true;
      }
    }
    return false;
  }

  private void onNewClient(long now, RxBatch b, int i, QuicSock listener) {
    QuicVersion version = QuicVersion.of(header.version);
    if (version == null) {
      return;
    }
    boolean memory = table.chunks().held() > Limits.NET_MEMORY_BYTES;
    if (memory) {
      table.count(Mib.MEM_REFUSALS, 1);
    }
    if (memory || listener.backlogFull() || table.full()) {
      dropped(now, Drop.LIMIT, b.len[i]);
      refuse(b, i, version, QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_REFUSED);
      return;
    }
    boolean required = listener.validatesAddress() || table.manyHandshakes();
    AddressProof proof = validation.check(now, b.slab, header, version, b.remote[i]);
    if (required && !proof.validated()) {
      if (AddressToken.looksLikeRetry(b.slab, header.tokenOff, header.tokenLen)) {
        // RFC 9000 section 8.1.3: nobody follows a second Retry.
        refuse(b, i, version, QuicUapi.QUIC_TRANSPORT_ERROR_INVALID_TOKEN);
      } else {
        int n = validation.retry(now, b.slab, header, version, b.remote[i]);
        table.send(b.port[i], b.local[i], b.remote[i], n, n);
      }
      return;
    }
    listener.onInitial(
        now,
        b.slab,
        b.off[i],
        b.len[i],
        b.ecn[i],
        b.local[i],
        b.remote[i],
        header.dcid(b.slab),
        version,
        proof);
  }

  private void refuse(RxBatch b, int i, QuicVersion version, int error) {
    int n = Stateless.refuse(table.slab(), b.slab, header, version, error);
    table.send(b.port[i], b.local[i], b.remote[i], n, n);
  }
}
