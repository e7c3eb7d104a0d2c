package dev.quic.dataplane.core.packet;

import dev.quic.dataplane.core.common.Limits;

/**
 * What a listener is chosen by, read from the beginning of a ClientHello (RFC 8446 section 4.1.2):
 * the application protocols (RFC 7301) and the server name (RFC 6066 section 3). Nothing else is
 * judged; that is TLS's business. Never throws whatever the bytes.
 */
public final class ClientHello {
  /** How far the bytes at hand tell. */
  public enum Known {
    /** The rest has to be seen. */
    PART,
    /** All there is to know. */
    ALL,
    /** These are no beginning of a ClientHello. */
    NONSENSE
  }

  private static final int TYPE = 1;
  private static final int MESSAGE_HEADER = 4;
  private static final int VERSION_AND_RANDOM = 34;
  private static final int EXT_SERVER_NAME = 0;
  private static final int EXT_ALPN = 16;

  private byte[] buf = new byte[0];
  private int at;

  /** End of the bytes at hand, and of the message they begin. */
  private int have;

  private int end;
  private boolean nonsense;
  private int alpnOff;
  private int alpnEnd;
  private int nameOff;
  private int nameEnd;

  /**
   * Reads as far as there are bytes.
   *
   * @param bytes kept until the next call
   * @param len how many of them there are, from 0
   * @param names whether the server name is wanted, too
   */
  public Known read(byte[] bytes, int len, boolean names) {
    buf = bytes;
    have = len;
    at = 0;
    nonsense = false;
    alpnOff = -1;
    nameOff = -1;
    if (len > 0 && bytes[0] != TYPE) {
      return Known.NONSENSE;
    }
    if (len < MESSAGE_HEADER) {
      return Known.PART;
    }
    end = MESSAGE_HEADER + (u8(1) << 16 | u8(2) << 8 | u8(3));
    if (end > Limits.HELLO_BYTES) {
      return Known.NONSENSE;
    }
    boolean whole = body(names);
    return nonsense ? Known.NONSENSE : whole ? Known.ALL : Known.PART;
  }

  /** Goes through the message; false where the bytes end too early. */
  private boolean body(boolean names) {
    at = MESSAGE_HEADER;
    if (!skip(VERSION_AND_RANDOM) || !vector(1) || !vector(2) || !vector(1)) {
      return false;
    }
    if (at == end) {
      return true;
    }
    if (!there(2)) {
      return false;
    }
    int extensions = u16(at);
    at += 2;
    if (at + extensions != end) {
      nonsense = true;
      return false;
    }
    while (at < end) {
      if (alpnOff >= 0 && (!names || nameOff >= 0)) {
        return true;
      }
      if (!extension()) {
        return false;
      }
    }
    return true;
  }

  private boolean extension() {
    if (!there(4)) {
      return false;
    }
    int type = u16(at);
    int len = u16(at + 2);
    if (!claims(4 + len)) {
      return false;
    }
    boolean ours = type == EXT_ALPN || type == EXT_SERVER_NAME;
    if (ours && at + 4 + len > have) {
      return false;
    }
    if (type == EXT_ALPN) {
      protocols(at + 4, at + 4 + len);
    } else if (type == EXT_SERVER_NAME) {
      name(at + 4, at + 4 + len);
    }
    return !nonsense && skip(4 + len);
  }

  private void protocols(int from, int to) {
    if (alpnOff >= 0 || to - from < 4 || u16(from) != to - from - 2) {
      nonsense = true;
      return;
    }
    for (int i = from + 2; i < to; i += 1 + u8(i)) {
      if (u8(i) == 0 || i + 1 + u8(i) > to) {
        nonsense = true;
        return;
      }
    }
    alpnOff = from + 2;
    alpnEnd = to;
  }

  /** RFC 6066 section 3: a list, of which one entry of type host_name (0) is in use. */
  private void name(int from, int to) {
    if (nameOff >= 0 || to - from < 5 || u16(from) != to - from - 2) {
      nonsense = true;
      return;
    }
    int n = u16(from + 3);
    if (n == 0 || from + 5 + n > to) {
      nonsense = true;
    } else if (u8(from + 2) == 0) {
      nameOff = from + 5;
      nameEnd = from + 5 + n;
    }
  }

  /** Whether so many bytes are at hand; too few in the message itself are nonsense. */
  private boolean there(int n) {
    return claims(n) && at + n <= have;
  }

  private boolean claims(int n) {
    nonsense |= at + n > end;
    return !nonsense;
  }

  private boolean skip(int n) {
    if (!there(n)) {
      return false;
    }
    at += n;
    return true;
  }

  /** A vector whose length takes so many bytes. */
  private boolean vector(int lengthBytes) {
    if (!there(lengthBytes)) {
      return false;
    }
    return skip(lengthBytes + (lengthBytes == 1 ? u8(at) : u16(at)));
  }

  private int u8(int i) {
    return buf[i] & 0xff;
  }

  private int u16(int i) {
    return u8(i) << 8 | u8(i + 1);
  }

  /** The client's protocols as length-prefixed names, the one it likes best first; often empty. */
  public byte[] protocols() {
    return alpnOff < 0 ? new byte[0] : java.util.Arrays.copyOfRange(buf, alpnOff, alpnEnd);
  }

  /** The name the client looks for in lower case; empty without one. */
  public byte[] serverName() {
    byte[] n = nameOff < 0 ? new byte[0] : java.util.Arrays.copyOfRange(buf, nameOff, nameEnd);
    for (int i = 0; i < n.length; i++) {
      n[i] = (byte) (n[i] >= 'A' && n[i] <= 'Z' ? n[i] + 32 : n[i]);
    }
    return n;
  }
}
