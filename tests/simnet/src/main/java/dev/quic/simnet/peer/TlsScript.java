package dev.quic.simnet.peer;

import dev.quic.uapi.QuicUapi;

/**
 * How a fake TLS behaves.
 *
 * @param cipher {@code TLS_CIPHER_*}
 * @param flightBytes size of the server's Certificate message
 * @param grant whether handshake messages are read as a handshake grant reads them
 * @param secretsFirst whether the client installs its 1-RTT secrets before it sends Finished, as
 *     the kernel's selftest does; the order is then the core's duty
 * @param earlyAppSend whether the server installs its 1-RTT send secret with its flight
 * @param ticket whether the server sends a NewSessionTicket
 * @param early whether a client offers 0-RTT, and a server takes it
 */
public record TlsScript(
    int cipher,
    int flightBytes,
    boolean grant,
    boolean secretsFirst,
    boolean earlyAppSend,
    boolean ticket,
    boolean early) {

  public static TlsScript plain() {
    return new TlsScript(QuicUapi.TLS_CIPHER_AES_GCM_128, 2_500, false, false, true, false, false);
  }

  public TlsScript withFlight(int bytes) {
    return new TlsScript(cipher, bytes, grant, secretsFirst, earlyAppSend, ticket, early);
  }

  public TlsScript withCipher(int c) {
    return new TlsScript(c, flightBytes, grant, secretsFirst, earlyAppSend, ticket, early);
  }

  public TlsScript withEarly(boolean offersOrTakes) {
    return new TlsScript(
        cipher, flightBytes, grant, secretsFirst, earlyAppSend, ticket, offersOrTakes);
  }

  /** With handshake messages read as a handshake grant reads them. */
  public TlsScript granted() {
    return new TlsScript(cipher, flightBytes, true, secretsFirst, earlyAppSend, ticket, early);
  }
}
