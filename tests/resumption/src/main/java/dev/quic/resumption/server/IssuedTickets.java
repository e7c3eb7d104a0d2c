package dev.quic.resumption.server;

import dev.quic.resumption.wire.Sight;
import dev.quic.resumption.wire.TlsMessage;
import java.nio.ByteBuffer;
import java.time.Clock;
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

  private final Clock clock;
  private final Map<ByteBuffer, Issued> byTicket = new LinkedHashMap<>();

  IssuedTickets(Clock clock) {
    this.clock = clock;
  }

  long now() {
    return clock.millis();
  }

  /** Takes note of the tickets of a connection. */
  void note(Sight sight) {
    TlsMessage.ClientHello hello = sight.clientHello();
    TlsMessage.EncryptedExtensions ee = sight.encryptedExtensions();
    for (TlsMessage.Ticket t : sight.tickets()) {
      if (byTicket.size() >= MAX_TICKETS) {
        byTicket.remove(byTicket.keySet().iterator().next());
      }
      byTicket.put(
          ByteBuffer.wrap(t.ticket()),
          new Issued(
              t,
              clock.millis(),
              hello == null ? null : hello.serverName(),
              ee == null ? null : ee.alpn()));
    }
  }

  @Nullable Issued find(byte[] ticket) {
    return byTicket.get(ByteBuffer.wrap(ticket));
  }
}
