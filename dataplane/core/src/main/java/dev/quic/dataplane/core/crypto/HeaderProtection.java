package dev.quic.dataplane.core.crypto;

import javax.security.auth.Destroyable;

/**
 * Header protection of one direction (RFC 9001 section 5.4). Samples of a run are gathered and
 * masked in one go, which makes a mask cost next to nothing. Confined to one thread.
 */
final class HeaderProtection implements Destroyable {
  private static final int MASK = QuicCipher.SAMPLE;
  private static final int BATCH = 64;

  /** Bytes from the packet number that must be there: 4 and a sample. */
  private static final int NEEDED = PacketProtection.SAMPLE_OFFSET + QuicCipher.SAMPLE;

  // One sample at first: most keys of a handshake never see a run.
  private byte[] samples = new byte[MASK];
  private byte[] masks = new byte[MASK];

  private final HeaderMask mask;

  /**
   * @param mask its key, which is now this object's
   */
  HeaderProtection(HeaderMask mask) {
    this.mask = mask;
  }

  /** Wipes the key. */
  @Override
  public void destroy() {
    mask.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return mask.isDestroyed();
  }

  private void room(int n) {
    if (samples.length < n * MASK) {
      samples = new byte[BATCH * MASK];
      masks = new byte[BATCH * MASK];
    }
  }

  /** Protects sealed packets. */
  void protectRun(byte[] buf, int[] start, int[] pnOff, int from, int count) {
    for (int done = 0; done < count; done += BATCH) {
      int n = Math.min(BATCH, count - done);
      room(n);
      int base = from + done;
      for (int i = 0; i < n; i++) {
        int at = pnOff[base + i] + PacketProtection.SAMPLE_OFFSET;
        System.arraycopy(buf, at, samples, MASK * i, MASK);
      }
      mask.masks(samples, masks, n);
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
  void protectWire(WireAead wire, byte[] buf, int[] start, int[] pnOff, int from, int count) {
    int first = start[from];
    for (int done = 0; done < count; done += BATCH) {
      int n = Math.min(BATCH, count - done);
      room(n);
      wire.samples(first - PacketProtection.SAMPLE_OFFSET, pnOff, from + done, n, samples);
      mask.masks(samples, masks, n);
      for (int i = 0; i < n; i++) {
        int s = start[from + done + i];
        int number = pnOff[from + done + i];
        int at = MASK * i;
        wire.flip(s - first, masks[at] & bits(buf[s]));
        for (int j = 0; j <= (buf[s] & 3); j++) {
          wire.flip(number - first + j, masks[at + 1 + j]);
        }
      }
    }
  }

  /** RFC 9001 section 5.4.1: four bits of a long header, five of a short one. */
  private static int bits(byte first) {
    return first < 0 ? 0x0f : 0x1f;
  }

  /** Takes protection off; see {@link PacketProtection#unprotectRun}. */
  void unprotectRun(
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
      mask.masks(samples, masks, n);
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

  private void apply(byte[] buf, int start, int pnOff, int pnLen, int at) {
    buf[start] ^= (byte) (masks[at] & bits(buf[start]));
    for (int i = 0; i < pnLen; i++) {
      buf[pnOff + i] ^= masks[at + 1 + i];
    }
  }
}
