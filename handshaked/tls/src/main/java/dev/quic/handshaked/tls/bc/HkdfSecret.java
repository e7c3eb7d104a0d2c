package dev.quic.handshaked.tls.bc;

import java.util.Arrays;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsSecret;
import org.jspecify.annotations.Nullable;

/**
 * A secret of the key schedule whose HKDF (RFC 5869) is computed on {@link Hmac}, and so are those
 * derived from it. With a hash that has none it is Bouncy Castle's.
 */
class HkdfSecret extends BcTlsSecret {
  private static final byte[] NONE = {};

  /** HKDF-Expand numbers its blocks from 1 on, in one byte. */
  private static final int MAX_BLOCKS = 255;

  /**
   * @param data taken over
   */
  HkdfSecret(BcTlsCrypto crypto, byte[] data) {
    super(crypto, data);
  }

  @Override
  public synchronized TlsSecret hkdfExpand(int cryptoHashAlgorithm, byte[] info, int length) {
    checkAlive();
    Hmac hmac = Hmac.of(cryptoHashAlgorithm);
    if (hmac == null || length < 1 || length > MAX_BLOCKS * hmac.length()) {
      return super.hkdfExpand(cryptoHashAlgorithm, info, length);
    }
    byte[] out = new byte[length];
    byte[] block = new byte[hmac.length()];
    byte[] numbered = Arrays.copyOf(info, info.length + 1);
    byte[] last = NONE;
    for (int done = 0, n = 1; done < length; done += block.length, n++) {
      numbered[info.length] = (byte) n;
      hmac.mac(data, last, numbered, block, 0);
      last = block;
      System.arraycopy(block, 0, out, done, Math.min(block.length, length - done));
    }
    Arrays.fill(block, (byte) 0);
    return new HkdfSecret(crypto, out);
  }

  @Override
  public synchronized TlsSecret hkdfExtract(int cryptoHashAlgorithm, TlsSecret ikm) {
    byte[] prk = extracted(cryptoHashAlgorithm, ikm);
    // A key exchange of Bouncy Castle's has a secret of its own kind.
    return new HkdfSecret(
        crypto, prk == null ? super.hkdfExtract(cryptoHashAlgorithm, ikm).extract() : prk);
  }

  /** The bytes of HKDF-Extract, for which this secret is used up; null when Bouncy Castle must. */
  private byte @Nullable [] extracted(int cryptoHashAlgorithm, TlsSecret ikm) {
    checkAlive();
    Hmac hmac = Hmac.of(cryptoHashAlgorithm);
    if (hmac == null || !(ikm instanceof HkdfSecret from)) {
      return null;
    }
    byte[] prk = new byte[hmac.length()];
    from.macUnder(hmac, data, prk);
    destroy();
    return prk;
  }

  private synchronized void macUnder(Hmac hmac, byte[] salt, byte[] out) {
    checkAlive();
    hmac.mac(salt, data, NONE, out, 0);
  }

  @Override
  public synchronized byte[] calculateHMAC(int cryptoHashAlgorithm, byte[] buf, int off, int len) {
    checkAlive();
    Hmac hmac = Hmac.of(cryptoHashAlgorithm);
    if (hmac == null) {
      return super.calculateHMAC(cryptoHashAlgorithm, buf, off, len);
    }
    byte[] out = new byte[hmac.length()];
    hmac.mac(data, Arrays.copyOfRange(buf, off, off + len), NONE, out, 0);
    return out;
  }
}
