package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.AddressToken;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.Stateless;
import dev.quic.dataplane.core.socket.AddressProof;

/**
 * Proof of clients' addresses before a connection is made of their Initial (RFC 9000 section 8).
 */
final class AddressValidation {
  private final Table table;

  AddressValidation(Table table) {
    this.table = table;
  }

  /** What the token of an Initial is worth, {@link AddressProof#NONE} without one. */
  AddressProof check(long now, byte[] buf, PacketHeader h, QuicVersion version, SockAddr remote) {
    if (h.tokenLen == 0) {
      return AddressProof.NONE;
    }
    AddressToken tokens = table.tokens();
    boolean retry = AddressToken.looksLikeRetry(buf, h.tokenOff, h.tokenLen);
    int kind = retry ? AddressToken.RETRY : AddressToken.REGULAR;
    byte[] bound = Table.tokenAddress(kind, remote, version);
    byte[] odcid = tokens.open(kind, bound, now, buf, h.tokenOff, h.tokenLen);
    if (odcid == null) {
      return AddressProof.NONE;
    }
    return retry ? new AddressProof(true, ConnId.of(odcid, 0, odcid.length)) : AddressProof.EARLIER;
  }

  /** Builds a Retry in the slab; returns its length. Nothing is kept. */
  int retry(long now, byte[] buf, PacketHeader h, QuicVersion version, SockAddr remote) {
    byte[] token = table.sealToken(now, AddressToken.RETRY, remote, version, h.dcid(buf).toBytes());
    int low = (int) table.publicRandom();
    return Stateless.retry(table.slab(), buf, h, version, table.newConnId(), token, low);
  }
}
