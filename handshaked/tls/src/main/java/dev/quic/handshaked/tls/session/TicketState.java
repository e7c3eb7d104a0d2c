package dev.quic.handshaked.tls.session;

import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * What a server's ticket holds: the session's key and all that it is bound to.
 *
 * @param suite TLS cipher suite
 * @param issuedMillis wall clock at issue, for the ticket's age
 * @param authenticatedMillis wall clock of the handshake in which certificates were last checked
 * @param ageAdd {@code ticket_age_add}
 * @param quicVersion QUIC version of the connection, 0 when unknown
 * @param psk wiped by {@link #destroy}
 * @param serverName SNI, null for none
 * @param alpn protocol, null for none
 * @param replayGuard guard that may accept early data under this ticket; 0 for none
 * @param transportParameters the server's own, as the client remembers them
 * @param peerCertificates the client's chain, leaf first; empty for none
 */
public record TicketState(
    int suite,
    long issuedMillis,
    long authenticatedMillis,
    long ageAdd,
    int quicVersion,
    byte[] psk,
    @Nullable String serverName,
    @Nullable String alpn,
    long replayGuard,
    byte[] transportParameters,
    List<byte[]> peerCertificates)
    implements Destroyable {
  private static final int VERSION = 1;

  public byte[] encode() {
    return new Fields()
        .u8(VERSION)
        .u16(suite)
        .u64(issuedMillis)
        .u64(authenticatedMillis)
        .u32(ageAdd)
        .u32(quicVersion & 0xffff_ffffL)
        .bytes(psk)
        .text(serverName)
        .text(alpn)
        .u64(replayGuard)
        .bytes(transportParameters)
        .list(peerCertificates)
        .toBytes();
  }

  /**
   * @return null for a state of another version of this software
   */
  public static @Nullable TicketState parse(byte[] bytes) {
    Fields.Source in = new Fields.Source(bytes);
    try {
      if (in.u8() != VERSION) {
        return null;
      }
      TicketState state =
          new TicketState(
              in.u16(),
              in.u64(),
              in.u64(),
              in.u32(),
              (int) in.u32(),
              in.bytes(),
              in.text(),
              in.text(),
              in.u64(),
              in.bytes(),
              in.list());
      return in.atEnd() ? state : null;
    } catch (BufferUnderflowException e) {
      return null;
    }
  }

  @Override
  public void destroy() {
    Arrays.fill(psk, (byte) 0);
  }

  @Override
  public String toString() {
    return "TicketState[" + serverName + ", " + alpn + "]";
  }
}
