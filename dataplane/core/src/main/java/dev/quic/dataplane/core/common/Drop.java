package dev.quic.dataplane.core.common;

/** Why a packet was dropped, as in {@code EventSink.packetDropped}. */
public final class Drop {
  private Drop() {}

  /** The header makes no sense. */
  public static final int HEADER = 1;

  /** No socket takes it. */
  public static final int NO_SOCKET = 2;

  /** No key, and none will come or the backlog is full. */
  public static final int NO_KEY = 3;

  /** Authentication failed. */
  public static final int DECRYPT = 4;

  /** The packet number was seen before. */
  public static final int DUPLICATE = 5;

  /** A limit was reached. */
  public static final int LIMIT = 6;

  /** The connection is closing or draining. */
  public static final int CLOSING = 7;

  /** A version this core does not speak. */
  public static final int VERSION = 8;
}
