package dev.quic.samples.h3;

import java.io.IOException;

/** What the peer did wrong, for one stream or for the whole connection (RFC 9114 section 8). */
public final class H3Exception extends IOException {
  static final int NO_ERROR = 0x100;
  static final int INTERNAL_ERROR = 0x102;
  static final int STREAM_CREATION_ERROR = 0x103;
  static final int CLOSED_CRITICAL_STREAM = 0x104;
  static final int FRAME_UNEXPECTED = 0x105;
  static final int FRAME_ERROR = 0x106;
  static final int EXCESSIVE_LOAD = 0x107;
  static final int ID_ERROR = 0x108;
  static final int SETTINGS_ERROR = 0x109;
  static final int MISSING_SETTINGS = 0x10a;
  static final int REQUEST_CANCELLED = 0x10c;
  static final int REQUEST_INCOMPLETE = 0x10d;
  static final int MESSAGE_ERROR = 0x10e;

  // RFC 9204 section 6.
  static final int QPACK_DECOMPRESSION_FAILED = 0x200;
  static final int QPACK_ENCODER_STREAM_ERROR = 0x201;
  static final int QPACK_DECODER_STREAM_ERROR = 0x202;

  private static final long serialVersionUID = 1L;

  private final int code;
  private final boolean ofConnection;

  private H3Exception(int code, boolean ofConnection, String message) {
    super(message);
    this.code = code;
    this.ofConnection = ofConnection;
  }

  /** Ends the connection. */
  static H3Exception connection(int code, String message) {
    return new H3Exception(code, true, message);
  }

  /** Ends the stream alone. */
  static H3Exception stream(int code, String message) {
    return new H3Exception(code, false, message);
  }

  static H3Exception malformed(String message) {
    return stream(MESSAGE_ERROR, message);
  }

  /** What the peer is told. */
  public int code() {
    return code;
  }

  /** Whether the connection cannot go on. */
  public boolean ofConnection() {
    return ofConnection;
  }
}
