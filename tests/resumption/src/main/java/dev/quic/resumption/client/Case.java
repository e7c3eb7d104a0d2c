package dev.quic.resumption.client;

import java.util.Locale;

/** What a server is put through. */
public enum Case {
  FULL(Need.NOTHING, "Certificate, no pre_shared_key, answer, ticket"),
  RESUMED(Need.NOTHING, "pre_shared_key, no Certificate, answer"),
  /** The ticket of a resumed session is good, too. */
  RESUMED_AGAIN(Need.NOTHING, "pre_shared_key, no Certificate, answer"),
  EARLY_ACCEPTED(Need.NOTHING, "pre_shared_key, early_data, 0-RTT acknowledged, answer"),
  /** A damaged ticket: a server that cannot read it must not read early data either. */
  EARLY_UNREADABLE(Need.NOTHING, "Certificate, no early_data, answer in 1-RTT"),
  /** The client's idea of the ticket's age is an hour off (RFC 8446 section 8.3). */
  EARLY_STALE(Need.NOTHING, "no early_data, answer in 1-RTT"),
  /** The server asks for another key share, which ends early data (RFC 8446 section 4.2.10). */
  EARLY_RETRIED(Need.NOTHING, "HelloRetryRequest, no early_data, answer in 1-RTT"),
  /** The server was told to take no early data any more. */
  EARLY_REJECTED(Need.HOOK, "no early_data, answer in 1-RTT"),
  /** A first flight arrives from one port, and then, completed, from another. */
  REPLAYED(Need.NOTHING, "copy sees early_data at most once, answer in 1-RTT"),
  /** The same, at two servers that share what they know. */
  REPLAYED_ELSEWHERE(Need.SHARED, "copy sees early_data at most once, answer in 1-RTT"),
  EXPIRED(Need.HOOK, "Certificate, no pre_shared_key, answer"),
  WRONG_SNI(Need.NOTHING, "no pre_shared_key (or refused)"),
  WRONG_ALPN(Need.NOTHING, "refused: no_application_protocol"),
  OTHER_ALPN(Need.OTHER_ALPN, "no early_data"),
  /** The client tells higher limits than when it got its ticket. */
  PARAMS_RAISED(Need.NOTHING, "pre_shared_key, early_data, answer"),
  /** The server came back with lower limits (RFC 9000 section 7.4.1). */
  PARAMS_LOWERED(Need.HOOK, "no early_data, answer in 1-RTT"),
  KEY_PREVIOUS(Need.HOOK, "pre_shared_key, no Certificate, answer"),
  KEY_GONE(Need.HOOK, "Certificate, no pre_shared_key, answer"),
  SHARED(Need.SHARED, "pre_shared_key, no Certificate, answer"),
  UNSHARED(Need.UNSHARED, "Certificate, no pre_shared_key, no early_data, answer");

  /** What else a case needs. */
  enum Need {
    NOTHING,
    HOOK,
    OTHER_ALPN,
    SHARED,
    UNSHARED
  }

  private final Need need;
  private final String expected;

  Case(Need need, String expected) {
    this.need = need;
    this.expected = expected;
  }

  Need need() {
    return need;
  }

  /** One line for the table. */
  public String expected() {
    return expected;
  }

  /** {@code early-accepted}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The case of a name.
   *
   * @throws IllegalArgumentException with one line for the user
   */
  public static Case of(String text) {
    for (Case c : values()) {
      if (c.text().equals(text)) {
        return c;
      }
    }
    throw new IllegalArgumentException("no case is called '" + text + "'");
  }
}
