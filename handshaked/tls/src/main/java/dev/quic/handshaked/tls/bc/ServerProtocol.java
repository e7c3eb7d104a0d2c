package dev.quic.handshaked.tls.bc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Hashtable;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.ServerHello;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsServerProtocol;
import org.jspecify.annotations.Nullable;

/** bctls' server, its records diverted. */
final class ServerProtocol extends TlsServerProtocol {
  private final ProtocolHooks hooks;

  ServerProtocol(ProtocolHooks hooks) {
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
  protected ClientHello receiveClientHelloMessage(ByteArrayInputStream buf) throws IOException {
    ClientHello hello = super.receiveClientHelloMessage(buf);
    hooks.fired(Hook.SERVER_HELLO_PARSED);
    @SuppressWarnings("unchecked")
    Hashtable<Integer, byte[]> extensions = hello.getExtensions();
    if (extensions != null) {
      // It would shrink the records that long messages are cut into.
      extensions.remove(TlsExtensionsUtils.EXT_max_fragment_length);
      byte[] psk = extensions.get(TlsExtensionsUtils.EXT_pre_shared_key);
      if (psk != null) {
        // bctls finds the chosen key again by an identity of age 0. Binders are checked over the
        // message itself, which stays as it came.
        extensions.put(
            TlsExtensionsUtils.EXT_pre_shared_key, PskExtension.withAges(psk, identity -> 0));
      }
    }
    return hello;
  }

  @Override
  protected void send13ServerHelloCoda(ServerHello serverHello, boolean afterHelloRetryRequest)
      throws IOException {
    super.send13ServerHelloCoda(serverHello, afterHelloRetryRequest);
    hooks.fired(Hook.SERVER_APPLICATION_SECRETS);
    hooks.applicationSecrets(getContext().getSecurityParametersHandshake());
  }

  @Override
  protected void completeHandshake() throws IOException {
    hooks.fired(Hook.SERVER_COMPLETE);
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
