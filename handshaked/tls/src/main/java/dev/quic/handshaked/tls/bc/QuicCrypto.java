package dev.quic.handshaked.tls.bc;

import java.security.SecureRandom;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** Bouncy Castle's own primitives, without record protection. Thread-safe: one for all engines. */
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
  public TlsSecret hkdfInit(int cryptoHashAlgorithm) {
    int length = TlsCryptoUtils.getHashOutputSize(cryptoHashAlgorithm);
    return new PskSecrets.Salt(this, new byte[length]);
  }
}
