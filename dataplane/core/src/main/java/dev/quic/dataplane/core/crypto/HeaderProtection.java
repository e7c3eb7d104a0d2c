package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * Header protection of one direction (RFC 9001 section 5.4). Samples of a run are gathered and
 * masked in one go: for AES a single ECB call, which makes a mask cost next to nothing. Confined to
 * one thread.
 */
abstract class HeaderProtection implements Destroyable {
  private static final int MASK = QuicCipher.SAMPLE;
  private static final int BATCH = 64;

  /** Bytes from the packet number that must be there: 4 and a sample. */
  private static final int NEEDED = PacketProtection.SAMPLE_OFFSET + QuicCipher.SAMPLE;

  // One sample at first: most keys of a handshake never see a run.
  private byte[] samples = new byte[MASK];
  private byte[] masks = new byte[MASK];

  static HeaderProtection create(QuicCipher cipher, byte[] key) {
    return cipher == QuicCipher.CHACHA20_POLY1305 ? new ChaCha(key) : new Aes(key);
  }

  /** Turns {@code n} samples of 16 bytes into masks, of which 5 bytes count, 16 bytes apart. */
  abstract void masks(byte[] sample, byte[] mask, int n);

  @Override
  public abstract void destroy();

  private void room(int n) {
    if (samples.length < n * MASK) {
      samples = new byte[BATCH * MASK];
      masks = new byte[BATCH * MASK];
    }
  }

  /** Protects sealed packets. */
  final void protectRun(byte[] buf, int[] start, int[] pnOff, int from, int count) {
    for (int done = 0; done < count; done += BATCH) {
      int n = Math.min(BATCH, count - done);
      room(n);
      int base = from + done;
      for (int i = 0; i < n; i++) {
        int at = pnOff[base + i] + PacketProtection.SAMPLE_OFFSET;
        System.arraycopy(buf, at, samples, MASK * i, MASK);
      }
      masks(samples, masks, n);
      for (int i = 0; i < n; i++) {
        int s = start[base + i];
        int pnLen = (buf[s] & 3) + 1;
        apply(buf, s, pnOff[base + i], pnLen, MASK * i);
      }
    }
  }

  /**
   * Protects packets in an AEAD's wire memory.
   *
   * @param buf with the headers as they were
   */
  final void protectWire(
      WireAead wire, byte[] buf, int[] start, int[] pnOff, int from, int count) {
    int first = start[from];
    for (int done = 0; done < count; done += BATCH) {
      int n = Math.min(BATCH, count - done);
      room(n);
      wire.samples(first - PacketProtection.SAMPLE_OFFSET, pnOff, from + done, n, samples);
      masks(samples, masks, n);
      for (int i = 0; i < n; i++) {
        int s = start[from + done + i];
        int number = pnOff[from + done + i];
        int mask = MASK * i;
        wire.flip(s - first, masks[mask] & bits(buf[s]));
        for (int j = 0; j <= (buf[s] & 3); j++) {
          wire.flip(number - first + j, masks[mask + 1 + j]);
        }
      }
    }
  }

  /** RFC 9001 section 5.4.1: four bits of a long header, five of a short one. */
  private static int bits(byte first) {
    return first < 0 ? 0x0f : 0x1f;
  }

  /** Takes protection off; see {@link PacketProtection#unprotectRun}. */
  final void unprotectRun(
      byte[] buf, int[] start, int[] pnOff, int[] end, int[] pnLen, int from, int count) {
    for (int done = 0; done < count; done += BATCH) {
      int n = Math.min(BATCH, count - done);
      room(n);
      int base = from + done;
      for (int i = 0; i < n; i++) {
        int at = pnOff[base + i];
        if (end[base + i] - at >= NEEDED) {
          System.arraycopy(buf, at + PacketProtection.SAMPLE_OFFSET, samples, MASK * i, MASK);
        }
      }
      masks(samples, masks, n);
      for (int i = 0; i < n; i++) {
        int s = start[base + i];
        int at = pnOff[base + i];
        if (end[base + i] - at < NEEDED) {
          pnLen[base + i] = 0;
          continue;
        }
        int length = ((buf[s] ^ masks[MASK * i]) & 3) + 1;
        apply(buf, s, at, length, MASK * i);
        pnLen[base + i] = length;
      }
    }
  }

  private void apply(byte[] buf, int start, int pnOff, int pnLen, int mask) {
    buf[start] ^= (byte) (masks[mask] & bits(buf[start]));
    for (int i = 0; i < pnLen; i++) {
      buf[pnOff + i] ^= masks[mask + 1 + i];
    }
  }

  /** AES-ECB of the sample, RFC 9001 section 5.4.3. */
  private static final class Aes extends HeaderProtection {
    private final WipeableKey key;

    /** Null once the key was wiped: then it is another's. */
    private @Nullable Cipher ecb;

    Aes(byte[] bytes) {
      key = new WipeableKey("AES", bytes);
      try {
        ecb = Jce.ecb(key);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this JDK lacks AES", e);
      }
    }

    @Override
    void masks(byte[] sample, byte[] mask, int n) {
      Cipher aes = ecb;
      if (aes == null) {
        throw new IllegalStateException("the key was wiped");
      }
      try {
        aes.update(sample, 0, MASK * n, mask, 0);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("masking failed", e);
      }
    }

    @Override
    public void destroy() {
      key.destroy();
      Cipher last = ecb;
      ecb = null;
      if (last != null) {
        Jce.give(last);
      }
    }

    @Override
    public boolean isDestroyed() {
      return key.isDestroyed();
    }
  }

  /** ChaCha20 with counter and nonce from the sample, RFC 9001 section 5.4.4. */
  private static final class ChaCha extends HeaderProtection {
    private static final byte[] ZEROS = new byte[5];

    private final Cipher chacha;
    private final WipeableKey key;
    private final byte[] nonce = new byte[12];
    private final byte[] out = new byte[ZEROS.length];

    ChaCha(byte[] bytes) {
      key = new WipeableKey("ChaCha20", bytes);
      try {
        chacha = Jce.cipher("ChaCha20");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this JDK lacks ChaCha20", e);
      }
    }

    @Override
    void masks(byte[] sample, byte[] mask, int n) {
      try {
        for (int i = 0; i < n; i++) {
          int at = MASK * i;
          int counter =
              sample[at] & 0xff
                  | (sample[at + 1] & 0xff) << 8
                  | (sample[at + 2] & 0xff) << 16
                  | sample[at + 3] << 24;
          System.arraycopy(sample, at + 4, nonce, 0, nonce.length);
          // A replayed packet repeats its sample, which the JDK refuses when encrypting. The stream
          // is the same either way.
          chacha.init(Cipher.DECRYPT_MODE, key, new ChaCha20ParameterSpec(nonce, counter));
          chacha.doFinal(ZEROS, 0, ZEROS.length, out, 0);
          System.arraycopy(out, 0, mask, at, out.length);
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("masking failed", e);
      }
    }

    @Override
    public void destroy() {
      key.destroy();
    }

    @Override
    public boolean isDestroyed() {
      return key.isDestroyed();
    }
  }
}
