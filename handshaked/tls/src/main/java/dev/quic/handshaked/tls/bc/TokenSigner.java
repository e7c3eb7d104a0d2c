package dev.quic.handshaked.tls.bc;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsStreamSigner;

/**
 * Signs with a key that does not leave its token: the provider that holds it does the work ({@link
 * Signature} finds it by the key).
 */
final class TokenSigner implements TlsCredentialedSigner {
  private final PrivateKey key;
  private final int scheme;
  private final Certificate chain;
  private final SignatureAndHashAlgorithm algorithm;

  TokenSigner(PrivateKey key, int scheme, Certificate chain, SignatureAndHashAlgorithm algorithm) {
    this.key = key;
    this.scheme = scheme;
    this.chain = chain;
    this.algorithm = algorithm;
  }

  @Override
  public Certificate getCertificate() {
    return chain;
  }

  @Override
  public SignatureAndHashAlgorithm getSignatureAndHashAlgorithm() {
    return algorithm;
  }

  @Override
  public byte[] generateRawSignature(byte[] hash) throws IOException {
    throw new Refusal(AlertDescription.internal_error, "the stream signer was not asked");
  }

  @Override
  public TlsStreamSigner getStreamSigner() throws IOException {
    Signature signature;
    try {
      signature = signature();
    } catch (GeneralSecurityException e) {
      throw failed(e);
    }
    OutputStream in =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] b, int off, int len) throws IOException {
            try {
              signature.update(b, off, len);
            } catch (SignatureException e) {
              throw failed(e);
            }
          }
        };
    return new TlsStreamSigner() {
      @Override
      public OutputStream getOutputStream() {
        return in;
      }

      @Override
      public byte[] getSignature() throws IOException {
        try {
          return signature.sign();
        } catch (SignatureException e) {
          throw failed(e);
        }
      }
    };
  }

  private Signature signature() throws GeneralSecurityException {
    return switch (scheme) {
      case SignatureScheme.ecdsa_secp256r1_sha256 -> plain("SHA256withECDSA");
      case SignatureScheme.ecdsa_secp384r1_sha384 -> plain("SHA384withECDSA");
      case SignatureScheme.ecdsa_secp521r1_sha512 -> plain("SHA512withECDSA");
      case SignatureScheme.rsa_pss_rsae_sha256, SignatureScheme.rsa_pss_pss_sha256 ->
          pss("SHA-256", MGF1ParameterSpec.SHA256, 32);
      case SignatureScheme.rsa_pss_rsae_sha384, SignatureScheme.rsa_pss_pss_sha384 ->
          pss("SHA-384", MGF1ParameterSpec.SHA384, 48);
      case SignatureScheme.rsa_pss_rsae_sha512, SignatureScheme.rsa_pss_pss_sha512 ->
          pss("SHA-512", MGF1ParameterSpec.SHA512, 64);
      case SignatureScheme.ed25519 -> plain("Ed25519");
      default -> plain("ML-DSA");
    };
  }

  private Signature plain(String name) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(name);
    signature.initSign(key);
    return signature;
  }

  private Signature pss(String hash, MGF1ParameterSpec mask, int salt)
      throws GeneralSecurityException {
    // The key first: it chooses the provider, which the parameters alone would fix otherwise.
    Signature signature = plain("RSASSA-PSS");
    signature.setParameter(new PSSParameterSpec(hash, "MGF1", mask, salt, 1));
    return signature;
  }

  private static IOException failed(GeneralSecurityException e) {
    return new Refusal(
        AlertDescription.internal_error, "the token does not sign: " + e.getMessage());
  }
}
