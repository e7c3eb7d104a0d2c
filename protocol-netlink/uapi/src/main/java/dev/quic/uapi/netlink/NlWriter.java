package dev.quic.uapi.netlink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds a packet of netlink messages: little-endian, padded with zeros. Grows as needed. */
public final class NlWriter {
  /** Bytes of an attribute's value at most. */
  public static final int MAX_ATTR = 0xffff - Nl.NLA_HDRLEN;

  private byte[] buf = new byte[256];
  private int pos;
  private int message;

  /** Starts a message; {@link #end} sets its length. */
  public NlWriter begin(int type, int flags, int seq, int pid) {
    message = pos;
    u32(0);
    u16(type);
    u16(flags);
    u32(seq);
    return u32(pid);
  }

  /** The generic netlink header. */
  public NlWriter genl(int cmd, int version) {
    u8(cmd);
    u8(version);
    return u16(0);
  }

  public NlWriter end() {
    put32(message, pos - message);
    return pad();
  }

  /**
   * @param value at most {@link #MAX_ATTR} bytes
   * @throws IllegalArgumentException when it is longer; whoever takes values from outside bounds
   *     them first
   */
  public NlWriter attr(int type, byte[] value) {
    if (value.length > MAX_ATTR) {
      throw new IllegalArgumentException("attribute of " + value.length + " bytes");
    }
    u16(Nl.NLA_HDRLEN + value.length);
    u16(type);
    bytes(value, 0, value.length);
    return pad();
  }

  public NlWriter attrU32(int type, int value) {
    u16(Nl.NLA_HDRLEN + 4);
    u16(type);
    return u32(value);
  }

  public NlWriter attrU16(int type, int value) {
    u16(Nl.NLA_HDRLEN + 2);
    u16(type);
    u16(value);
    return pad();
  }

  public NlWriter attrU64(int type, long value) {
    u16(Nl.NLA_HDRLEN + 8);
    u16(type);
    u32((int) value);
    return u32((int) (value >> 32));
  }

  /** A string with its terminating zero. */
  public NlWriter attrString(int type, String value) {
    byte[] s = value.getBytes(StandardCharsets.UTF_8);
    return attr(type, Arrays.copyOf(s, s.length + 1));
  }

  /** Starts a nest. @return a mark for {@link #endNest} */
  public int nest(int type) {
    int mark = pos;
    u16(0);
    u16(type);
    return mark;
  }

  public NlWriter endNest(int mark) {
    int len = pos - mark;
    buf[mark] = (byte) len;
    buf[mark + 1] = (byte) (len >> 8);
    return this;
  }

  public NlWriter u32(int v) {
    grow(4);
    put32(pos, v);
    pos += 4;
    return this;
  }

  public NlWriter bytes(byte[] src, int off, int len) {
    grow(len);
    System.arraycopy(src, off, buf, pos, len);
    pos += len;
    return this;
  }

  private NlWriter u16(int v) {
    grow(2);
    buf[pos++] = (byte) v;
    buf[pos++] = (byte) (v >> 8);
    return this;
  }

  private void u8(int v) {
    grow(1);
    buf[pos++] = (byte) v;
  }

  /** Pads with zeros to the alignment. */
  NlWriter pad() {
    int to = Nl.align(pos);
    grow(to - pos);
    Arrays.fill(buf, pos, to, (byte) 0);
    pos = to;
    return this;
  }

  private void put32(int at, int v) {
    for (int i = 0; i < 4; i++) {
      buf[at + i] = (byte) (v >> 8 * i);
    }
  }

  private void grow(int n) {
    if (pos + n > buf.length) {
      buf = Arrays.copyOf(buf, Math.max(2 * buf.length, pos + n));
    }
  }

  public int length() {
    return pos;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(buf, pos);
  }
}
