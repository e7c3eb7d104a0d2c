package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Passes a driver's calls on and notes the CONFIG it reads, so that nobody reads it twice. */
final class OptionNotes implements HandshakePort {
  private final HandshakePort port;
  private byte[] config = new byte[0];

  OptionNotes(HandshakePort port) {
    this.port = port;
  }

  /**
   * {@code quic_config.certificate_request}: 0 none, 1 request, 2 require; 0 until CONFIG was read.
   */
  int certificateRequest() {
    return QuicConfigView.certificateRequest(config);
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws IOException {
    port.send(level, bytes, more);
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws IOException {
    return port.receive(deadlineNanos);
  }

  @Override
  public void setOption(int name, byte[] value) throws IOException {
    port.setOption(name, value);
  }

  @Override
  public byte[] getOption(int name, int max) throws IOException {
    byte[] value = port.getOption(name, max);
    if (name == QuicUapi.QUIC_SOCKOPT_CONFIG) {
      config = value;
    }
    return value;
  }
}
