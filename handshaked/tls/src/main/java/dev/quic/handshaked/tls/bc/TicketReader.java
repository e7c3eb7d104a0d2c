package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;

/** Reads NewSessionTicket messages (RFC 8446 section 4.6.1) for a client. */
final class TicketReader implements SessionMaker {
  /** RFC 9001 section 4.6.1: the only value early_data may have. */
  private static final int QUIC_MAX_EARLY_DATA = 0xffffffff;

  /** What a session takes over from the handshake it belongs to. */
  record Context(
      int suite,
      int group,
      boolean verified,
      int quicVersion,
      @Nullable String serverName,
      @Nullable String alpn,
      long expiresMillis,
      byte[] anchors,
      List<byte[]> peerCertificates) {}

  private final Context context;
  private final Clock clock;
  private byte @Nullable [] resumptionMaster;

  /**
   * @param resumptionMaster taken over
   */
  TicketReader(Context context, byte[] resumptionMaster, Clock clock) {
    this.context = context;
    this.resumptionMaster = resumptionMaster;
    this.clock = clock;
  }

  @Override
  public @Nullable TlsSession session(byte[] newSessionTicket) {
    byte[] secret = resumptionMaster;
    if (secret == null) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(newSessionTicket);
    try {
      if (in.get() != HandshakeType.new_session_ticket || length(in, 3) != in.remaining()) {
        return null;
      }
      long lifetime = in.getInt() & 0xffff_ffffL;
      long ageAdd = in.getInt() & 0xffff_ffffL;
      byte[] nonce = vector(in, 1);
      byte[] ticket = vector(in, 2);
      int early = earlyData(ByteBuffer.wrap(vector(in, 2)));
      if (in.hasRemaining() || ticket.length == 0 || lifetime == 0) {
        return null;
      }
      // RFC 9001 section 4.6.1: any other value is a violation; such a ticket is not used at all.
      if (early != 0 && early != QUIC_MAX_EARLY_DATA) {
        return null;
      }
      return new TlsSession(
          context.suite,
          context.group,
          clock.millis(),
          Math.min(lifetime, TicketIssuer.MAX_LIFETIME.toSeconds()),
          ageAdd,
          early != 0,
          context.verified,
          context.quicVersion,
          context.serverName,
          context.alpn,
          ticket,
          KeySchedule.ticketPsk(secret, Suites.hash(context.suite), nonce),
          context.expiresMillis,
          context.anchors,
          context.peerCertificates);
    } catch (BufferUnderflowException | IOException e) {
      // Malformed: there is nothing to resume then.
      return null;
    }
  }

  private static int earlyData(ByteBuffer extensions) {
    int max = 0;
    while (extensions.hasRemaining()) {
      int type = extensions.getShort() & 0xffff;
      byte[] body = vector(extensions, 2);
      if (type == ExtensionType.early_data) {
        max = ByteBuffer.wrap(body).getInt();
      }
    }
    return max;
  }

  private static byte[] vector(ByteBuffer in, int lengthBytes) {
    byte[] body = new byte[Math.min(length(in, lengthBytes), in.remaining() + 1)];
    in.get(body);
    return body;
  }

  private static int length(ByteBuffer in, int bytes) {
    int length = 0;
    for (int i = 0; i < bytes; i++) {
      length = length << 8 | (in.get() & 0xff);
    }
    return length;
  }

  @Override
  public void destroy() {
    byte[] secret = resumptionMaster;
    if (secret != null) {
      Arrays.fill(secret, (byte) 0);
      resumptionMaster = null;
    }
  }

  @Override
  public boolean isDestroyed() {
    return resumptionMaster == null;
  }
}
