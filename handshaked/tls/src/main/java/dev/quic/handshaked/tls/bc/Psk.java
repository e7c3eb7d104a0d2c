package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.session.TicketState;
import dev.quic.handshaked.tls.session.TlsSession;
import java.util.Arrays;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsSecret;

/** A pre-shared key for bctls, external or a ticket's. Holds its own copy of the key. */
final class Psk implements TlsPSKExternal {
  private final byte[] identity;
  private final byte[] key;
  private final int hash;
  private final boolean ticket;

  private Psk(byte[] identity, byte[] key, int hash, boolean ticket) {
    this.identity = identity;
    this.key = key;
    this.hash = hash;
    this.ticket = ticket;
  }

  static Psk of(ExternalPsk psk) {
    return new Psk(psk.identity().clone(), psk.key().clone(), hash(psk.hash()), false);
  }

  static Psk of(TlsSession session) {
    return new Psk(
        session.ticket().clone(), session.psk().clone(), Suites.hash(session.suite()), true);
  }

  static Psk of(byte[] identity, TicketState state) {
    return new Psk(identity, state.psk().clone(), Suites.hash(state.suite()), true);
  }

  static int hash(ExternalPsk.Hash hash) {
    return switch (hash) {
      case SHA256 -> CryptoHashAlgorithm.sha256;
      case SHA384 -> CryptoHashAlgorithm.sha384;
    };
  }

  /** {@code CryptoHashAlgorithm} of the suites it may be used with. */
  int hash() {
    return hash;
  }

  boolean isTicket() {
    return ticket;
  }

  byte[] key() {
    return key;
  }

  @Override
  public byte[] getIdentity() {
    return identity;
  }

  @Override
  public TlsSecret getKey() {
    return ticket
        ? new PskSecrets.TicketKey(QuicCrypto.SHARED, key.clone())
        : QuicCrypto.SHARED.createSecret(key);
  }

  @Override
  public int getPRFAlgorithm() {
    return hash == CryptoHashAlgorithm.sha384
        ? PRFAlgorithm.tls13_hkdf_sha384
        : PRFAlgorithm.tls13_hkdf_sha256;
  }

  void destroy() {
    Arrays.fill(key, (byte) 0);
  }
}
