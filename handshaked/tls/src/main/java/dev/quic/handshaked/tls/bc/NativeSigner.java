package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.libcrypto.NativeGroup;
import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.crypto.TlsSigner;
import org.bouncycastle.tls.crypto.TlsStreamSigner;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;

/**
 * Signs with ECDSA of libcrypto. The key goes there for the signature only and is cleansed after
 * it; its copy on the heap is wiped. Of one handshake.
 */
final class NativeSigner implements TlsSigner {
  private final LibCrypto library;
  private final NativeGroup group;
  private final ECPrivateKeyParameters key;

  private NativeSigner(LibCrypto library, NativeGroup group, ECPrivateKeyParameters key) {
    this.library = library;
    this.group = group;
    this.key = key;
  }

  /** Null when libcrypto is not there, or not asked for signatures of this kind. */
  static @Nullable NativeSigner of(
      @Nullable LibCrypto library, AsymmetricKeyParameter key, int scheme) {
    NativeGroup group =
        switch (scheme) {
          case SignatureScheme.ecdsa_secp256r1_sha256 -> NativeGroup.P256;
          case SignatureScheme.ecdsa_secp384r1_sha384 -> NativeGroup.P384;
          default -> null;
        };
    return library != null && group != null && key instanceof ECPrivateKeyParameters ec
        ? new NativeSigner(library, group, ec)
        : null;
  }

  @Override
  public byte[] generateRawSignature(SignatureAndHashAlgorithm algorithm, byte[] hash)
      throws IOException {
    byte[] scalar = BigIntegers.asUnsignedByteArray(group.fieldLength(), key.getD());
    try {
      return library.sign(group, scalar, hash);
    } catch (IllegalStateException e) {
      throw new Refusal(AlertDescription.internal_error, String.valueOf(e.getMessage()));
    } finally {
      Arrays.fill(scalar, (byte) 0);
    }
  }

  @Override
  public @Nullable TlsStreamSigner getStreamSigner(SignatureAndHashAlgorithm algorithm) {
    return null;
  }
}
