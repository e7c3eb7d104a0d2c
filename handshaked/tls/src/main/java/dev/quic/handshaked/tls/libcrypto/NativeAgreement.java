package dev.quic.handshaked.tls.libcrypto;

import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * An ephemeral key pair whose private half never leaves libcrypto. Held by whoever made it until
 * {@link #destroy}, which cleanses and frees it. One thread at a time.
 */
public interface NativeAgreement extends Destroyable {
  /** Our public value as it goes on the wire. */
  byte[] share();

  /**
   * The shared secret with a peer.
   *
   * @param peer the peer's public value, of the group's length
   * @return the caller's to wipe; null when the value is no point of the curve, or of so small an
   *     order that the secret would be zero
   * @throws IllegalStateException when the key was destroyed
   */
  byte @Nullable [] agree(byte[] peer);

  @Override
  void destroy();
}
