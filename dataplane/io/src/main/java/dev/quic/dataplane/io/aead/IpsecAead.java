package dev.quic.dataplane.io.aead;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.quic.dataplane.core.crypto.Aead;
import dev.quic.dataplane.core.crypto.QuicCipher;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** One key of AES-GCM in ipsec-mb, expanded once, in memory that is wiped when it is given back. */
final class IpsecAead implements Aead {
  private static final ValueLayout.OfLong NETWORK_LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NETWORK_INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

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
  private void load(byte[] buf, int start, int body, int end, long pn) {
    s.nonce.set(NETWORK_INT, 0, ivHead);
    s.nonce.set(NETWORK_LONG, Integer.BYTES, ivTail ^ pn);
    MemorySegment.copy(buf, start, s.header, JAVA_BYTE, 0, body - start);
    MemorySegment.copy(buf, body, s.text, JAVA_BYTE, 0, end - body);
  }

  @Override
  public void sealRun(
      byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
    checkAlive();
    for (int i = from; i < from + count; i++) {
      load(buf, start[i], body[i], end[i], firstPn + i - from);
      long header = body[i] - start[i];
      long n = end[i] - body[i];
      long t = s.textAt;
      // The tag goes behind the text, so that both are copied back in one go.
      long tag = t + n;
      try {
        if (wide) {
          IpsecGcm.SEAL_256.invokeExact(
              key, s.context, t, t, n, s.nonceAt, s.headerAt, header, tag, (long) TAG);
        } else {
          IpsecGcm.SEAL_128.invokeExact(
              key, s.context, t, t, n, s.nonceAt, s.headerAt, header, tag, (long) TAG);
        }
      } catch (Throwable e) {
        throw failed(e);
      }
      MemorySegment.copy(s.text, JAVA_BYTE, 0, buf, body[i], (int) n + TAG);
    }
  }

  @Override
  public int open(byte[] buf, int start, int body, int end, long pn) {
    checkAlive();
    int tail = end - TAG;
    load(buf, start, body, tail, pn);
    long header = body - start;
    long n = tail - body;
    long t = s.textAt;
    try {
      if (wide) {
        IpsecGcm.OPEN_256.invokeExact(
            key, s.context, t, t, n, s.nonceAt, s.headerAt, header, s.tagAt, (long) TAG);
      } else {
        IpsecGcm.OPEN_128.invokeExact(
            key, s.context, t, t, n, s.nonceAt, s.headerAt, header, s.tagAt, (long) TAG);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
    // Both halves whatever the first says: the time taken tells nothing.
    long difference =
        (s.tag.get(NETWORK_LONG, 0) ^ (long) LONGS.get(buf, tail))
            | (s.tag.get(NETWORK_LONG, Long.BYTES) ^ (long) LONGS.get(buf, tail + Long.BYTES));
    if (difference != 0) {
      return -1;
    }
    MemorySegment.copy(s.text, JAVA_BYTE, 0, buf, body, (int) n);
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
