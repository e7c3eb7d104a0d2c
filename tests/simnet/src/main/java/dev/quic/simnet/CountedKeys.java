package dev.quic.simnet;

import dev.quic.dataplane.core.crypto.Aead;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.QuicCipher;

/** The JDK's AEAD, and how many keys were made and not wiped: other providers' would be lost. */
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
}
