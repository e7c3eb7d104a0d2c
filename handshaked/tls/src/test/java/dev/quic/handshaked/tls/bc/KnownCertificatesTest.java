package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KnownCertificatesTest {
  @Test
  void aPeersIsKnownWhenItsSignatureWasGood() throws Exception {
    LibCrypto library = LibCrypto.open();
    Credentials server = TestCertificates.CA.server(TestCertificates.HOST);
    byte[] der = server.leaf().getEncoded();

    // The server signs, but somebody changes a byte.
    run(server, library, true);
    assertThat(KnownCertificates.SHARED.get(der, library)).isNull();
    run(server, library, false);
    PeerCertificate known = KnownCertificates.SHARED.get(der, library);
    assertThat(known).isNotNull();
    run(server, library, false);
    run(server, null, false);
    assertThat(KnownCertificates.SHARED.get(der.clone(), library)).isSameAs(known);
    assertThat(KnownCertificates.SHARED.get(der, CryptoMode.BC.open())).isNotSameAs(known);
    der[der.length - 1] ^= 1;
    assertThat(KnownCertificates.SHARED.get(der, library)).isNull();
    // Known or not, a bad signature is one.
    run(server, library, true);
  }

  private static void run(Credentials server, @Nullable LibCrypto library, boolean forged) {
    TlsConfig.Client client = TestCertificates.client().withLibcrypto(library);
    EnginePair pair =
        new EnginePair(
                client,
                TestCertificates.serverConfig(server),
                Integer.MAX_VALUE,
                crypto -> List.of(forged ? damaged(crypto) : crypto))
            .run();
    assertThat(pair.bothComplete()).isEqualTo(!forged);
    pair.close();
  }

  /** A CertificateVerify with another last byte. */
  private static TlsEvent.Crypto damaged(TlsEvent.Crypto crypto) {
    byte[] bytes = crypto.bytes().clone();
    if (bytes[0] == 15) {
      bytes[bytes.length - 1] ^= 1;
    }
    return new TlsEvent.Crypto(crypto.level(), bytes);
  }

  @Test
  void countAndLengthAreBounded() throws Exception {
    KnownCertificates known = new KnownCertificates();
    PeerCertificate one = PeerCertificate.own(TestCertificates.SERVER.leaf().getEncoded());
    for (int i = 0; i < 2 * KnownCertificates.MAX_CERTIFICATES; i++) {
      known.add(new byte[] {(byte) i, (byte) (i >> 8)}, null, one);
    }
    assertThat(known.size()).isEqualTo(KnownCertificates.MAX_CERTIFICATES);
    KnownCertificates empty = new KnownCertificates();
    empty.add(new byte[KnownCertificates.MAX_BYTES + 1], null, one);
    assertThat(empty.size()).isZero();
  }
}
