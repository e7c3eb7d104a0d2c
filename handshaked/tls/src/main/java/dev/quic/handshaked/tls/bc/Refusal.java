package dev.quic.handshaked.tls.bc;

import org.bouncycastle.tls.TlsFatalAlert;

/** An alert of ours, with a reason for a person. */
final class Refusal extends TlsFatalAlert {
  private static final long serialVersionUID = 1L;

  private final String reason;

  Refusal(int alert, String reason) {
    super((short) alert, reason);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
