package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsSecret;
import org.junit.jupiter.api.Test;

/** HMAC and HKDF on the JDK's digests are those of the RFCs and of Bouncy Castle. */
class HmacTest {
  private static final int SHA256 = CryptoHashAlgorithm.sha256;
  private static final int SHA384 = CryptoHashAlgorithm.sha384;

  private final Random random = new Random(17);

  private byte[] random(int length) {
    byte[] out = new byte[length];
    random.nextBytes(out);
    return out;
  }

  @Test
  void agreesWithTheJdksMac() throws Exception {
    for (int hash : new int[] {SHA256, SHA384}) {
      Mac theirs = Mac.getInstance(hash == SHA256 ? "HmacSHA256" : "HmacSHA384");
      Hmac ours = Objects.requireNonNull(Hmac.of(hash));
      assertThat(ours.length()).isEqualTo(theirs.getMacLength());
      // Around both block sizes: longer keys are hashed first.
      for (int i = 0; i < 300; i++) {
        byte[] key = random(1 + random.nextInt(200));
        byte[] first = random(random.nextInt(100));
        byte[] second = random(random.nextInt(200));
        theirs.init(new SecretKeySpec(key, "HMAC"));
        theirs.update(first);
        byte[] expected = theirs.doFinal(second);
        byte[] out = new byte[ours.length() + 3];
        ours.mac(key, first, second, out, 3);
        assertThat(Arrays.copyOfRange(out, 3, out.length)).isEqualTo(expected);
      }
    }
  }

  @Test
  void hasNothingButShaTwo() {
    assertThat(Hmac.of(CryptoHashAlgorithm.sha512)).isNull();
  }

  /** RFC 5869 appendix A.1. */
  @Test
  void rfc5869() {
    HexFormat hex = HexFormat.of();
    TlsSecret salt = QuicCrypto.SHARED.createSecret(hex.parseHex("000102030405060708090a0b0c"));
    byte[] ikm = new byte[22];
    Arrays.fill(ikm, (byte) 0x0b);
    TlsSecret prk = salt.hkdfExtract(SHA256, QuicCrypto.SHARED.createSecret(ikm));
    assertThat(prk.hkdfExpand(SHA256, hex.parseHex("f0f1f2f3f4f5f6f7f8f9"), 42).extract())
        .isEqualTo(
            hex.parseHex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                    + "34007208d5b887185865"));
    assertThat(salt.isAlive()).isFalse();
  }

  @Test
  void derivesWhatBouncyCastleDerives() {
    for (int hash : new int[] {SHA256, SHA384, CryptoHashAlgorithm.sha512}) {
      for (int length : new int[] {0, 1, 31, 32, 33, 48, 64, 100, 500}) {
        byte[] key = random(32);
        byte[] info = random(40);
        TlsSecret ours = QuicCrypto.SHARED.createSecret(key);
        TlsSecret theirs = new BcTlsSecret(QuicCrypto.SHARED, key.clone());
        assertThat(ours.hkdfExpand(hash, info, length).extract())
            .isEqualTo(theirs.hkdfExpand(hash, info, length).extract());
        assertThat(ours.calculateHMAC(hash, info, 3, 30))
            .isEqualTo(theirs.calculateHMAC(hash, info, 3, 30));
        byte[] ikm = random(48);
        TlsSecret expected =
            theirs.hkdfExtract(hash, new BcTlsSecret(QuicCrypto.SHARED, ikm.clone()));
        // Of our own kind, and of a key exchange of Bouncy Castle's.
        TlsSecret again = QuicCrypto.SHARED.createSecret(key);
        byte[] wanted = expected.extract();
        assertThat(ours.hkdfExtract(hash, QuicCrypto.SHARED.createSecret(ikm)).extract())
            .isEqualTo(wanted);
        assertThat(again.hkdfExtract(hash, new BcTlsSecret(QuicCrypto.SHARED, ikm)).extract())
            .isEqualTo(wanted);
      }
    }
  }

  @Test
  void aSecretThatIsUsedUpSaysSo() {
    TlsSecret secret = QuicCrypto.SHARED.createSecret(random(32));
    secret.destroy();
    assertThatThrownBy(() -> secret.hkdfExpand(SHA256, new byte[3], 32))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> secret.calculateHMAC(SHA256, new byte[3], 0, 3))
        .isInstanceOf(IllegalStateException.class);
  }
}
