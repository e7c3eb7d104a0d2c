package dev.quic.uapi.netlink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a message or nest, in order. Parsing never throws; {@link #wellFormed} says
 * whether all was read.
 */
public final class Attributes {
  /**
   * One attribute.
   *
   * @param type without flag bits
   * @param off where its payload starts in the array it came from
   */
  public record Attr(int type, boolean nested, byte[] from, int off, int len) {
    public int u32() {
      return NlMessage.get32(from, off);
    }

    /** Bytes before the first zero, -1 when there is none. */
    int terminator() {
      for (int i = 0; i < len; i++) {
        if (from[off + i] == 0) {
          return i;
        }
      }
      return -1;
    }

    /** A string, without its terminating zero if it has one. */
    public String string() {
      int end = terminator();
      return new String(from, off, end < 0 ? len : end, StandardCharsets.UTF_8);
    }

    public byte[] bytes() {
      return Arrays.copyOfRange(from, off, off + len);
    }

    public Attributes inside() {
      return parse(from, off, off + len);
    }
  }

  private final List<Attr> attrs;
  private final boolean wellFormed;

  private Attributes(List<Attr> attrs, boolean wellFormed) {
    this.attrs = attrs;
    this.wellFormed = wellFormed;
  }

  static Attributes parse(byte[] buf, int off, int end) {
    List<Attr> out = new ArrayList<>();
    int at = off;
    while (end - at >= Nl.NLA_HDRLEN) {
      int len = NlMessage.get16(buf, at);
      int type = NlMessage.get16(buf, at + 2);
      if (len < Nl.NLA_HDRLEN || len > end - at) {
        return new Attributes(List.copyOf(out), false);
      }
      boolean nested = (type & Nl.NLA_F_NESTED) != 0;
      out.add(
          new Attr(type & Nl.NLA_TYPE_MASK, nested, buf, at + Nl.NLA_HDRLEN, len - Nl.NLA_HDRLEN));
      at += Math.min(Nl.align(len), end - at);
    }
    return new Attributes(List.copyOf(out), at >= end);
  }

  /** Whether the bytes were attributes to the last one. */
  public boolean wellFormed() {
    return wellFormed;
  }

  public List<Attr> all() {
    return attrs;
  }

  /** The last attribute of a type, which is the one the kernel takes; null for none. */
  public @Nullable Attr get(int type) {
    Attr found = null;
    for (Attr a : attrs) {
      if (a.type == type) {
        found = a;
      }
    }
    return found;
  }

  public List<Attr> getAll(int type) {
    List<Attr> found = new ArrayList<>();
    for (Attr a : attrs) {
      if (a.type == type) {
        found.add(a);
      }
    }
    return found;
  }

  /** A number, or {@code other} when it is missing or too short. */
  public int u32(int type, int other) {
    Attr a = get(type);
    return a == null || a.len < 4 ? other : a.u32();
  }

  public @Nullable String string(int type) {
    Attr a = get(type);
    return a == null ? null : a.string();
  }
}
