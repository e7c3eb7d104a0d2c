package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.libcrypto.NativeGroup;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.Destroyable;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateType;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsECConfig;
import org.bouncycastle.tls.crypto.TlsECDomain;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.tls.crypto.impl.bc.BcX25519;
import org.jspecify.annotations.Nullable;

/**
 * Bouncy Castle's own primitives but for the hash functions, without record protection. Key
 * exchange and ECDSA come from libcrypto where an engine is configured so: then it has one of its
 * own, which holds the ephemeral keys of its handshake until {@link #destroy}.
 */
final class QuicCrypto extends BcTlsCrypto implements Destroyable {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Without libcrypto: thread-safe, one for all engines. */
  static final QuicCrypto SHARED = new QuicCrypto(null);

  private final @Nullable LibCrypto library;
  private final List<NativeECDH> agreements = new ArrayList<>();

  private QuicCrypto(@Nullable LibCrypto library) {
    super(RANDOM);
    this.library = library;
  }

  /** That of an engine. */
  static QuicCrypto of(@Nullable LibCrypto library) {
    return library == null ? SHARED : new QuicCrypto(library);
  }

  /** Null for Bouncy Castle. */
  @Nullable LibCrypto library() {
    return library;
  }

  @Override
  public TlsECDomain createECDomain(TlsECConfig config) {
    LibCrypto from = library;
    NativeGroup group = NativeECDH.group(config.getNamedGroup());
    if (from == null || group == null) {
      return group == NativeGroup.X25519 ? () -> new X25519Of(this) : super.createECDomain(config);
    }
    return () -> {
      NativeECDH agreement = new NativeECDH(this, from, group);
      agreements.add(agreement);
      return agreement;
    };
  }

  @Override
  public TlsCertificate createCertificate(short type, byte[] encoding) throws IOException {
    return type == CertificateType.X509
        ? PeerCertificate.of(encoding, library)
        : super.createCertificate(type, encoding);
  }

  /** Bouncy Castle's, with the alert that a bad share has in all other groups. */
  private static final class X25519Of extends BcX25519 {
    X25519Of(BcTlsCrypto crypto) {
      super(crypto);
    }

    @Override
    public TlsSecret calculateSecret() throws IOException {
      try {
        return super.calculateSecret();
      } catch (TlsFatalAlert e) {
        throw new Refusal(
            AlertDescription.illegal_parameter, "the peer's key share is no public key of X25519");
      }
    }
  }

  /** Frees the keys of a handshake that did not come to its end. */
  @Override
  public void destroy() {
    if (library != null) {
      agreements.forEach(NativeECDH::destroy);
      agreements.clear();
    }
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
  public TlsSecret createSecret(byte[] data) {
    return new HkdfSecret(this, data.clone());
  }

  @Override
  public TlsSecret hkdfInit(int cryptoHashAlgorithm) {
    int length = TlsCryptoUtils.getHashOutputSize(cryptoHashAlgorithm);
    return new PskSecrets.Salt(this, new byte[length]);
  }
}
