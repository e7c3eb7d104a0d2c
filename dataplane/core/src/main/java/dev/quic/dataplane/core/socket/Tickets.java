package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.stream.RecvBuffer;
import dev.quic.uapi.QuicUapi;

/**
 * What comes in CRYPTO frames after the handshake, and the SESSION_TICKET option. The core knows of
 * TLS here only the four bytes that say type and length of a message.
 */
final class Tickets {
  private static final int HEADER = 4;
  private static final int NEW_SESSION_TICKET = 4;
  private static final int CERTIFICATE_REQUEST = 13;

  /** Number of the early_data extension, and the value it must have. */
  private static final int EARLY_DATA = 42;

  private static final int MAX_EARLY_DATA = 0xffff_ffff;

  /** TLS alert unexpected_message. */
  private static final int UNEXPECTED_MESSAGE = QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO + 10;

  private final SockState sock;
  private final byte[] header = new byte[HEADER];
  private byte[] ticket = new byte[0];

  Tickets(SockState sock) {
    this.sock = sock;
  }

  /** The option's bytes; empty while there are none. */
  byte[] ticket() {
    return ticket;
  }

  void ticket(byte[] bytes) {
    ticket = bytes;
  }

  /** New bytes at level APP: 0 or a transport error code. */
  int onCrypto(RecvBuffer in) {
    while (in.readable() >= HEADER) {
      in.peek(header, 0, HEADER);
      int len = (header[1] & 0xff) << 16 | (header[2] & 0xff) << 8 | header[3] & 0xff;
      if (header[0] == CERTIFICATE_REQUEST && !sock.isServer()) {
        // RFC 9001 section 4.4.
        return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
      }
      if (header[0] != NEW_SESSION_TICKET || sock.isServer()) {
        // RFC 9001 section 6: no TLS KeyUpdate; and nothing else comes here.
        return UNEXPECTED_MESSAGE;
      }
      if (HEADER + len > Limits.CRYPTO_BUFFER_BYTES) {
        return QuicUapi.QUIC_TRANSPORT_ERROR_CRYPTO_BUF_EXCEEDED;
      }
      if (in.readable() < HEADER + len) {
        return 0;
      }
      byte[] message = new byte[HEADER + len];
      in.read(message, 0, message.length);
      if (limitsEarlyData(message)) {
        // RFC 9001 section 4.6.1.
        return QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
      }
      if (message.length <= Limits.SESSION_TICKET_BYTES) {
        ticket = message;
        sock.notes().newSessionTicket(message);
      }
    }
    return 0;
  }

  /**
   * Whether a ticket names another limit of early data than QUIC's only one. A message that is no
   * well-formed NewSessionTicket (RFC 8446 section 4.6.1) is the TLS side's to judge.
   */
  private static boolean limitsEarlyData(byte[] message) {
    Reader in = new Reader(message, HEADER, message.length - HEADER);
    in.skip(8);
    in.skip(in.u8());
    in.skip(in.u16());
    boolean whole = in.u16() == in.remaining();
    while (whole && in.ok() && in.remaining() > 0) {
      int type = in.u16();
      int len = in.u16();
      if (type == EARLY_DATA && len == 4) {
        int max = in.u32();
        return in.ok() && max != MAX_EARLY_DATA;
      }
      in.skip(len);
    }
    return false;
  }
}
