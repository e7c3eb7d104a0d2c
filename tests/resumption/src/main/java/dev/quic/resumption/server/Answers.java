package dev.quic.resumption.server;

import dev.quic.resumption.wire.Request;
import dev.quic.resumption.wire.WireConnection;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Says hello, as plain bytes or in HTTP/3. */
final class Answers {
  private static final byte[] BODY = "hello\n".getBytes(StandardCharsets.US_ASCII);

  /** HEADERS of ":status: 200" (RFC 9204 appendix A, entry 25) and the head of DATA. */
  private static final byte[] H3 = {1, 3, 0, 0, (byte) (0xc0 | 25), 0, (byte) BODY.length};

  private static final int HEADERS = 1;

  private Answers() {}

  /** A server of HTTP/3 needs a control stream: stream type 0, an empty SETTINGS frame. */
  static void prepare(List<String> protocols, WireConnection connection) {
    if (protocols.stream().allMatch(name -> name.startsWith("h3"))) {
      connection.openControl(new byte[] {0, 4, 0});
    }
  }

  static byte[] to(Request request) {
    // HTTP/3 begins with a HEADERS frame, text does not.
    boolean http3 = request.bytes().length > 0 && request.bytes()[0] == HEADERS;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (http3) {
      out.writeBytes(H3);
    }
    out.writeBytes(BODY);
    return out.toByteArray();
  }
}
