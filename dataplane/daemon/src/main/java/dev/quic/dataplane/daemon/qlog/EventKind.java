package dev.quic.dataplane.daemon.qlog;

/** Numbers of the events in an {@link EventRing}, and what their words are. */
final class EventKind {
  private EventKind() {}

  /** Three words of the id, then version, and server in bit 8 over the id's length. */
  static final int STARTED = 1;

  static final int FORGOTTEN = 2;

  /** Local and remote address in two words each, ports. */
  static final int PATH = 3;

  /** Level, number, bytes, ack-eliciting. */
  static final int SENT = 4;

  /** Level, number, bytes. */
  static final int RECEIVED = 5;

  /** Level, number, bytes. */
  static final int LOST = 6;

  /** Reason, bytes. */
  static final int DROPPED = 7;

  /** Level, send. */
  static final int KEY = 8;

  /** Level. */
  static final int KEY_GONE = 9;

  /** From, to. */
  static final int STATE = 10;

  /** Window, bytes in flight, smoothed RTT, slow start threshold. */
  static final int RECOVERY = 11;

  /** Probe timeouts in a row. */
  static final int TIMEOUT = 12;

  /** Local, application, code. */
  static final int CLOSED = 13;

  /** Stream, local. */
  static final int STREAM = 14;

  /** State. */
  static final int ECN = 15;

  /** Old, new, done. */
  static final int MTU = 16;

  static final int MIGRATED = 17;

  /** What, number of the packet, three words by type. */
  static final int FRAME = 18;

  /** Level, number of the packet, lowest, highest. */
  static final int RANGE = 19;

  /** Local, id, value. */
  static final int PARAMETER = 20;

  /** Local. */
  static final int PARAMETERS = 21;
}
