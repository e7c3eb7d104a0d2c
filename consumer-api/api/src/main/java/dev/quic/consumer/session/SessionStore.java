package dev.quic.consumer.session;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a client keeps sessions between connections. Any thread. A store never fails a connection:
 * a program that cannot take a session makes a full handshake.
 */
public interface SessionStore {
  /** Sessions kept at once unless configured. */
  int DEFAULT_SESSIONS = 256;

  /** Of these under one key: a server may give several tickets, for connections side by side. */
  int SESSIONS_OF_A_KEY = 4;

  /**
   * Keeps a session, which remains the caller's to wipe. Expired and then the oldest ones make
   * room.
   *
   * @param key what it is a session with, see {@link #key}
   * @throws IOException when it cannot be kept
   */
  void put(String key, QuicSession session) throws IOException;

  /**
   * Gives out the newest live session of a key, and forgets it: each goes to one caller, once.
   *
   * @return the caller's to wipe; null when there is none
   * @throws IOException when the store cannot be read or a session cannot be taken out of it
   */
  @Nullable QuicSession take(String key) throws IOException;

  /**
   * The key of a service.
   *
   * @param serverName the name the certificate is checked for; case is ignored
   * @param port of the server, since another service may live at each
   * @param alpn application protocol
   */
  static String key(String serverName, int port, String alpn) {
    return serverName.toLowerCase(Locale.ROOT) + ' ' + port + ' ' + alpn;
  }
}
