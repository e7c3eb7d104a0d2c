package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * Neighbours of a batch of received datagrams that are one 1-RTT packet each, of one connection,
 * and came by one path. Filled and reused by whoever has the batch; the arrays may be its own.
 */
public final class RxRun {
  public byte[] buf = {};

  /** Where each datagram begins. */
  public int[] start = {};

  /** Where the packet number of each begins. */
  public int[] pnOff = {};

  /** Where each datagram ends. */
  public int[] end = {};

  /** For the receiver: length of each packet number, once header protection is off. */
  public int[] pnLen = {};

  /** ECN field of each. */
  public byte[] ecn = {};

  /** Index of the first of them in the arrays. */
  public int from;

  /** Index behind the last of them. */
  public int to;

  public @Nullable SockAddr local;
  public @Nullable SockAddr remote;

  /** The port they came in by. */
  public int port;
}
