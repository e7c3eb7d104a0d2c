package dev.quic.simnet.peer;

import dev.quic.dataplane.core.socket.Sock;
import java.util.List;

/** A client's fake TLS that says what it wants: protocols, a server name, much besides. */
public final class RoutedTls extends FakeTls {
  private final List<String> protocols;
  private final String name;
  private final int padding;

  /**
   * @param protocols best first; none for no ALPN extension
   * @param name empty for none
   * @param padding bytes in front of what is looked for, so that the message needs several packets
   */
  public RoutedTls(Sock sock, List<String> protocols, String name, int padding) {
    super(sock, false, TlsScript.plain());
    this.protocols = List.copyOf(protocols);
    this.name = name;
    this.padding = padding;
  }

  @Override
  protected byte[] clientHello(byte[] params) {
    return TlsMessages.clientHello(params, protocols, name, padding);
  }
}
