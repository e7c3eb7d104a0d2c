package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TicketState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;

/** Writes NewSessionTicket messages (RFC 8446 section 4.6.1) for a server. */
final class TicketWriter {
  /** Longest ticket sent: with its message it fits the SESSION_TICKET option of a client. */
  private static final int MAX_TICKET = 4000;

  /** One ticket a connection, so any nonce is unlike the others. */
  private static final byte[] NONCE = {0};

  private static final int QUIC_MAX_EARLY_DATA = 0xffffffff;

  private TicketWriter() {}

  /** What a ticket of a complete handshake is bound to. */
  record Session(
      int suite,
      long authenticatedMillis,
      @Nullable String serverName,
      @Nullable String alpn,
      byte[] transportParameters,
      List<byte[]> peerCertificates) {}

  /**
   * The message; null when the session can have no ticket: it has ended, or the client's chain is
   * too long for one.
   */
  static byte @Nullable [] write(
      Session session, byte[] resumptionMaster, TlsConfig.Server config, SecureRandom random)
      throws IOException {
    TicketIssuer issuer = config.tickets();
    long now = config.clock().millis();
    long left =
        issuer == null ? 0 : session.authenticatedMillis + issuer.lifetime().toMillis() - now;
    if (issuer == null || left < 1000) {
      return null;
    }
    int ageAdd = random.nextInt();
    ReplayGuard guard = config.replayGuard();
    TicketState state =
        new TicketState(
            session.suite,
            now,
            session.authenticatedMillis,
            ageAdd & 0xffff_ffffL,
            config.quicVersion(),
            KeySchedule.ticketPsk(resumptionMaster, Suites.hash(session.suite), NONCE),
            session.serverName,
            session.alpn,
            guard == null ? 0 : guard.id(),
            session.transportParameters,
            session.peerCertificates);
    byte[] plain = state.encode();
    state.destroy();
    byte[] ticket;
    try {
      ticket = issuer.keys().seal(plain);
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
    return ticket.length > MAX_TICKET
        ? null
        : message((int) (left / 1000), ageAdd, ticket, guard != null);
  }

  private static byte[] message(int lifetime, int ageAdd, byte[] ticket, boolean earlyData) {
    int extensions = earlyData ? 8 : 0;
    int body = 4 + 4 + 1 + NONCE.length + 2 + ticket.length + 2 + extensions;
    ByteBuffer out = ByteBuffer.allocate(4 + body);
    out.putInt(HandshakeType.new_session_ticket << 24 | body).putInt(lifetime).putInt(ageAdd);
    out.put((byte) NONCE.length).put(NONCE);
    out.putShort((short) ticket.length).put(ticket);
    out.putShort((short) extensions);
    if (earlyData) {
      // RFC 9001 section 4.6.1.
      out.putShort((short) ExtensionType.early_data).putShort((short) 4);
      out.putInt(QUIC_MAX_EARLY_DATA);
    }
    return out.array();
  }
}
