package dev.quic.handshaked.tls.session;

import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * A client's session: a ticket and what must be remembered with it (RFC 8446 section 4.6.1). Its
 * encoded form holds a secret and is opaque to whoever keeps it; it fits the SESSION_TICKET option.
 *
 * @param suite TLS cipher suite
 * @param group key exchange group the server took
 * @param receivedMillis wall clock at receipt, for the ticket's age
 * @param lifetimeSeconds after receipt
 * @param ageAdd {@code ticket_age_add}
 * @param earlyData whether the server takes early data under this ticket
 * @param verified whether the server's certificate had been checked
 * @param quicVersion QUIC version of the connection, 0 when unknown
 * @param serverName what the certificate was checked against, null for none
 * @param alpn protocol, null for none
 * @param ticket opaque identity
 * @param psk wiped by {@link #destroy}
 * @param expiresMillis when the server's certificate ends; {@link Long#MAX_VALUE} when it showed
 *     none
 * @param anchors which trust anchors it had been checked under, a {@code fingerprint} of them
 * @param peerCertificates the server's chain, leaf first; cut short when it would not fit
 */
public record TlsSession(
    int suite,
    int group,
    long receivedMillis,
    long lifetimeSeconds,
    long ageAdd,
    boolean earlyData,
    boolean verified,
    int quicVersion,
    @Nullable String serverName,
    @Nullable String alpn,
    byte[] ticket,
    byte[] psk,
    long expiresMillis,
    byte[] anchors,
    List<byte[]> peerCertificates)
    implements Destroyable {
  /** Longest encoded form: what the SESSION_TICKET option takes. */
  public static final int MAX_BYTES = 4096;

  private static final long MAGIC = 0x7163_7365_7373_0002L;
  private static final int EARLY_DATA = 1;
  private static final int VERIFIED = 2;

  public TlsSession {
    peerCertificates = List.copyOf(peerCertificates);
  }

  /**
   * @return at most {@link #MAX_BYTES}, the chain cut short if need be; null when even the ticket
   *     alone is too long
   */
  public byte @Nullable [] encode() {
    for (int certificates = peerCertificates.size(); certificates >= 0; certificates--) {
      byte[] bytes = encode(peerCertificates.subList(0, certificates));
      if (bytes.length <= MAX_BYTES) {
        return bytes;
      }
      Arrays.fill(bytes, (byte) 0);
    }
    return null;
  }

  private byte[] encode(List<byte[]> chain) {
    return new Fields()
        .u64(MAGIC)
        .u16(suite)
        .u16(group)
        .u64(receivedMillis)
        .u32(lifetimeSeconds)
        .u32(ageAdd)
        .u8((earlyData ? EARLY_DATA : 0) | (verified ? VERIFIED : 0))
        .u32(quicVersion & 0xffff_ffffL)
        .text(serverName)
        .text(alpn)
        .bytes(ticket)
        .bytes(psk)
        .u64(expiresMillis)
        .bytes(anchors)
        .list(chain)
        .toBytes();
  }

  /**
   * @return null when the bytes are no session of ours, a raw ticket for instance
   */
  public static @Nullable TlsSession parse(byte[] bytes) {
    Fields.Source in = new Fields.Source(bytes);
    try {
      if (bytes.length > MAX_BYTES || in.u64() != MAGIC) {
        return null;
      }
      int suite = in.u16();
      int group = in.u16();
      long received = in.u64();
      long lifetime = in.u32();
      long ageAdd = in.u32();
      int flags = in.u8();
      TlsSession session =
          new TlsSession(
              suite,
              group,
              received,
              lifetime,
              ageAdd,
              (flags & EARLY_DATA) != 0,
              (flags & VERIFIED) != 0,
              (int) in.u32(),
              in.text(),
              in.text(),
              in.bytes(),
              in.bytes(),
              in.u64(),
              in.bytes(),
              in.list());
      boolean whole = in.atEnd() && session.ticket.length > 0 && session.psk.length > 0;
      return whole ? session : null;
    } catch (BufferUnderflowException e) {
      return null;
    }
  }

  /** Whether the ticket may still be offered. */
  public boolean isLive(long nowMillis) {
    long age = nowMillis - receivedMillis;
    return age >= 0 && age < lifetimeSeconds * 1000 && nowMillis < expiresMillis;
  }

  @Override
  public void destroy() {
    Arrays.fill(psk, (byte) 0);
  }

  @Override
  public String toString() {
    return "TlsSession[" + serverName + ", " + alpn + "]";
  }
}
