package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 9001 appendix A and RFC 9369 appendix A. */
class PacketProtectionVectorsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] DCID = HEX.parseHex("8394c8f03e515708");

  private static byte[] vector(QuicVersion version, String name) {
    String file = version == QuicVersion.V1 ? "rfc9001-a.properties" : "rfc9369-a.properties";
    Properties p = new Properties();
    try (InputStream in = PacketProtectionVectorsTest.class.getResourceAsStream(file)) {
      p.load(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return HEX.parseHex(Objects.requireNonNull(p.getProperty(name)));
  }

  @Test
  void initialSecretsOfVersion1() {
    byte[] initial = Hkdf.extract(Hash.SHA256, QuicVersion.V1.salt(), DCID);
    assertThat(HEX.formatHex(initial))
        .isEqualTo("7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44");
    byte[] client = Hkdf.expandLabel(Hash.SHA256, initial, "client in", 32);
    assertThat(HEX.formatHex(client))
        .isEqualTo("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
    assertThat(HEX.formatHex(Hkdf.expandLabel(Hash.SHA256, client, "quic key", 16)))
        .isEqualTo("1f369613dd76d5467730efcbe3b1a22d");
    assertThat(HEX.formatHex(Hkdf.expandLabel(Hash.SHA256, client, "quic iv", 12)))
        .isEqualTo("fa044b2f42a3fd3b46fb255c");
    assertThat(HEX.formatHex(Hkdf.expandLabel(Hash.SHA256, client, "quic hp", 16)))
        .isEqualTo("9f50449e04a0e810283a1e9933adedd2");
  }

  @ParameterizedTest
  @EnumSource(QuicVersion.class)
  void clientInitial(QuicVersion version) {
    byte[] header = vector(version, "client.header");
    byte[] crypto = vector(version, "client.crypto");
    byte[] packet = Arrays.copyOf(header, 1_200);
    System.arraycopy(crypto, 0, packet, header.length, crypto.length);
    byte[] plain = packet.clone();
    InitialSecrets.protection(version, DCID, true).seal(packet, 0, 18, 1_184, 2);
    assertThat(packet).isEqualTo(vector(version, "client.packet"));

    PacketProtection open = InitialSecrets.protection(version, DCID, true);
    assertThat(open.unprotect(packet, 0, 18, 1_200)).isEqualTo(4);
    assertThat(PacketProtection.decodePn(packet, 18, 4, -1)).isEqualTo(2);
    assertThat(open.open(packet, 0, 18, 4, 1_200, 2)).isEqualTo(1_162);
    assertThat(Arrays.copyOf(packet, 1_184)).isEqualTo(Arrays.copyOf(plain, 1_184));
  }

  @ParameterizedTest
  @EnumSource(QuicVersion.class)
  void serverInitial(QuicVersion version) {
    byte[] header = vector(version, "server.header");
    byte[] payload = vector(version, "server.payload");
    byte[] packet = Arrays.copyOf(header, header.length + payload.length + 16);
    System.arraycopy(payload, 0, packet, header.length, payload.length);
    InitialSecrets.protection(version, DCID, false)
        .seal(packet, 0, 18, header.length + payload.length, 1);
    assertThat(packet).isEqualTo(vector(version, "server.packet"));
  }

  @ParameterizedTest
  @EnumSource(QuicVersion.class)
  void retry(QuicVersion version) {
    byte[] packet = vector(version, "retry.packet");
    assertThat(RetryTag.compute(version, DCID, packet, 0, packet.length - 16))
        .isEqualTo(Arrays.copyOfRange(packet, packet.length - 16, packet.length));
    assertThat(RetryTag.verify(version, DCID, packet, 0, packet.length)).isTrue();
    for (int i = 0; i < packet.length; i++) {
      packet[i] ^= 0x10;
      assertThat(RetryTag.verify(version, DCID, packet, 0, packet.length)).isFalse();
      packet[i] ^= 0x10;
    }
    assertThat(RetryTag.verify(version, new byte[8], packet, 0, packet.length)).isFalse();
    assertThat(RetryTag.verify(version, DCID, packet, 0, 15)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "V1, 4cfe4189655e5cd55c41f69080575d7999c25a5bfb",
    "V2, 5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba"
  })
  void chachaShortHeader(QuicVersion version, String expected) {
    byte[] secret =
        HEX.parseHex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
    byte[] packet = Arrays.copyOf(HEX.parseHex("4200bff401"), 21);
    PacketProtection p = PacketProtection.of(QuicCipher.CHACHA20_POLY1305, version, secret);
    p.seal(packet, 0, 1, 5, 654_360_564);
    assertThat(HEX.formatHex(packet)).isEqualTo(expected);

    assertThat(p.unprotect(packet, 0, 1, 21)).isEqualTo(3);
    long pn = PacketProtection.decodePn(packet, 1, 3, 654_360_000);
    assertThat(pn).isEqualTo(654_360_564);
    assertThat(p.open(packet, 0, 1, 3, 21, pn)).isEqualTo(1);
    assertThat(packet[4]).isEqualTo((byte) 1);
  }

  @Test
  void keyUpdateSecret() {
    byte[] secret =
        HEX.parseHex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
    assertThat(HEX.formatHex(Hkdf.expandLabel(Hash.SHA256, secret, QuicVersion.V1.label("ku"), 32)))
        .isEqualTo("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9");
  }
}
