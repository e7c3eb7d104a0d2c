package dev.quic.dataplane.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TransportParamsTest {
  private static final HexFormat HEX = HexFormat.of();

  static List<String> traces() throws IOException {
    try (InputStream in = TransportParamsTest.class.getResourceAsStream("tlshd-ext.txt")) {
      String text =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
      return text.lines().filter(l -> !l.startsWith("#")).toList();
    }
  }

  private static TransportParamError parse(byte[] b, boolean fromServer, TransportParams into) {
    return TransportParams.parse(b, 0, b.length, fromServer, into);
  }

  private static byte[] build(TransportParams p, boolean server) {
    byte[] buf = new byte[512];
    int n = p.build(server, buf, 0, 512);
    assertThat(n).isNotNegative();
    return Arrays.copyOf(buf, n);
  }

  /** What the kernel built with default settings is rebuilt byte for byte from our defaults. */
  @ParameterizedTest
  @MethodSource("traces")
  void kernelBlobs(String line) {
    String[] field = line.split(" ");
    boolean server = field[1].equals("server");
    byte[] blob = HEX.parseHex(field[2]);
    TransportParams p = new TransportParams();
    assertThat(parse(blob, server, p)).isEqualTo(TransportParamError.NONE);
    assertThat(build(p, server)).isEqualTo(blob);

    TransportParams ours = TransportParams.localDefaults();
    ours.availableVersions = TransportParams.KERNEL_VERSIONS;
    ours.initialSourceId = p.initialSourceId;
    ours.originalDestId = p.originalDestId;
    assertThat(build(ours, server)).isEqualTo(blob);
    assertThat(p.maxIdleTimeout).isEqualTo(30_000_000_000L);
    assertThat(p.maxData).isEqualTo(65_535 * 32);
    assertThat(p.originalDestId != null).isEqualTo(server);
  }

  private static TransportParams full(Random random) {
    TransportParams p = new TransportParams();
    p.disableActiveMigration = random.nextBoolean();
    p.greaseQuicBit = random.nextBoolean();
    p.disable1rttEncryption = random.nextBoolean();
    p.activeConnIdLimit = 2 + random.nextInt(100);
    p.ackDelayExponent = random.nextInt(21);
    p.maxDatagramFrameSize = random.nextInt(3) * 1_000L;
    p.maxUdpPayloadSize = 1_200 + random.nextInt(64_000);
    p.maxIdleTimeout = random.nextInt(100) * 1_000_000L;
    p.maxAckDelay = random.nextInt(16_384) * 1_000_000L;
    p.maxStreamsBidi = random.nextLong() >>> 4;
    p.maxStreamsUni = random.nextInt(100);
    p.maxData = random.nextLong() >>> 2;
    p.maxStreamDataBidiLocal = random.nextLong() >>> 2;
    p.maxStreamDataBidiRemote = random.nextLong() >>> 30;
    p.maxStreamDataUni = random.nextLong() >>> 50;
    p.initialSourceId = ConnId.of(new byte[random.nextInt(21)]);
    p.originalDestId = ConnId.of(new byte[8 + random.nextInt(13)]);
    p.retrySourceId = random.nextBoolean() ? ConnId.ofKey(random.nextLong()) : null;
    p.statelessReset = true;
    p.resetToken = new byte[16];
    random.nextBytes(p.resetToken);
    if (random.nextBoolean()) {
      p.preferredAddress =
          new PreferredAddress(
              random.nextBoolean() ? SockAddr.v4(random.nextInt() | 1, 443) : null,
              SockAddr.v6(random.nextLong(), random.nextLong() | 1, 444, 0),
              ConnId.ofKey(random.nextLong()),
              new byte[16]);
    }
    p.chosenVersion = 1;
    p.availableVersions = new int[] {1, 0x1a2a3a4a};
    return p;
  }

  @Test
  void everythingComesBack() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      TransportParams p = full(random);
      TransportParams q = new TransportParams();
      assertThat(parse(build(p, true), true, q)).isEqualTo(TransportParamError.NONE);
      q.statelessReset = true;
      assertThat(q).usingRecursiveComparison().isEqualTo(p);
    }
  }

  /** Whatever a peer writes, parsing answers with an error or a result that can be built again. */
  @Test
  void mutationsNeverThrow() {
    Random random = new Random(2);
    for (int i = 0; i < 20_000; i++) {
      byte[] b = build(full(random), true);
      for (int n = random.nextInt(4); n >= 0; n--) {
        b[random.nextInt(b.length)] = (byte) random.nextInt();
      }
      b = Arrays.copyOf(b, random.nextInt(4) == 0 ? random.nextInt(b.length + 1) : b.length);
      TransportParams p = new TransportParams();
      if (parse(b, random.nextInt(5) > 0, p) == TransportParamError.NONE) {
        assertThat(p.build(true, new byte[1_024], 0, 1_024)).isNotNegative();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // id, length, value; from a server where the last column says so
    "0401050401 06, DUPLICATE, true",
    "040105040106, DUPLICATE, true",
    "4abc00 4abc00, DUPLICATE, true",
    "04, TRUNCATED, true",
    "0402 05, TRUNCATED, true",
    "c0, TRUNCATED, true",
    "04024005 0f00, NONE, true",
    "040305, TRUNCATED, true",
    "04020505, BAD_LENGTH, true",
    "0400, BAD_LENGTH, true",
    "00080102030405060708, SERVER_ONLY, false",
    "0210000102030405060708090a0b0c0d0e0f, SERVER_ONLY, false",
    "1000, SERVER_ONLY, false",
    "0d00, SERVER_ONLY, false",
    "020f000102030405060708090a0b0c0d0e, BAD_LENGTH, true",
    "030244af, BAD_VALUE, true",
    "030244b0, NONE, true",
    "0a0115, BAD_VALUE, true",
    "0a0114, NONE, true",
    "0b0480004000, BAD_VALUE, true",
    "0b027fff, NONE, true",
    "0e0101, BAD_VALUE, true",
    "0e0102, NONE, true",
    "0e0109, NONE, true",
    "0808d000000000000001, BAD_VALUE, true",
    "0808d000000000000000, NONE, true",
    "0908ffffffffffffffff, BAD_VALUE, true",
    "0c0100, BAD_LENGTH, true",
    "0c00, NONE, true",
    "6ab200, NONE, true",
    "6ab20100, BAD_LENGTH, false",
    "8000baad0100, NONE, false",
    "8000baad0100, BAD_LENGTH, true",
    "0f15000102030405060708090a0b0c0d0e0f1011121314, BAD_LENGTH, true",
    "1100, BAD_LENGTH, true",
    "110500000001 00, BAD_LENGTH, true",
    "110400000001, NONE, true",
    "110400000001, BAD_VALUE, false",
    "11080000000100000001, NONE, false",
    "110800000001 6b3343cf, BAD_VALUE, false",
    "11080000000100000000, BAD_VALUE, true",
    "110400000000, BAD_VALUE, true",
    "0108ffffffffffffffff, NONE, true",
    "010103, NONE, true",
    "200101, NONE, true",
    "1b 03 010203, NONE, true",
  })
  void validation(String hex, TransportParamError expected, boolean fromServer) {
    byte[] b = HEX.parseHex(hex.replace(" ", ""));
    assertThat(parse(b, fromServer, new TransportParams())).isEqualTo(expected);
  }

  @Test
  void preferredAddressNeedsAnIdAndItsExactLength() {
    String head = "0d";
    String addresses = "7f000001" + "01bb" + "00".repeat(16) + "0000";
    String token = "11".repeat(16);
    TransportParams p = new TransportParams();
    assertThat(parse(HEX.parseHex(head + "2d" + addresses + "04" + "01020304" + token), true, p))
        .isEqualTo(TransportParamError.NONE);
    PreferredAddress a = Objects.requireNonNull(p.preferredAddress);
    assertThat(a.v4()).isEqualTo(SockAddr.v4(0x7f000001, 443));
    assertThat(a.v6()).isNull();
    assertThat(a.id()).hasToString("01020304");
    for (String bad :
        List.of(
            "29" + addresses + "00" + token,
            "2c" + addresses + "04" + "010203" + token,
            "18" + addresses,
            "3e" + addresses + "15" + "00".repeat(21) + token)) {
      assertThat(parse(HEX.parseHex(head + bad), true, new TransportParams()))
          .isIn(TransportParamError.BAD_LENGTH, TransportParamError.BAD_VALUE);
    }
  }

  /** RFC 9000 section 18.2: what is for servers is not written by a client, whatever is set. */
  @Test
  void clientsSendNoServerParameters() {
    TransportParams p = TransportParams.localDefaults();
    p.statelessReset = true;
    p.resetToken = new byte[16];
    p.originalDestId = ConnId.ofKey(1);
    p.retrySourceId = ConnId.ofKey(2);
    p.preferredAddress = new PreferredAddress(null, null, ConnId.ofKey(3), new byte[16]);
    byte[] out = new byte[512];
    int n = p.build(false, out, 0, out.length);
    TransportParams read = new TransportParams();
    assertThat(TransportParams.parse(out, 0, n, false, read)).isEqualTo(TransportParamError.NONE);
    n = p.build(true, out, 0, out.length);
    assertThat(TransportParams.parse(out, 0, n, false, new TransportParams()))
        .isEqualTo(TransportParamError.SERVER_ONLY);
  }

  @Test
  void idsAreCompared() {
    ConnId source = ConnId.ofKey(1);
    ConnId original = ConnId.ofKey(2);
    ConnId retry = ConnId.ofKey(3);
    TransportParams p = new TransportParams();
    assertThat(p.checkIds(false, source, original, null))
        .isEqualTo(TransportParamError.INITIAL_SOURCE_ID);
    p.initialSourceId = source;
    assertThat(p.checkIds(false, source, original, null)).isEqualTo(TransportParamError.NONE);
    assertThat(p.checkIds(false, original, original, null))
        .isEqualTo(TransportParamError.INITIAL_SOURCE_ID);
    assertThat(p.checkIds(true, source, original, null))
        .isEqualTo(TransportParamError.ORIGINAL_DESTINATION_ID);
    p.originalDestId = original;
    assertThat(p.checkIds(true, source, original, null)).isEqualTo(TransportParamError.NONE);
    assertThat(p.checkIds(true, source, original, retry))
        .isEqualTo(TransportParamError.RETRY_SOURCE_ID);
    p.retrySourceId = retry;
    assertThat(p.checkIds(true, source, original, retry)).isEqualTo(TransportParamError.NONE);
    assertThat(p.checkIds(true, source, original, null))
        .isEqualTo(TransportParamError.RETRY_SOURCE_ID);
  }

  @Test
  void errorsHaveCodes() {
    assertThat(TransportParamError.NONE.transportError()).isZero();
    assertThat(TransportParamError.DUPLICATE.transportError()).isEqualTo(0x8);
    assertThat(TransportParamError.VERSION.transportError()).isEqualTo(0x11);
    assertThat(TransportParamError.LOWERED_LIMIT.transportError()).isEqualTo(0xa);
    assertThat(TransportParamError.VERSION.errno()).isEqualTo(-Errno.EPROTONOSUPPORT);
    assertThat(TransportParamError.SERVER_ONLY.errno()).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void versionMustBeTheOneInUse() {
    TransportParams p = new TransportParams();
    assertThat(p.checkVersion(1)).isEqualTo(TransportParamError.NONE);
    p.chosenVersion = 1;
    assertThat(p.checkVersion(1)).isEqualTo(TransportParamError.NONE);
    assertThat(p.checkVersion(0x6b3343cf)).isEqualTo(TransportParamError.VERSION);
  }

  @Test
  void loweredLimitsShow() {
    TransportParams old = TransportParams.localDefaults();
    TransportParams now = old.copySettings();
    assertThat(now.checkNotLowered(old)).isEqualTo(TransportParamError.NONE);
    now.maxData--;
    assertThat(now.checkNotLowered(old)).isEqualTo(TransportParamError.LOWERED_LIMIT);
  }

  @Test
  void idleTimeoutIsTheSmallerOne() {
    TransportParams a = new TransportParams();
    TransportParams b = new TransportParams();
    assertThat(TransportParams.effectiveIdleTimeout(a, b)).isZero();
    a.maxIdleTimeout = 5;
    assertThat(TransportParams.effectiveIdleTimeout(a, b)).isEqualTo(5);
    b.maxIdleTimeout = 3;
    assertThat(TransportParams.effectiveIdleTimeout(a, b)).isEqualTo(3);
  }

  @Test
  void smallBufferIsAnErrno() {
    TransportParams p = TransportParams.localDefaults();
    p.initialSourceId = ConnId.ofKey(1);
    for (int n = 0; n < 61; n++) {
      assertThat(p.build(false, new byte[100], 0, n)).isEqualTo(-Errno.EMSGSIZE);
    }
    p.maxData = -1;
    assertThat(p.build(false, new byte[100], 0, 100)).isEqualTo(-Errno.EINVAL);
  }
}
