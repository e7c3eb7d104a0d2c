package dev.quic.simnet.peer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The messages of the fake TLS: real headers and a real ClientHello, filler otherwise. */
final class TlsMessages {
  private TlsMessages() {}

  static final int CLIENT_HELLO = 1;
  static final int SERVER_HELLO = 2;
  static final int NEW_SESSION_TICKET = 4;
  static final int ENCRYPTED_EXTENSIONS = 8;
  static final int CERTIFICATE = 11;
  static final int FINISHED = 20;
  static final int HEADER = 4;

  private static final int EXT_ALPN = 16;
  private static final int EXT_EARLY_DATA = 42;
  private static final int EXT_QUIC = 0x39;

  static byte[] message(int type, byte[] body) {
    byte[] m = new byte[HEADER + body.length];
    m[0] = (byte) type;
    m[1] = (byte) (body.length >>> 16);
    m[2] = (byte) (body.length >>> 8);
    m[3] = (byte) body.length;
    System.arraycopy(body, 0, m, HEADER, body.length);
    return m;
  }

  static byte[] filler(int type, int bytes) {
    byte[] body = new byte[bytes];
    Arrays.fill(body, (byte) type);
    return message(type, body);
  }

  /** RFC 8446 section 4.1.2, with ALPN and quic_transport_parameters. */
  static byte[] clientHello(byte[] params, String alpn) {
    byte[] name = alpn.getBytes(StandardCharsets.US_ASCII);
    byte[] protocols = new byte[3 + name.length];
    protocols[1] = (byte) (1 + name.length);
    protocols[2] = (byte) name.length;
    System.arraycopy(name, 0, protocols, 3, name.length);
    byte[] fixed = new byte[2 + 32 + 1 + 4 + 2];
    fixed[0] = 3;
    fixed[1] = 3;
    Arrays.fill(fixed, 2, 34, (byte) 0x5a);
    fixed[36] = 2; // one cipher suite, two bytes
    fixed[37] = 0x13;
    fixed[38] = 1;
    fixed[39] = 1; // one compression method: none
    byte[] a = extension(EXT_ALPN, protocols);
    byte[] q = extension(EXT_QUIC, params);
    byte[] body = Arrays.copyOf(fixed, fixed.length + 2 + a.length + q.length);
    put16(body, fixed.length, a.length + q.length);
    System.arraycopy(a, 0, body, fixed.length + 2, a.length);
    System.arraycopy(q, 0, body, fixed.length + 2 + a.length, q.length);
    return message(CLIENT_HELLO, body);
  }

  static byte[] encryptedExtensions(byte[] params, boolean early) {
    byte[] q = extension(EXT_QUIC, params);
    byte[] e = early ? extension(EXT_EARLY_DATA, new byte[0]) : new byte[0];
    byte[] body = new byte[2 + q.length + e.length];
    put16(body, 0, q.length + e.length);
    System.arraycopy(q, 0, body, 2, q.length);
    System.arraycopy(e, 0, body, 2 + q.length, e.length);
    return message(ENCRYPTED_EXTENSIONS, body);
  }

  /** Whether EncryptedExtensions end in early_data. */
  static boolean takesEarly(byte[] message) {
    int at = message.length - 4;
    return (message[at] & 0xff) << 8 == 0
        && message[at + 1] == EXT_EARLY_DATA
        && message[at + 2] == 0
        && message[at + 3] == 0;
  }

  /**
   * The transport parameters in a ClientHello or EncryptedExtensions; empty when there are none.
   */
  static byte[] params(byte[] message) {
    int at = message[0] == CLIENT_HELLO ? HEADER + 41 + 2 : HEADER + 2;
    while (at + 4 <= message.length) {
      int type = (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
      int len = (message[at + 2] & 0xff) << 8 | message[at + 3] & 0xff;
      if (at + 4 + len > message.length) {
        break;
      }
      if (type == EXT_QUIC) {
        return Arrays.copyOfRange(message, at + 4, at + 4 + len);
      }
      at += 4 + len;
    }
    return new byte[0];
  }

  private static byte[] extension(int type, byte[] data) {
    byte[] e = new byte[4 + data.length];
    put16(e, 0, type);
    put16(e, 2, data.length);
    System.arraycopy(data, 0, e, 4, data.length);
    return e;
  }

  private static void put16(byte[] b, int off, int v) {
    b[off] = (byte) (v >>> 8);
    b[off + 1] = (byte) v;
  }
}
