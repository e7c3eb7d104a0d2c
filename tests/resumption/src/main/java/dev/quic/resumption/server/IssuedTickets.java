package dev.quic.resumption.server;

import dev.quic.resumption.wire.Sight;
import dev.quic.resumption.wire.TlsMessage;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tickets of a run: when and for what they were issued, and how often they came back. */
final class IssuedTickets {
  /** The oldest are forgotten beyond. */
  private static final int MAX_TICKETS = 1_024;

  /** A ticket that was issued. */
  static final class Issued {
    final TlsMessage.Ticket ticket;
    final long millis;
    final @Nullable String serverName;
    final @Nullable String alpn;
    private int offered;

    Issued(
        TlsMessage.Ticket ticket, long millis, @Nullable String serverName, @Nullable String alpn) {
      this.ticket = ticket;
      this.millis = millis;
      this.serverName = serverName;
      this.alpn = alpn;
    }

    /** Counts an offer; whether it is the first. */
    boolean offer() {
      return offered++ == 0;
    }
  }

  private final Map<ByteBuffer, Issued> byTicket = new LinkedHashMap<>();

  /**
   * Takes note of the tickets of a connection, once.
   *
   * @param begun when it began, wall clock
   */
  void note(Sight sight, long begun) {
    TlsMessage.ClientHello hello = sight.clientHello();
    TlsMessage.EncryptedExtensions ee = sight.encryptedExtensions();
    for (TlsMessage.Ticket t : sight.tickets()) {
      if (byTicket.size() >= MAX_TICKETS) {
        byTicket.remove(byTicket.keySet().iterator().next());
      }
      byTicket.putIfAbsent(
          ByteBuffer.wrap(t.ticket()),
          new Issued(
              t, begun, hello == null ? null : hello.serverName(), ee == null ? null : ee.alpn()));
    }
  }

  @Nullable Issued find(byte[] ticket) {
    return byTicket.get(ByteBuffer.wrap(ticket));
  }
}
