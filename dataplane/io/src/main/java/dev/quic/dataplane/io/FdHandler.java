package dev.quic.dataplane.io;

/** Told on the shard thread that a foreign descriptor is ready. Must not block. */
@FunctionalInterface
public interface FdHandler {
  /** Readable. */
  int IN = 0x1;

  /** Writable. */
  int OUT = 0x4;

  /** Error condition; always reported. */
  int ERR = 0x8;

  /** Hang-up; always reported. */
  int HUP = 0x10;

  /** The peer will write no more. */
  int RDHUP = 0x2000;

  /**
   * @param events the epoll bits above
   * @param now nanoseconds
   */
  void ready(int events, long now);
}
