package dev.quic.handshaked.tls.session;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server issues tickets. Any thread.
 *
 * @param keys seal the tickets
 * @param lifetime how long after the certificates were last checked a session may be resumed: a
 *     ticket of a resumed session ends with the first one
 */
public record TicketIssuer(TicketProtector keys, Duration lifetime) {
  /** RFC 8446 section 4.6.1: seven days. */
  public static final Duration MAX_LIFETIME = Duration.ofDays(7);

  /** Issues and takes nothing: for a server whose socket may still have a key of its own. */
  public static final TicketIssuer NONE =
      new TicketIssuer(
          new TicketProtector() {
            @Override
            public byte[] seal(byte[] state) {
              throw new IllegalStateException("no tickets are issued");
            }

            @Override
            public byte @Nullable [] open(byte[] ticket) {
              return null;
            }
          },
          MAX_LIFETIME);

  public TicketIssuer {
    if (lifetime.isNegative() || lifetime.isZero() || lifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new IllegalArgumentException("a ticket lives for 1 second to 7 days");
    }
  }

  public static TicketIssuer of(TicketProtector keys, Duration lifetime) {
    return new TicketIssuer(keys, lifetime);
  }
}
