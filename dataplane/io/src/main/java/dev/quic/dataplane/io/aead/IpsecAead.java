package dev.quic.dataplane.io.aead;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.quic.dataplane.core.common.NetworkOrder;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.WireAead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** One key of AES-GCM in ipsec-mb, expanded once, in memory that is wiped when it is given back. */
final class IpsecAead implements WireAead {
  private static final ValueLayout.OfLong NETWORK_LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NETWORK_INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** struct gcm_key_data has 1008 bytes. */
  static final long KEY = 1_024;

  private static final int TAG = QuicCipher.TAG;

  private final Scratch s;
  private final boolean wide;
  private final KeyPool pool;
  private final MemorySegment memory;
  private final long key;
  private int ivHead;
  private long ivTail;
  private boolean destroyed;

  IpsecAead(Scratch scratch, KeyPool pool, QuicCipher cipher, byte[] raw, byte[] iv) {
    s = scratch;
    this.pool = pool;
    memory = pool.take();
    key = memory.address();
    wide = cipher == QuicCipher.AES_256_GCM;
    MemorySegment.copy(iv, 0, s.nonce, JAVA_BYTE, 0, QuicCipher.IV);
    ivHead = s.nonce.get(NETWORK_INT, 0);
    ivTail = s.nonce.get(NETWORK_LONG, Integer.BYTES);
    MemorySegment.copy(raw, 0, s.text, JAVA_BYTE, 0, raw.length);
    try {
      if (wide) {
        IpsecGcm.EXPAND_256.invokeExact(s.textAt, key);
      } else {
        IpsecGcm.EXPAND_128.invokeExact(s.textAt, key);
      }
    } catch (Throwable e) {
      throw failed(e);
    } finally {
      s.text.asSlice(0, raw.length).fill((byte) 0);
    }
  }

  /** The nonce is the IV XORed with the number, left-padded: RFC 9001 section 5.3. */
  private void nonce(long pn) {
    s.nonce.set(NETWORK_INT, 0, ivHead);
    s.nonce.set(NETWORK_LONG, Integer.BYTES, ivTail ^ pn);
  }

  @Override
  public void sealRun(
      byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
    sealToWire(buf, start, body, end, from, count, firstPn);
    for (int i = from; i < from + count; i++) {
      int at = body[i] - start[from];
      MemorySegment.copy(s.wire, JAVA_BYTE, at, buf, body[i], end[i] - body[i] + TAG);
    }
  }

  /** Seals {@code n} bytes at {@code text}, with the tag behind them. */
  private void seal(long header, long headerLength, long text, long n) {
    long tag = text + n;
    try {
      if (wide) {
        IpsecGcm.SEAL_256.invokeExact(
            key, s.context, text, text, n, s.nonceAt, header, headerLength, tag, (long) TAG);
      } else {
        IpsecGcm.SEAL_128.invokeExact(
            key, s.context, text, text, n, s.nonceAt, header, headerLength, tag, (long) TAG);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public long wire() {
    return s.wireAt;
  }

  @Override
  public void sealToWire(
      byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
    checkAlive();
    int first = start[from];
    MemorySegment.copy(buf, first, s.wire, JAVA_BYTE, 0, end[from + count - 1] - first);
    for (int i = from; i < from + count; i++) {
      nonce(firstPn + i - from);
      long header = s.wireAt + start[i] - first;
      long text = s.wireAt + body[i] - first;
      seal(header, text - header, text, end[i] - body[i]);
    }
  }

  @Override
  public void samples(int base, int[] at, int from, int count, byte[] samples) {
    for (int i = 0; i < count; i++) {
      long offset = at[from + i] - base;
      int to = QuicCipher.SAMPLE * i;
      NetworkOrder.putLong(samples, to, s.wire.get(NETWORK_LONG, offset));
      NetworkOrder.putLong(samples, to + Long.BYTES, s.wire.get(NETWORK_LONG, offset + Long.BYTES));
    }
  }

  @Override
  public void flip(int offset, int mask) {
    s.wire.set(JAVA_BYTE, offset, (byte) (s.wire.get(JAVA_BYTE, offset) ^ mask));
  }

  @Override
  public int open(byte[] buf, int start, int body, int end, long pn) {
    checkAlive();
    int tail = end - TAG;
    nonce(pn);
    MemorySegment.copy(buf, start, s.text, JAVA_BYTE, 0, tail - start);
    int header = body - start;
    long n = tail - body;
    long h = s.textAt;
    long t = h + header;
    try {
      if (wide) {
        IpsecGcm.OPEN_256.invokeExact(
            key, s.context, t, t, n, s.nonceAt, h, (long) header, s.tagAt, (long) TAG);
      } else {
        IpsecGcm.OPEN_128.invokeExact(
            key, s.context, t, t, n, s.nonceAt, h, (long) header, s.tagAt, (long) TAG);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
    // Both halves whatever the first says: the time taken tells nothing.
    long difference =
        (s.tag.get(NETWORK_LONG, 0) ^ NetworkOrder.getLong(buf, tail))
            | (s.tag.get(NETWORK_LONG, Long.BYTES) ^ NetworkOrder.getLong(buf, tail + Long.BYTES));
    if (difference != 0) {
      return -1;
    }
    MemorySegment.copy(s.text, JAVA_BYTE, header, buf, body, (int) n);
    return (int) n;
  }

  private void checkAlive() {
    if (destroyed) {
      throw new IllegalStateException("the key was wiped");
    }
  }

  static IllegalStateException failed(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("ipsec-mb cannot be called", e);
  }

  @Override
  public void destroy() {
    if (!destroyed) {
      destroyed = true;
      ivHead = 0;
      ivTail = 0;
      pool.give(memory);
    }
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }
}
