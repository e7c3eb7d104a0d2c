package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.libcrypto.NativeGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.Tls13Verifier;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCertificate;
import org.jspecify.annotations.Nullable;

/**
 * A certificate of bctls that parses its key and is encoded once, and whose ECDSA signatures
 * libcrypto checks where there is one. Of one handshake.
 */
final class PeerCertificate extends BcTlsCertificate {
  private final QuicCrypto quic;
  private byte @Nullable [] encoded;
  private @Nullable AsymmetricKeyParameter key;

  private PeerCertificate(QuicCrypto crypto, Certificate parsed) {
    super(crypto, parsed);
    this.quic = crypto;
  }

  static PeerCertificate of(QuicCrypto crypto, byte[] encoding) throws IOException {
    return new PeerCertificate(crypto, parseCertificate(encoding));
  }

  @Override
  public byte[] getEncoded() throws IOException {
    byte[] known = encoded;
    if (known == null) {
      known = super.getEncoded();
      encoded = known;
    }
    return known.clone();
  }

  @Override
  protected AsymmetricKeyParameter getPublicKey() throws IOException {
    AsymmetricKeyParameter known = key;
    if (known == null) {
      known = super.getPublicKey();
      key = known;
    }
    return known;
  }

  @Override
  public Tls13Verifier createVerifier(int scheme) throws IOException {
    LibCrypto library = quic.library();
    NativeGroup group = group(scheme);
    if (library == null || group == null) {
      return super.createVerifier(scheme);
    }
    validateKeyUsage(KeyUsage.digitalSignature);
    Digest digest =
        quic.createDigest(
            group == NativeGroup.P256 ? CryptoHashAlgorithm.sha256 : CryptoHashAlgorithm.sha384);
    return new Verifier(library, group, keyInfo.getPublicKeyData().getOctets(), digest);
  }

  /** The curve when both scheme and key say so; null leaves all else to Bouncy Castle. */
  private @Nullable NativeGroup group(int scheme) {
    ASN1Encodable curve = keyInfo.getAlgorithm().getParameters();
    if (!keyInfo.getAlgorithm().getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
        || !(curve instanceof ASN1ObjectIdentifier named)) {
      return null;
    }
    return switch (scheme) {
      case SignatureScheme.ecdsa_secp256r1_sha256 ->
          named.equals(X9ObjectIdentifiers.prime256v1) ? NativeGroup.P256 : null;
      case SignatureScheme.ecdsa_secp384r1_sha384 ->
          named.equals(SECObjectIdentifiers.secp384r1) ? NativeGroup.P384 : null;
      default -> null;
    };
  }

  /** Collects the signed bytes, some 130. */
  private record Verifier(
      LibCrypto library, NativeGroup group, byte[] point, Digest digest, ByteArrayOutputStream in)
      implements Tls13Verifier {
    Verifier(LibCrypto library, NativeGroup group, byte[] point, Digest digest) {
      this(library, group, point, digest, new ByteArrayOutputStream());
    }

    @Override
    public OutputStream getOutputStream() {
      return in;
    }

    @Override
    public boolean verifySignature(byte[] signature) throws IOException {
      byte[] signed = in.toByteArray();
      byte[] hash = new byte[digest.getDigestSize()];
      digest.update(signed, 0, signed.length);
      digest.doFinal(hash, 0);
      try {
        return library.verify(group, point, hash, signature);
      } catch (IllegalArgumentException e) {
        throw new TlsFatalAlert(AlertDescription.unsupported_certificate, e);
      }
    }
  }
}
