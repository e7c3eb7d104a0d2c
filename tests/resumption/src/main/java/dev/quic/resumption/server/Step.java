package dev.quic.resumption.server;

import java.util.Locale;

/** What the server does before it takes a client's next connection. */
public enum Step {
  /** Nothing: tickets and early data are taken. */
  ACCEPT("pre_shared_key, early data read once"),
  /** Takes no early data this time. */
  REJECT("early data sent again in 1-RTT"),
  /** The ticket keys change; those before are kept. */
  ROTATE("pre_shared_key"),
  /**
   * The ticket keys change, and those before are forgotten: no session fits, early data neither.
   */
  FORGET("a full handshake, early data sent again in 1-RTT"),
  /** The tickets issued so far end on the server's side. */
  EXPIRE("a full handshake, early data sent again in 1-RTT"),
  /** Lower limits than before: early data cannot be taken (RFC 9000 section 7.4.1). */
  LOWER("early data sent again in 1-RTT");

  private final String expected;

  Step(String expected) {
    this.expected = expected;
  }

  /** What a client that offers a session goes through; one line. */
  public String expected() {
    return expected;
  }

  /** Whether early data is refused. */
  boolean refusesEarly() {
    return this != ACCEPT && this != ROTATE;
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The step of a name.
   *
   * @throws IllegalArgumentException with one line for the user
   */
  public static Step of(String text) {
    for (Step s : values()) {
      if (s.text().equals(text)) {
        return s;
      }
    }
    throw new IllegalArgumentException("no step is called '" + text + "'");
  }
}
