package dev.quic.dataplane.io.aead;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.HeaderMask;
import dev.quic.dataplane.core.crypto.QuicCipher;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One key of header protection with AES-128 in ipsec-mb (RFC 9001 section 5.4.3): a call a sample.
 * The JDK's cipher masks any number in one call, but costs microseconds to be set up and wiped: it
 * is made when the first long run comes, which most keys of a handshake never see.
 */
final class IpsecMask implements HeaderMask {
  /** Eleven round keys, of which the first is the key itself. */
  static final long SCHEDULE = 176;

  /** The longest run that is masked sample by sample. */
  static final int FEW = 8;

  private static final int BLOCK = QuicCipher.SAMPLE;
  private static final int KEY = 16;

  private final Scratch s;
  private final KeyPool pool;
  private final MemorySegment memory;
  private final long schedule;
  private @Nullable HeaderMask bulk;
  private boolean destroyed;

  IpsecMask(Scratch scratch, KeyPool pool, byte[] raw) {
    s = scratch;
    this.pool = pool;
    memory = pool.take();
    schedule = memory.address();
    MemorySegment.copy(raw, 0, s.text, JAVA_BYTE, 0, KEY);
    try {
      IpsecGcm.SCHEDULE_128.invokeExact(s.textAt, schedule);
    } catch (Throwable e) {
      throw IpsecAead.failed(e);
    } finally {
      s.text.asSlice(0, KEY).fill((byte) 0);
    }
  }

  @Override
  public void masks(byte[] sample, byte[] mask, int n) {
    if (destroyed) {
      throw new IllegalStateException("the key was wiped");
    }
    if (n > FEW) {
      bulk().masks(sample, mask, n);
      return;
    }
    MemorySegment.copy(sample, 0, s.text, JAVA_BYTE, 0, n * BLOCK);
    long at = s.textAt;
    try {
      for (int i = 0; i < n; i++, at += BLOCK) {
        IpsecGcm.ONE_128.invokeExact(at, s.zerosAt, at, schedule, (long) BLOCK);
      }
    } catch (Throwable e) {
      throw IpsecAead.failed(e);
    }
    MemorySegment.copy(s.text, JAVA_BYTE, 0, mask, 0, n * BLOCK);
  }

  private HeaderMask bulk() {
    HeaderMask made = bulk;
    if (made == null) {
      byte[] raw = memory.asSlice(0, KEY).toArray(JAVA_BYTE);
      made = AeadProvider.JDK.mask(QuicCipher.AES_128_GCM, raw);
      Arrays.fill(raw, (byte) 0);
      bulk = made;
    }
    return made;
  }

  @Override
  public void destroy() {
    if (!destroyed) {
      destroyed = true;
      pool.give(memory);
      HeaderMask other = bulk;
      bulk = null;
      if (other != null) {
        other.destroy();
      }
    }
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }
}
