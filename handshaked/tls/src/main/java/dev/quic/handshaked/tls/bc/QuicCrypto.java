package dev.quic.handshaked.tls.bc;

import java.security.SecureRandom;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * Bouncy Castle's own primitives but for the hash functions, without record protection.
 * Thread-safe: one for all engines.
 */
final class QuicCrypto extends BcTlsCrypto {
  static final QuicCrypto SHARED = new QuicCrypto();

  private QuicCrypto() {
    super(new SecureRandom());
  }

  @Override
  public TlsCipher createCipher(
      TlsCryptoParameters cryptoParams, int encryptionAlgorithm, int macAlgorithm) {
    return new PassThroughCipher();
  }

  @Override
  public Digest createDigest(int cryptoHashAlgorithm) {
    Digest fast =
        switch (cryptoHashAlgorithm) {
          case CryptoHashAlgorithm.sha256 -> JdkDigest.sha256();
          case CryptoHashAlgorithm.sha384 -> JdkDigest.sha384();
          default -> null;
        };
    return fast != null ? fast : super.createDigest(cryptoHashAlgorithm);
  }

  @Override
  public Digest cloneDigest(int cryptoHashAlgorithm, Digest digest) {
    return digest instanceof JdkDigest fast
        ? fast.copy()
        : super.cloneDigest(cryptoHashAlgorithm, digest);
  }

  @Override
  public TlsSecret hkdfInit(int cryptoHashAlgorithm) {
    int length = TlsCryptoUtils.getHashOutputSize(cryptoHashAlgorithm);
    return new PskSecrets.Salt(this, new byte[length]);
  }
}
