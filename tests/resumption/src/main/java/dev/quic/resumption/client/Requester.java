package dev.quic.resumption.client;

import dev.quic.resumption.wire.WireConnection;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Sends a small request that a server answers. */
@FunctionalInterface
public interface Requester {
  /**
   * Opens the streams of a request.
   *
   * @return the one that the answer comes on
   */
  long send(WireConnection connection);

  /** Bytes on a stream of their own. */
  static Requester text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return connection -> connection.open(bytes, false);
  }

  /** HTTP/0.9 over QUIC, as {@code hq-interop} has it. */
  static Requester hq(String path) {
    return text("GET " + path + "\r\n");
  }

  /** HTTP/3 (RFC 9114) with the static table of QPACK (RFC 9204) alone. */
  static Requester h3(String authority, String path) {
    byte[] request = h3Frame(authority, path);
    // Stream type 0 (control), an empty SETTINGS frame.
    byte[] control = {0, 4, 0};
    return connection -> {
      connection.openControl(control);
      return connection.open(request, false);
    };
  }

  /** A HEADERS frame: GET, https. */
  static byte[] h3Frame(String authority, String path) {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    fields.writeBytes(new byte[] {0, 0, (byte) (0xc0 | 17), (byte) (0xc0 | 23)});
    literal(fields, 0, authority);
    literal(fields, 1, path);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(1);
    frame.write(0x40 | fields.size() >> 8);
    frame.write(fields.size());
    frame.writeBytes(fields.toByteArray());
    return frame.toByteArray();
  }

  /** Literal with a name of the static table (RFC 9204 section 4.5.4), not Huffman coded. */
  private static void literal(ByteArrayOutputStream out, int name, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > 127 + 127) {
      throw new IllegalArgumentException("too long for a probe: " + value);
    }
    out.write(0x50 | name);
    if (bytes.length < 127) {
      out.write(bytes.length);
    } else {
      out.write(127);
      out.write(bytes.length - 127);
    }
    out.writeBytes(bytes);
  }
}
