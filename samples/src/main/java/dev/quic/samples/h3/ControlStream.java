package dev.quic.samples.h3;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;

/** The control stream of either end (RFC 9114 section 6.2.1). */
final class ControlStream {
  private static final int TYPE = 0x0;

  private static final int QPACK_MAX_TABLE_CAPACITY = 0x1;
  private static final int MAX_FIELD_SECTION_SIZE = 0x6;
  private static final int QPACK_BLOCKED_STREAMS = 0x7;

  /** One that has no meaning, so that peers keep taking those (section 7.2.4.1). */
  private static final int RESERVED = 0x1f * 5 + 0x21;

  /** Settings of HTTP/2 (section 7.2.4.1). */
  private static final Set<Long> OF_HTTP2 = Set.of(0x0L, 0x2L, 0x3L, 0x4L, 0x5L);

  /** Some hundred settings. */
  private static final int MAX_PAYLOAD = 4096;

  private static final long NEVER = -1;

  private final Frames frames;
  private final boolean server;
  private long goAway = NEVER;
  private long maxPush = NEVER;

  /**
   * Of the peer, after its type.
   *
   * @param server whether it is the server that reads
   */
  ControlStream(InputStream in, boolean server) {
    this.frames = new Frames(in);
    this.server = server;
  }

  /** What ours begins with. */
  static byte[] opening() throws IOException {
    ByteArrayOutputStream settings = new ByteArrayOutputStream();
    long[] all = {
      QPACK_MAX_TABLE_CAPACITY, 0,
      QPACK_BLOCKED_STREAMS, 0,
      MAX_FIELD_SECTION_SIZE, Qpack.MAX_SECTION,
      RESERVED, 0
    };
    for (long number : all) {
      Frames.writeNumber(settings, number);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frames.writeNumber(out, TYPE);
    Frames.write(out, Frames.SETTINGS, settings.toByteArray());
    return out.toByteArray();
  }

  /**
   * Takes what comes until the stream ends.
   *
   * @param goingAway is run when the peer takes no more requests
   */
  void read(Runnable goingAway) throws IOException {
    if (frames.next() != Frames.SETTINGS) {
      throw H3Exception.connection(H3Exception.MISSING_SETTINGS, "no SETTINGS");
    }
    settings(payload());
    long type;
    while ((type = frames.next()) != Frames.END) {
      if (type == Frames.GOAWAY) {
        goAway(number());
        goingAway.run();
      } else if (type == Frames.MAX_PUSH_ID && server) {
        long most = number();
        check(most >= maxPush, "MAX_PUSH_ID became less");
        maxPush = most;
      } else if (type == Frames.CANCEL_PUSH) {
        check(number() < 0, "a push that never was");
      } else if (type == Frames.DATA
          || type == Frames.HEADERS
          || type == Frames.SETTINGS
          || type == Frames.PUSH_PROMISE
          || type == Frames.MAX_PUSH_ID) {
        throw Frames.unexpected(type);
      }
    }
  }

  private void goAway(long id) throws H3Exception {
    // A client names a push, a server one of the client's requests.
    check(server || (id & 3) == 0, "GOAWAY of a stream that is no request");
    check(goAway == NEVER || id <= goAway, "GOAWAY became more");
    goAway = id;
  }

  private static void check(boolean right, String otherwise) throws H3Exception {
    if (!right) {
      throw H3Exception.connection(H3Exception.ID_ERROR, otherwise);
    }
  }

  private byte[] payload() throws IOException {
    byte[] payload = frames.payload(MAX_PAYLOAD);
    if (payload == null) {
      throw H3Exception.connection(H3Exception.EXCESSIVE_LOAD, "a long frame on a control stream");
    }
    return payload;
  }

  /** The one that a frame consists of. */
  private long number() throws IOException {
    InputStream in = new ByteArrayInputStream(payload());
    try {
      long number = Frames.number(in);
      if (number != Frames.END && in.available() == 0) {
        return number;
      }
    } catch (EOFException e) {
      // said below
    }
    throw H3Exception.connection(H3Exception.FRAME_ERROR, "a frame that is not one number");
  }

  private static void settings(byte[] payload) throws IOException {
    InputStream in = new ByteArrayInputStream(payload);
    Set<Long> seen = new HashSet<>();
    try {
      long setting;
      while ((setting = Frames.number(in)) != Frames.END) {
        if (Frames.number(in) == Frames.END) {
          throw new EOFException();
        }
        if (OF_HTTP2.contains(setting) || !seen.add(setting)) {
          throw H3Exception.connection(
              H3Exception.SETTINGS_ERROR, "setting " + setting + " of HTTP/2, or twice");
        }
      }
    } catch (EOFException e) {
      throw H3Exception.connection(H3Exception.FRAME_ERROR, "SETTINGS that end within a setting");
    }
  }
}
