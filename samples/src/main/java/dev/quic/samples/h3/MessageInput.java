package dev.quic.samples.h3;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** A request or a response as it comes on its stream (RFC 9114 section 4.1). */
final class MessageInput {
  private final Frames frames;
  private final boolean request;

  private long length = -1;
  private long received;
  private boolean inData;
  private boolean trailers;

  private MessageInput(InputStream in, boolean request) {
    this.frames = new Frames(in);
    this.request = request;
  }

  static MessageInput request(InputStream in) {
    return new MessageInput(in, true);
  }

  static MessageInput response(InputStream in) {
    return new MessageInput(in, false);
  }

  /** Waits for the head; of a response the final one. */
  Head head() throws IOException {
    while (true) {
      long type = frames.next();
      if (type == Frames.END) {
        throw H3Exception.stream(
            request ? H3Exception.REQUEST_INCOMPLETE : H3Exception.MESSAGE_ERROR,
            "the stream ended without a message");
      } else if (type == Frames.HEADERS) {
        Head head = request ? Head.request(fields()) : Head.response(fields());
        if (request || head.status() >= 200) {
          length = head.contentLength();
          return head;
        }
      } else {
        check(type);
      }
    }
  }

  /**
   * Reads of the content what is there; -1 when the message is complete.
   *
   * @throws H3Exception also where the content is of another length than the head says
   */
  int read(byte[] buffer) throws IOException {
    while (true) {
      if (inData) {
        int n = frames.read(buffer);
        if (n >= 0) {
          received += n;
          checkLength(received > length);
          return n;
        }
        inData = false;
      }
      long type = frames.next();
      if (type == Frames.END) {
        checkLength(received != length);
        return -1;
      } else if (trailers && (type == Frames.DATA || type == Frames.HEADERS)) {
        throw Frames.unexpected(type);
      } else if (type == Frames.HEADERS) {
        Head.checkTrailers(fields());
        trailers = true;
      } else if (type == Frames.DATA) {
        inData = true;
      } else {
        check(type);
      }
    }
  }

  private void checkLength(boolean differs) throws H3Exception {
    if (length >= 0 && differs) {
      throw H3Exception.malformed("not as much content as was announced");
    }
  }

  private List<Field> fields() throws IOException {
    byte[] section = frames.payload(Qpack.MAX_SECTION);
    if (section == null) {
      throw Qpack.tooLarge();
    }
    return Qpack.decode(section);
  }

  /** Unknown frames are skipped, those of other streams are not. */
  private void check(long type) throws H3Exception {
    if (type == Frames.PUSH_PROMISE && !request) {
      throw H3Exception.connection(H3Exception.ID_ERROR, "a push that was not allowed");
    }
    if (type == Frames.DATA
        || type == Frames.CANCEL_PUSH
        || type == Frames.SETTINGS
        || type == Frames.PUSH_PROMISE
        || type == Frames.GOAWAY
        || type == Frames.MAX_PUSH_ID) {
      throw Frames.unexpected(type);
    }
  }
}
