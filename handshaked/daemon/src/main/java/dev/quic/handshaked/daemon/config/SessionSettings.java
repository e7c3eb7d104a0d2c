package dev.quic.handshaked.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code [session]}: what a server remembers of its clients.
 *
 * @param tickets whether tickets are issued and taken
 * @param lifetime of a session, counted from the full handshake it began with; at most {@link
 *     #MAX_LIFETIME}
 * @param rotation how long one ticket key is used
 * @param ticketKeys file with the secret that several daemons derive their ticket keys from; null
 *     for random keys of this process
 * @param earlyData whether 0-RTT data is taken
 * @param replayWindow how long after its ticket's expected age a first flight counts as fresh
 * @param replayEntries first flights remembered at once; further ones go without 0-RTT
 */
public record SessionSettings(
    boolean tickets,
    Duration lifetime,
    Duration rotation,
    @Nullable Path ticketKeys,
    boolean earlyData,
    Duration replayWindow,
    int replayEntries) {
  /** RFC 8446 section 4.6.1: a ticket lives seven days at most. */
  public static final Duration MAX_LIFETIME = Duration.ofDays(7);

  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(1);
  public static final Duration DEFAULT_REPLAY_WINDOW = Duration.ofSeconds(10);
  public static final int DEFAULT_REPLAY_ENTRIES = 1 << 16;

  /** Tickets by random keys, no 0-RTT. */
  public static final SessionSettings DEFAULT =
      new SessionSettings(
          true,
          DEFAULT_LIFETIME,
          DEFAULT_LIFETIME,
          null,
          false,
          DEFAULT_REPLAY_WINDOW,
          DEFAULT_REPLAY_ENTRIES);

  private static final String SECTION = "session";
  private static final int MIN_SECONDS = 1;

  /** About 48 bytes each: what the largest register takes stays below a gigabyte. */
  private static final int MAX_REPLAY_ENTRIES = 1 << 24;

  private static final int MAX_REPLAY_WINDOW_SECONDS = 600;

  static SessionSettings of(ConfigText text) throws ConfigException {
    int max = (int) MAX_LIFETIME.toSeconds();
    int lifetime =
        text.number(
            SECTION, "ticket_lifetime", (int) DEFAULT_LIFETIME.toSeconds(), MIN_SECONDS, max);
    int rotation = text.number(SECTION, "ticket_rotation", lifetime, MIN_SECONDS, max);
    if (rotation < lifetime) {
      text.warn(
          SECTION,
          "ticket_rotation",
          "is shorter than ticket_lifetime: tickets end with their key, after one to two rotations");
    }
    boolean tickets = text.flag(SECTION, "tickets", true);
    boolean earlyData = text.flag(SECTION, "early_data", false);
    if (earlyData && !tickets) {
      throw text.error(SECTION, "early_data", "needs tickets = yes");
    }
    return new SessionSettings(
        tickets,
        Duration.ofSeconds(lifetime),
        Duration.ofSeconds(rotation),
        text.path(SECTION, "ticket_keys"),
        earlyData,
        Duration.ofSeconds(
            text.number(
                SECTION,
                "replay_window",
                (int) DEFAULT_REPLAY_WINDOW.toSeconds(),
                MIN_SECONDS,
                MAX_REPLAY_WINDOW_SECONDS)),
        text.number(SECTION, "replay_entries", DEFAULT_REPLAY_ENTRIES, 1, MAX_REPLAY_ENTRIES));
  }
}
