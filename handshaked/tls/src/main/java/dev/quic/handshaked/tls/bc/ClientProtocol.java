package dev.quic.handshaked.tls.bc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.ServerHello;
import org.bouncycastle.tls.TlsClientProtocol;
import org.jspecify.annotations.Nullable;

/** bctls' client, its records diverted. */
final class ClientProtocol extends TlsClientProtocol {
  private final ProtocolHooks hooks;

  ClientProtocol(ProtocolHooks hooks) {
    this.hooks = hooks;
  }

  @Override
  protected void safeWriteRecord(short type, byte[] buf, int offset, int len) throws IOException {
    // change_cipher_spec is not used with QUIC (RFC 9001 section 8.4).
    if (type == ContentType.handshake) {
      hooks.output(buf, offset, len, getContext().getSecurityParametersHandshake());
    }
  }

  @Override
  protected void process13ServerHelloCoda(ServerHello serverHello, boolean afterHelloRetryRequest)
      throws IOException {
    super.process13ServerHelloCoda(serverHello, afterHelloRetryRequest);
    hooks.fired(Hook.CLIENT_HANDSHAKE_SECRETS);
    hooks.handshakeSecrets(getContext().getSecurityParametersHandshake());
  }

  @Override
  protected void completeHandshake() throws IOException {
    hooks.fired(Hook.CLIENT_COMPLETE);
    hooks.applicationSecrets(getContext().getSecurityParametersHandshake());
    hooks.completing(getContext().getSecurityParametersHandshake());
    super.completeHandshake();
  }

  @Override
  protected void receive13KeyUpdate(ByteArrayInputStream buf) throws IOException {
    // RFC 9001 section 6.
    throw new Refusal(AlertDescription.unexpected_message, "the peer sent a TLS KeyUpdate");
  }

  @Override
  protected void raiseAlertFatal(
      short alertDescription, @Nullable String message, @Nullable Throwable cause) {
    hooks.fired(Hook.ALERT);
  }

  @Override
  protected void raiseAlertWarning(short alertDescription, @Nullable String message) {
    // QUIC has no warning alerts (RFC 9001 section 4.8).
  }
}
