package dev.quic.handshaked.tls.session;

import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/** Makes a client's sessions of the tickets of one finished handshake. Confined to one thread. */
public interface SessionMaker extends Destroyable {
  /**
   * @param newSessionTicket the message as it came, header included
   * @return null for a message that is none, is malformed, or whose ticket has no life
   */
  @Nullable TlsSession session(byte[] newSessionTicket);

  /** Wipes the resumption secret; makes no more sessions. */
  @Override
  void destroy();
}
