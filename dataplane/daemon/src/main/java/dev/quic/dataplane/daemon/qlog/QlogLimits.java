package dev.quic.dataplane.daemon.qlog;

/** Every bound of this package. */
final class QlogLimits {
  private QlogLimits() {}

  /** Rows (events, frames, parameters) of one shard that may wait for the writer: 4 MiB. */
  static final int RING_EVENTS = 65_536;

  /** Characters of a packet's frames; further ones are left out. */
  static final int FRAMES_TEXT = 8_192;

  /** Files open at once; connections beyond it are not written. */
  static final int OPEN_FILES = 1_024;

  /** Bytes gathered before a file is written to. */
  static final int FILE_BUFFER_BYTES = 8_192;

  /** Files of one name, told apart by a number. */
  static final int SAME_NAMES = 100;
}
