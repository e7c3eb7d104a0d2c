package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.libcrypto.NativeAgreement;
import dev.quic.handshaked.tls.libcrypto.NativeGroup;
import java.io.IOException;
import java.util.Arrays;
import javax.security.auth.Destroyable;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.crypto.TlsAgreement;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.jspecify.annotations.Nullable;

/** An ephemeral key exchange of libcrypto, for bctls. Of one handshake. */
final class NativeECDH implements TlsAgreement, Destroyable {
  private static final byte[] NONE = {};

  private final QuicCrypto crypto;
  private final LibCrypto library;
  private final NativeGroup group;
  private @Nullable NativeAgreement agreement;
  private byte[] peer = NONE;

  NativeECDH(QuicCrypto crypto, LibCrypto library, NativeGroup group) {
    this.crypto = crypto;
    this.library = library;
    this.group = group;
  }

  /** Null when libcrypto is not asked for this group. */
  static @Nullable NativeGroup group(int namedGroup) {
    return switch (namedGroup) {
      case NamedGroup.x25519 -> NativeGroup.X25519;
      case NamedGroup.secp256r1 -> NativeGroup.P256;
      case NamedGroup.secp384r1 -> NativeGroup.P384;
      default -> null;
    };
  }

  @Override
  public byte[] generateEphemeral() {
    destroy();
    NativeAgreement made = library.generate(group);
    agreement = made;
    return made.share();
  }

  @Override
  public void receivePeerValue(byte[] value) throws IOException {
    if (value == null || value.length != group.shareLength()) {
      throw refused();
    }
    peer = value.clone();
  }

  @Override
  public TlsSecret calculateSecret() throws IOException {
    NativeAgreement ours = agreement;
    if (ours == null) {
      throw new Refusal(AlertDescription.internal_error, "no key share of ours is left");
    }
    byte[] secret = ours.agree(peer);
    destroy();
    if (secret == null) {
      throw refused();
    }
    try {
      // Copied.
      return crypto.createSecret(secret);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  private Refusal refused() {
    // RFC 8446 section 7.4: a zero secret, a point beside the curve.
    return new Refusal(
        AlertDescription.illegal_parameter, "the peer's key share is no public key of " + group);
  }

  @Override
  public void destroy() {
    NativeAgreement last = agreement;
    agreement = null;
    if (last != null) {
      last.destroy();
    }
  }

  @Override
  public boolean isDestroyed() {
    return agreement == null;
  }
}
