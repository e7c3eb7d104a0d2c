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
 * libcrypto checks where there is one. It belongs to one handshake until a signature of its owner
 * proved good; then others with the same bytes take it, too. Any thread from then on.
 */
final class PeerCertificate extends BcTlsCertificate {
  private final byte[] raw;
  private final @Nullable LibCrypto library;
  private byte @Nullable [] encoded;
  private @Nullable AsymmetricKeyParameter key;

  private PeerCertificate(byte[] raw, @Nullable LibCrypto library, Certificate parsed) {
    super(QuicCrypto.SHARED, parsed);
    this.raw = raw;
    this.library = library;
  }

  /**
   * A peer's.
   *
   * @param library checks its signatures; null for Bouncy Castle
   */
  static PeerCertificate of(byte[] encoding, @Nullable LibCrypto library) throws IOException {
    PeerCertificate known = KnownCertificates.SHARED.get(encoding, library);
    return known != null
        ? known
        : new PeerCertificate(encoding, library, parseCertificate(encoding));
  }

  /** One of our own. */
  static PeerCertificate own(byte[] encoding) throws IOException {
    PeerCertificate made = of(encoding, null);
    made.remember();
    return made;
  }

  /** All that is computed late is there before another thread can see it. */
  private void remember() throws IOException {
    if (encoded == null || key == null) {
      getEncoded();
      getPublicKey();
      KnownCertificates.SHARED.add(raw, library, this);
    }
  }

  @Override
  public byte[] getEncoded() throws IOException {
    byte[] done = encoded;
    if (done == null) {
      done = super.getEncoded();
      encoded = done;
    }
    return done.clone();
  }

  @Override
  protected AsymmetricKeyParameter getPublicKey() throws IOException {
    AsymmetricKeyParameter parsed = key;
    if (parsed == null) {
      parsed = super.getPublicKey();
      key = parsed;
    }
    return parsed;
  }

  @Override
  public Tls13Verifier createVerifier(int scheme) throws IOException {
    NativeGroup group = group(scheme);
    if (library == null || group == null) {
      return new Remembering(super.createVerifier(scheme), this);
    }
    validateKeyUsage(KeyUsage.digitalSignature);
    Digest digest =
        QuicCrypto.SHARED.createDigest(
            group == NativeGroup.P256 ? CryptoHashAlgorithm.sha256 : CryptoHashAlgorithm.sha384);
    byte[] point = keyInfo.getPublicKeyData().getOctets();
    return new Remembering(new Verifier(library, group, point, digest), this);
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

  /** A verifier whose certificate is known from its first good signature on. */
  private record Remembering(Tls13Verifier verifier, PeerCertificate of) implements Tls13Verifier {
    @Override
    public OutputStream getOutputStream() throws IOException {
      return verifier.getOutputStream();
    }

    @Override
    public boolean verifySignature(byte[] signature) throws IOException {
      boolean good = verifier.verifySignature(signature);
      if (good) {
        of.remember();
      }
      return good;
    }
  }

  /** libcrypto's, which collects the signed bytes, some 130. */
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
