package dev.quic.handshaked.tls.bc;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * bctls takes every pre-shared key for an external one and derives its binder key under "ext
 * binder". A ticket's key says so from here on: the secret extracted from it expands "res binder"
 * in that place (RFC 8446 section 7.1; both labels have the same length).
 */
final class PskSecrets {
  private static final byte[] EXTERNAL = "tls13 ext binder".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] RESUMPTION = "tls13 res binder".getBytes(StandardCharsets.US_ASCII);

  private PskSecrets() {}

  /** The key of a ticket. */
  static final class TicketKey extends HkdfSecret {
    TicketKey(BcTlsCrypto crypto, byte[] data) {
      super(crypto, data);
    }
  }

  /** The zeros that HKDF-Extract begins with. */
  static final class Salt extends HkdfSecret {
    Salt(BcTlsCrypto crypto, byte[] data) {
      super(crypto, data);
    }

    @Override
    public synchronized TlsSecret hkdfExtract(int cryptoHashAlgorithm, TlsSecret ikm) {
      TlsSecret early = super.hkdfExtract(cryptoHashAlgorithm, ikm);
      return ikm instanceof TicketKey ? new TicketEarlySecret(crypto, early.extract()) : early;
    }
  }

  /** The early secret of a ticket's key. */
  private static final class TicketEarlySecret extends HkdfSecret {
    TicketEarlySecret(BcTlsCrypto crypto, byte[] data) {
      super(crypto, data);
    }

    @Override
    public synchronized TlsSecret hkdfExpand(int cryptoHashAlgorithm, byte[] info, int length) {
      return super.hkdfExpand(cryptoHashAlgorithm, relabelled(info), length);
    }

    private static byte[] relabelled(byte[] info) {
      // HkdfLabel: u16 length, u8 length of the label, label, u8 length of the context, context.
      int at = 3;
      if (info.length < at + EXTERNAL.length || (info[2] & 0xff) != EXTERNAL.length) {
        return info;
      }
      for (int i = 0; i < EXTERNAL.length; i++) {
        if (info[at + i] != EXTERNAL[i]) {
          return info;
        }
      }
      byte[] changed = info.clone();
      System.arraycopy(RESUMPTION, 0, changed, at, RESUMPTION.length);
      return changed;
    }
  }
}
