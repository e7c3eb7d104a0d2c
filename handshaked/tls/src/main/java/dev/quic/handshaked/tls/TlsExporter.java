package dev.quic.handshaked.tls;

import javax.security.auth.Destroyable;

/** Keying material for other protocols (RFC 8446 section 7.5). Confined to one thread. */
public interface TlsExporter extends Destroyable {
  /** Longest material given out, in bytes. */
  int MAX_LENGTH = 255 * 32;

  /** Label of the channel binding {@code tls-exporter} (RFC 9266). */
  String CHANNEL_BINDING = "EXPORTER-Channel-Binding";

  /** Bytes of the channel binding. */
  int CHANNEL_BINDING_LENGTH = 32;

  /**
   * @param length 1 to {@link #MAX_LENGTH}
   * @throws IllegalStateException after {@link #destroy}
   */
  byte[] export(String label, byte[] context, int length);

  /** {@code tls-exporter} (RFC 9266): the same 32 bytes at both ends of a connection. */
  default byte[] channelBinding() {
    return export(CHANNEL_BINDING, new byte[0], CHANNEL_BINDING_LENGTH);
  }

  /** Wipes the exporter secret. */
  @Override
  void destroy();
}
