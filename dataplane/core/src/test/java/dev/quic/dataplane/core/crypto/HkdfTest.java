package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** HMAC and HKDF are those of the RFCs and of the JDK's Mac; kept ciphers have forgotten. */
class HkdfTest {
  private static final byte[] NONE = {};
  private final Random random = new Random(5);

  private byte[] random(int length) {
    byte[] out = new byte[length];
    random.nextBytes(out);
    return out;
  }

  @Test
  void hmacAgreesWithTheJdksMac() throws Exception {
    for (Hash hash : Hash.values()) {
      Mac theirs = Mac.getInstance(hash == Hash.SHA256 ? "HmacSHA256" : "HmacSHA384");
      for (int i = 0; i < 200; i++) {
        byte[] key = random(1 + random.nextInt(200));
        Hmac ours = new Hmac(hash, key);
        theirs.init(new SecretKeySpec(key, "HMAC"));
        // The same object several times.
        for (int j = 0; j < 3; j++) {
          byte[] first = random(random.nextInt(80));
          byte[] second = random(random.nextInt(150));
          byte[] third = random(random.nextInt(3));
          theirs.update(first);
          theirs.update(second);
          byte[] out = new byte[hash.length()];
          ours.mac(first, second, third, out);
          assertThat(out).isEqualTo(theirs.doFinal(third));
        }
        ours.finish();
      }
    }
  }

  /** RFC 5869 appendices A.1 and A.3. */
  @Test
  void rfc5869() {
    HexFormat hex = HexFormat.of();
    byte[] ikm = new byte[22];
    Arrays.fill(ikm, (byte) 0x0b);
    byte[] prk = Hkdf.extract(Hash.SHA256, hex.parseHex("000102030405060708090a0b0c"), ikm);
    assertThat(Hkdf.expand(Hash.SHA256, prk, hex.parseHex("f0f1f2f3f4f5f6f7f8f9"), 42))
        .isEqualTo(
            hex.parseHex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                    + "34007208d5b887185865"));
    byte[] unsalted = Hkdf.extract(Hash.SHA256, NONE, ikm);
    assertThat(Hkdf.expand(Hash.SHA256, unsalted, NONE, 42))
        .isEqualTo(
            hex.parseHex(
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                    + "9d201395faa4b61a96c8"));
  }

  @Test
  void bothInitialDirectionsAtOnceAreTheSameAsOneByOne() {
    byte[] dcid = random(8);
    InitialSecrets.Both both = InitialSecrets.both(AeadProvider.JDK, QuicVersion.V1, dcid);
    for (boolean client : new boolean[] {true, false}) {
      PacketProtection seals = InitialSecrets.protection(QuicVersion.V1, dcid, client);
      PacketProtection opens = client ? both.client() : both.server();
      byte[] packet = new byte[100];
      packet[0] = (byte) 0xc3;
      seals.seal(packet, 0, 20, 84, 0);
      assertThat(opens.unprotect(packet, 0, 20, 100)).isEqualTo(4);
      assertThat(opens.open(packet, 0, 20, 4, 100, 0)).isEqualTo(60);
    }
  }

  @Test
  void aKeptCipherHasForgottenItsKey() throws Exception {
    byte[] block = random(16);
    Cipher cipher = Jce.ecb(new WipeableKey("AES", random(16)));
    byte[] before = cipher.update(block);
    Jce.give(cipher);
    Cipher zeros = Jce.ecb(new WipeableKey("AES", new byte[16]));
    assertThat(cipher.update(block)).isNotEqualTo(before).isEqualTo(zeros.update(block));
  }

  @Test
  void wipedHeaderProtectionMasksNothing() {
    HeaderMask mask = AeadProvider.JDK.mask(QuicCipher.AES_256_GCM, random(32));
    HeaderProtection header = new HeaderProtection(mask);
    header.destroy();
    header.destroy();
    assertThat(header.isDestroyed()).isTrue();
    assertThatThrownBy(() -> mask.masks(new byte[16], new byte[16], 1))
        .isInstanceOf(IllegalStateException.class);
  }
}
