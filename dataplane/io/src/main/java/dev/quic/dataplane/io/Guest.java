package dev.quic.dataplane.io;

/**
 * Somebody else who lives on a shard's thread, since a thread of its own would have no processor to
 * run on: has a turn in each of the shard's. All on the shard's thread; must not block.
 */
public interface Guest {
  /**
   * Does what there is to do.
   *
   * @return whether there was anything
   */
  boolean turn(long now);

  /** Whether {@link #turn} has something to do at once. */
  boolean hasWork();

  /** When it wants its next turn at the latest, nanoseconds; {@link Long#MAX_VALUE} for never. */
  long nextDeadline();
}
