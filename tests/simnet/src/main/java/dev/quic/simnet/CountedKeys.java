package dev.quic.simnet;

import dev.quic.dataplane.core.crypto.Aead;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.HeaderMask;
import dev.quic.dataplane.core.crypto.QuicCipher;

/** The JDK's ciphers, and how many keys were made and not wiped: other providers' would be lost. */
final class CountedKeys implements AeadProvider {
  private int alive;

  @Override
  public String name() {
    return "counted";
  }

  int alive() {
    return alive;
  }

  @Override
  public Aead create(QuicCipher cipher, byte[] key, byte[] iv) {
    Aead aead = AeadProvider.JDK.create(cipher, key, iv);
    alive++;
    return new Aead() {
      @Override
      public void sealRun(
          byte[] buf, int[] start, int[] body, int[] end, int from, int count, long firstPn) {
        aead.sealRun(buf, start, body, end, from, count, firstPn);
      }

      @Override
      public int open(byte[] buf, int start, int body, int end, long pn) {
        return aead.open(buf, start, body, end, pn);
      }

      @Override
      public void destroy() {
        alive -= aead.isDestroyed() ? 0 : 1;
        aead.destroy();
      }

      @Override
      public boolean isDestroyed() {
        return aead.isDestroyed();
      }
    };
  }

  @Override
  public HeaderMask mask(QuicCipher cipher, byte[] key) {
    HeaderMask mask = AeadProvider.JDK.mask(cipher, key);
    alive++;
    return new HeaderMask() {
      @Override
      public void masks(byte[] sample, byte[] to, int n) {
        mask.masks(sample, to, n);
      }

      @Override
      public void destroy() {
        alive -= mask.isDestroyed() ? 0 : 1;
        mask.destroy();
      }

      @Override
      public boolean isDestroyed() {
        return mask.isDestroyed();
      }
    };
  }
}
