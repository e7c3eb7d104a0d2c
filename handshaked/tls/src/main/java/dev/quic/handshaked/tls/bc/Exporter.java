package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.TlsExporter;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Exports from a secret of its own, since bctls wipes its once the handshake is over. */
final class Exporter implements TlsExporter {
  private final int hash;
  private byte @Nullable [] secret;

  /**
   * @param secret exporter_master_secret, taken over
   */
  Exporter(byte[] secret, int hash) {
    this.secret = secret;
    this.hash = hash;
  }

  @Override
  public byte[] export(String label, byte[] context, int length) {
    byte[] own = secret;
    if (own == null) {
      throw new IllegalStateException("the exporter secret was wiped");
    }
    if (length < 1 || length > MAX_LENGTH) {
      throw new IllegalArgumentException("exports have 1 to " + MAX_LENGTH + " bytes");
    }
    try {
      return KeySchedule.export(own, hash, label, context, length);
    } catch (IOException e) {
      throw new IllegalStateException("HKDF does not work", e);
    }
  }

  @Override
  public void destroy() {
    byte[] own = secret;
    if (own != null) {
      Arrays.fill(own, (byte) 0);
      secret = null;
    }
  }

  @Override
  public boolean isDestroyed() {
    return secret == null;
  }
}
