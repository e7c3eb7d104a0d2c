package dev.quic.handshaked.tls.bc;

import java.security.SecureRandom;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
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
}
