package dev.quic.handshaked.tls.bc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.bouncycastle.tls.AlertDescription;

/** The pre_shared_key extension of a ClientHello (RFC 8446 section 4.2.11), as bytes. */
final class PskExtension {
  /** Identities looked at; a client has no use for more. */
  static final int MAX_IDENTITIES = 16;

  /**
   * @param age {@code obfuscated_ticket_age}
   */
  record Identity(byte[] name, long age) {}

  private PskExtension() {}

  /** The first identities of an extension's body, at most {@link #MAX_IDENTITIES}. */
  static List<Identity> identities(byte[] body) throws IOException {
    List<Identity> found = new ArrayList<>();
    rewrite(
        body,
        identity -> {
          if (found.size() < MAX_IDENTITIES) {
            found.add(identity);
          }
          return identity.age;
        });
    return found;
  }

  /** The binder of the first identity. */
  static byte[] firstBinder(byte[] body) throws IOException {
    int at = 2 + u16(body, 0) + 2;
    if (body.length <= at || body.length - at - 1 < (body[at] & 0xff)) {
      throw malformed();
    }
    return Arrays.copyOfRange(body, at + 1, at + 1 + (body[at] & 0xff));
  }

  /** The same extension with other ages; the rest stays byte for byte. */
  static byte[] withAges(byte[] body, ToLongFunction<Identity> age) throws IOException {
    return rewrite(body, age);
  }

  private static byte[] rewrite(byte[] body, ToLongFunction<Identity> age) throws IOException {
    byte[] changed = body.clone();
    int end = 2 + u16(body, 0);
    if (end > body.length) {
      throw malformed();
    }
    int at = 2;
    while (at < end) {
      int length = u16(body, at);
      int ageAt = at + 2 + length;
      if (length == 0 || ageAt + 4 > end) {
        throw malformed();
      }
      byte[] name = Arrays.copyOfRange(body, at + 2, ageAt);
      long old = ((long) u16(body, ageAt) << 16 | u16(body, ageAt + 2)) & 0xffff_ffffL;
      long now = age.applyAsLong(new Identity(name, old));
      for (int i = 0; i < 4; i++) {
        changed[ageAt + i] = (byte) (now >> (24 - 8 * i));
      }
      at = ageAt + 4;
    }
    return changed;
  }

  private static int u16(byte[] b, int at) throws IOException {
    if (b.length - at < 2) {
      throw malformed();
    }
    return (b[at] & 0xff) << 8 | (b[at + 1] & 0xff);
  }

  private static IOException malformed() {
    return new Refusal(AlertDescription.decode_error, "the peer's pre_shared_key is malformed");
  }
}
