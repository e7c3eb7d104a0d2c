package dev.quic.handshaked.tls.bc;

import java.io.IOException;
import org.bouncycastle.tls.SecurityParameters;

/** What the protocol subclasses tell their engine. */
interface ProtocolHooks {
  void fired(Hook hook);

  /** Handshake bytes, not aligned to messages (long ones come in pieces). */
  void output(byte[] buf, int off, int len, SecurityParameters parameters) throws IOException;

  /** The handshake traffic secrets are in the parameters. */
  void handshakeSecrets(SecurityParameters parameters) throws IOException;

  /** The application traffic secrets are in the parameters; a server may send under its own. */
  void applicationSecrets(SecurityParameters parameters) throws IOException;

  /** Both Finished are right; the parameters are about to be wiped. */
  void completing(SecurityParameters parameters) throws IOException;
}
