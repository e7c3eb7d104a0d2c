package dev.quic.consumer.split;

import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a server's configuration says of resumption. Shared by its copies, the register above all.
 *
 * @param keys null for those of the socket's SESSION_TICKET option
 * @param lifetime of a session
 * @param guard of early data; null takes none
 * @param early takes early data as it comes; null leaves it for after the handshake
 */
record ServerTickets(
    @Nullable QuicTicketKeys keys,
    Duration lifetime,
    @Nullable ReplayGuard guard,
    @Nullable EarlyDataReceiver early) {
  static final ServerTickets DEFAULT =
      new ServerTickets(null, QuicServerTls.DEFAULT_TICKET_LIFETIME, null, null);

  ServerTickets withKeys(QuicTicketKeys own) {
    return new ServerTickets(own, lifetime, guard, early);
  }

  ServerTickets withLifetime(Duration limit) {
    return new ServerTickets(keys, limit, guard, early);
  }

  ServerTickets withGuard(@Nullable ReplayGuard register) {
    return new ServerTickets(keys, lifetime, register, early);
  }

  ServerTickets withEarly(EarlyDataReceiver receiver) {
    return new ServerTickets(keys, lifetime, guard, receiver);
  }

  @Nullable TicketIssuer issuer() {
    return keys == null ? null : TicketIssuer.of(keys.keys(), lifetime);
  }
}
