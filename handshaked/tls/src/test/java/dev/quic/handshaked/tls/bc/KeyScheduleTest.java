package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.bouncycastle.tls.crypto.CryptoHashAlgorithm;
import org.bouncycastle.tls.crypto.TlsCryptoUtils;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.junit.jupiter.api.Test;

/** The handshake of RFC 8448 section 4, which resumes that of section 3 with early data. */
class KeyScheduleTest {
  private static final int SHA256 = CryptoHashAlgorithm.sha256;

  /** Bytes of the ClientHello's binders list: u16, u8, 32. */
  private static final int BINDERS = 35;

  private static final byte[] MASTER =
      hex("18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919");
  private static final byte[] RESUMPTION_MASTER =
      hex("7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c");
  private static final byte[] PSK =
      hex("4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3");

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] clientHello() throws IOException {
    try (var in = KeyScheduleTest.class.getResourceAsStream("/rfc8448/resumed-client-hello.hex")) {
      String text =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
      return hex(text.replaceAll("\\s", ""));
    }
  }

  @Test
  void resumptionMasterSecret() throws IOException {
    byte[] transcript = hex("209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d");
    TlsSecret master = QuicCrypto.SHARED.createSecret(MASTER.clone());
    assertThat(KeySchedule.resumptionMaster(master, SHA256, transcript))
        .isEqualTo(RESUMPTION_MASTER);
  }

  @Test
  void keyOfTheTicket() throws IOException {
    assertThat(KeySchedule.ticketPsk(RESUMPTION_MASTER.clone(), SHA256, new byte[2]))
        .isEqualTo(PSK);
  }

  @Test
  void clientEarlyTrafficSecret() throws IOException {
    Transcript transcript = new Transcript();
    transcript.add(clientHello());
    transcript.begin(SHA256, false);
    assertThat(transcript.hash())
        .isEqualTo(hex("08ad0fa05d7c7233b1775ba2ff9f4c5b8b59276b7f227f13a976245f5d960913"));
    assertThat(KeySchedule.earlyTraffic(PSK.clone(), SHA256, transcript.hash()))
        .isEqualTo(hex("3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62"));
  }

  /** What bctls makes of a ticket's key under the label of an external one is a ticket's binder. */
  @Test
  void binder() throws IOException {
    byte[] hello = clientHello();
    TlsSecret early =
        new PskSecrets.Salt(QuicCrypto.SHARED, new byte[32])
            .hkdfExtract(SHA256, new PskSecrets.TicketKey(QuicCrypto.SHARED, PSK.clone()));
    byte[] empty = KeySchedule.digest(SHA256).digest();
    TlsSecret binderKey = TlsCryptoUtils.hkdfExpandLabel(early, SHA256, "ext binder", empty, 32);
    assertThat(KeySchedule.bytes(binderKey))
        .isEqualTo(hex("69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256"));
    TlsSecret finished =
        TlsCryptoUtils.hkdfExpandLabel(binderKey, SHA256, "finished", new byte[0], 32);
    byte[] truncated = Arrays.copyOf(hello, hello.length - BINDERS);
    byte[] mac =
        finished.calculateHMAC(SHA256, KeySchedule.digest(SHA256).digest(truncated), 0, 32);
    assertThat(mac).isEqualTo(Arrays.copyOfRange(hello, hello.length - 32, hello.length));
  }

  @Test
  void binderOfAnExternalKeyStaysOne() throws IOException {
    TlsSecret early =
        new PskSecrets.Salt(QuicCrypto.SHARED, new byte[32])
            .hkdfExtract(SHA256, QuicCrypto.SHARED.createSecret(PSK.clone()));
    byte[] empty = KeySchedule.digest(SHA256).digest();
    assertThat(
            KeySchedule.bytes(
                TlsCryptoUtils.hkdfExpandLabel(early, SHA256, "ext binder", empty, 32)))
        .isNotEqualTo(hex("69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256"));
  }
}
