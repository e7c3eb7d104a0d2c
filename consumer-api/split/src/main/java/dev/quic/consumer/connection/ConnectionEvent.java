package dev.quic.consumer.connection;

/** What happened to a connection besides data. */
public sealed interface ConnectionEvent {
  /**
   * The peer allows more streams.
   *
   * @param highest largest stream id of its type that may be opened
   */
  record StreamsAllowed(long highest) implements ConnectionEvent {}

  /**
   * The connection goes by another path now.
   *
   * @param local whether this side moved
   */
  record Migrated(boolean local) implements ConnectionEvent {}

  /**
   * Keys were updated (RFC 9001 section 6).
   *
   * @param phase 0 or 1
   */
  record KeysUpdated(int phase) implements ConnectionEvent {}

  /** The server gave a token for later connections; it is with the socket's TOKEN option. */
  record TokenReceived() implements ConnectionEvent {}

  /** The server gave a session ticket. */
  record TicketReceived() implements ConnectionEvent {}

  /**
   * The peer closed the connection, or it failed.
   *
   * @param code of the application or the transport
   * @param reason of the peer, for a person; often empty
   */
  record Closed(long code, String reason) implements ConnectionEvent {}
}
