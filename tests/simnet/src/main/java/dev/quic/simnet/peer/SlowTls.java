package dev.quic.simnet.peer;

import dev.quic.dataplane.core.socket.Sock;

/** A TLS that thinks before every answer, as one in another process under load does. */
public final class SlowTls extends FakeTls {
  private final long nanos;

  /**
   * @param nanos virtual time each message takes
   */
  public SlowTls(Sock sock, boolean server, TlsScript script, long nanos) {
    super(sock, server, script);
    this.nanos = nanos;
  }

  @Override
  protected long thinkingTime() {
    return nanos;
  }
}
