package dev.quic.handshaked.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Surgery on ClientHello and EncryptedExtensions messages. */
final class HelloBytes {
  private static final int RANDOM_END = 4 + 2 + 32;

  private HelloBytes() {}

  /** Without one extension. */
  static byte[] without(byte[] message, int extension) {
    int at = extensionsAt(message);
    ByteBuffer in = ByteBuffer.wrap(message, at + 2, message.length - at - 2);
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    while (in.hasRemaining()) {
      int type = in.getShort() & 0xffff;
      byte[] body = new byte[in.getShort() & 0xffff];
      in.get(body);
      if (type != extension) {
        kept.writeBytes(
            new byte[] {
              (byte) (type >> 8), (byte) type, (byte) (body.length >> 8), (byte) body.length
            });
        kept.writeBytes(body);
      }
    }
    byte[] extensions = kept.toByteArray();
    ByteBuffer out = ByteBuffer.allocate(at + 2 + extensions.length);
    out.put(message, 0, at).putShort((short) extensions.length).put(extensions);
    return sized(out.array());
  }

  /** With one more extension, the last. */
  static byte[] with(byte[] message, int extension, byte[] body) {
    int at = extensionsAt(message);
    int length = message.length - at - 2 + 4 + body.length;
    ByteBuffer out = ByteBuffer.allocate(at + 2 + length);
    out.put(message, 0, at).putShort((short) length);
    out.put(message, at + 2, message.length - at - 2);
    out.putShort((short) extension).putShort((short) body.length).put(body);
    return sized(out.array());
  }

  /** A ClientHello with a legacy_session_id of 32 bytes. */
  static byte[] withSessionId(byte[] hello) {
    ByteBuffer out = ByteBuffer.allocate(hello.length + 32);
    out.put(hello, 0, RANDOM_END).put((byte) 32).put(new byte[32]);
    out.put(hello, RANDOM_END + 1, hello.length - RANDOM_END - 1);
    return sized(out.array());
  }

  /** The body of an extension; null when it is not there. */
  static byte @org.jspecify.annotations.Nullable [] extension(byte[] message, int extension) {
    int at = extensionsAt(message);
    ByteBuffer in = ByteBuffer.wrap(message, at + 2, message.length - at - 2);
    while (in.hasRemaining()) {
      int type = in.getShort() & 0xffff;
      byte[] body = new byte[in.getShort() & 0xffff];
      in.get(body);
      if (type == extension) {
        return body;
      }
    }
    return null;
  }

  /** Length of a ClientHello's legacy_session_id. */
  static int sessionIdLength(byte[] hello) {
    return hello[RANDOM_END] & 0xff;
  }

  private static int extensionsAt(byte[] message) {
    if (message[0] == 8) {
      return 4;
    }
    int at = RANDOM_END;
    at += 1 + (message[at] & 0xff);
    at += 2 + ((message[at] & 0xff) << 8 | (message[at + 1] & 0xff));
    at += 1 + (message[at] & 0xff);
    return at;
  }

  private static byte[] sized(byte[] message) {
    int length = message.length - 4;
    message[1] = (byte) (length >> 16);
    message[2] = (byte) (length >> 8);
    message[3] = (byte) length;
    return message;
  }
}
