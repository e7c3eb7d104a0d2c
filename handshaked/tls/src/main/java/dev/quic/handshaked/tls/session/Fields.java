package dev.quic.handshaked.tls.session;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes and reads the fields of tickets and sessions: big endian, lengths before contents. */
final class Fields {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  Fields u8(int v) {
    out.write(v);
    return this;
  }

  Fields u16(int v) {
    return u8(v >> 8).u8(v);
  }

  Fields u32(long v) {
    return u16((int) (v >> 16)).u16((int) v);
  }

  Fields u64(long v) {
    return u32(v >>> 32).u32(v);
  }

  /** At most 65,535 bytes. */
  Fields bytes(byte[] v) {
    if (v.length > 0xffff) {
      throw new IllegalArgumentException("a field of " + v.length + " bytes");
    }
    u16(v.length);
    out.writeBytes(v);
    return this;
  }

  Fields text(@Nullable String v) {
    u8(v == null ? 0 : 1);
    return bytes(v == null ? new byte[0] : v.getBytes(StandardCharsets.UTF_8));
  }

  Fields list(List<byte[]> v) {
    u8(v.size());
    v.forEach(this::bytes);
    return this;
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  /** The other way. Throws {@link BufferUnderflowException} when the bytes end too early. */
  static final class Source {
    private final ByteBuffer in;

    Source(byte[] bytes) {
      this.in = ByteBuffer.wrap(bytes);
    }

    int u8() {
      return in.get() & 0xff;
    }

    int u16() {
      return in.getShort() & 0xffff;
    }

    long u32() {
      return in.getInt() & 0xffff_ffffL;
    }

    long u64() {
      return in.getLong();
    }

    byte[] bytes() {
      int length = u16();
      if (in.remaining() < length) {
        throw new BufferUnderflowException();
      }
      byte[] v = new byte[length];
      in.get(v);
      return v;
    }

    @Nullable String text() {
      int present = u8();
      byte[] v = bytes();
      return present == 0 ? null : new String(v, StandardCharsets.UTF_8);
    }

    List<byte[]> list() {
      int count = u8();
      List<byte[]> v = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        v.add(bytes());
      }
      return v;
    }

    boolean atEnd() {
      return !in.hasRemaining();
    }
  }
}
