package dev.quic.simnet.peer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

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

  private static final int EXT_SERVER_NAME = 0;
  private static final int EXT_ALPN = 16;
  private static final int EXT_PADDING = 21;
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
    return clientHello(params, List.of(alpn), "", 0);
  }

  /**
   * As above.
   *
   * @param protocols none for no ALPN extension
   * @param name looked for, empty for no server_name extension
   * @param padding bytes of an extension in front of all others
   */
  static byte[] clientHello(byte[] params, List<String> protocols, String name, int padding) {
    byte[] fixed = new byte[2 + 32 + 1 + 4 + 2];
    fixed[0] = 3;
    fixed[1] = 3;
    Arrays.fill(fixed, 2, 34, (byte) 0x5a);
    fixed[36] = 2; // one cipher suite, two bytes
    fixed[37] = 0x13;
    fixed[38] = 1;
    fixed[39] = 1; // one compression method: none
    ByteArrayOutputStream extensions = new ByteArrayOutputStream();
    if (padding > 0) {
      extensions.writeBytes(extension(EXT_PADDING, new byte[padding]));
    }
    if (!name.isEmpty()) {
      extensions.writeBytes(extension(EXT_SERVER_NAME, serverName(name)));
    }
    if (!protocols.isEmpty()) {
      extensions.writeBytes(extension(EXT_ALPN, alpn(protocols)));
    }
    extensions.writeBytes(extension(EXT_QUIC, params));
    byte[] all = extensions.toByteArray();
    byte[] body = Arrays.copyOf(fixed, fixed.length + 2 + all.length);
    put16(body, fixed.length, all.length);
    System.arraycopy(all, 0, body, fixed.length + 2, all.length);
    return message(CLIENT_HELLO, body);
  }

  private static byte[] alpn(List<String> protocols) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (String p : protocols) {
      list.write(p.length());
      list.writeBytes(p.getBytes(StandardCharsets.US_ASCII));
    }
    byte[] v = new byte[2 + list.size()];
    put16(v, 0, list.size());
    System.arraycopy(list.toByteArray(), 0, v, 2, list.size());
    return v;
  }

  private static byte[] serverName(String name) {
    byte[] n = name.getBytes(StandardCharsets.US_ASCII);
    byte[] v = new byte[5 + n.length];
    put16(v, 0, 3 + n.length);
    put16(v, 3, n.length);
    System.arraycopy(n, 0, v, 5, n.length);
    return v;
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
