package dev.quic.handshaked.tls.libcrypto;

import java.util.Arrays;
import java.util.HexFormat;

/** What libcrypto must answer before a handshake is given to it. */
final class SelfTest {
  /** An ECDSA key of the RFC, and its signature of "sample" as r and s. */
  private record Signed(NativeGroup group, String x, String y, String hash, String r, String s) {}

  // RFC 7748 section 6.1.
  private static final String ALICE =
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
  private static final String ALICE_SHARE =
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  private static final String BOB_SHARE =
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
  private static final String X25519_SECRET =
      "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

  // The first of NIST's vectors for ECC CDH with P-256.
  private static final String P256_KEY =
      "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534";
  private static final String P256_PEER =
      "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
          + "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac";
  private static final String P256_SECRET =
      "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b";

  // RFC 6979 sections A.2.5 and A.2.6: "sample" with SHA-256 and SHA-384.
  private static final Signed P256 =
      new Signed(
          NativeGroup.P256,
          "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
          "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
          "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  private static final Signed P384 =
      new Signed(
          NativeGroup.P384,
          "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
              + "def8f0ea9055866064a254515480bc13",
          "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
              + "288b231c3ae0d4fe7344fd2533264720",
          "9a9083505bc92276aec4be312696ef7bf3bf603f4bbd381196a029f340585312"
              + "313bca4a9b5b890efee42c77b1ee25fe",
          "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
              + "81a648152e44acf96e36dd1e80fabe46",
          "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
              + "a329c145786e679e7b82c71a38628ac8");

  private SelfTest() {}

  /**
   * @throws UnsupportedOperationException when one answer is wrong
   */
  static void run(LibCrypto tested) {
    x25519();
    p256();
    for (NativeGroup group : NativeGroup.values()) {
      generated(tested, group);
    }
    signature(tested, P256);
    signature(tested, P384);
  }

  private static void x25519() {
    X25519Agreement alice = X25519Agreement.of(bytes(ALICE));
    try {
      check(Arrays.equals(alice.share(), bytes(ALICE_SHARE)), "an X25519 public key");
      check(Arrays.equals(alice.agree(bytes(BOB_SHARE)), bytes(X25519_SECRET)), "X25519");
      check(alice.agree(new byte[32]) == null, "an X25519 key of small order");
    } finally {
      alice.destroy();
    }
  }

  private static void p256() {
    EcKey key = EcKey.ofPrivate(NativeGroup.P256, bytes(P256_KEY));
    try {
      byte[] peer = bytes(P256_PEER);
      check(Arrays.equals(key.agree(peer), bytes(P256_SECRET)), "P-256");
      peer[64] ^= 1;
      check(key.agree(peer) == null, "a point beside P-256");
    } finally {
      key.destroy();
    }
  }

  /** Two new keys agree, and differ. */
  private static void generated(LibCrypto tested, NativeGroup group) {
    NativeAgreement one = tested.generate(group);
    NativeAgreement other = tested.generate(group);
    try {
      byte[] secret = one.agree(other.share());
      check(secret != null && Arrays.equals(secret, other.agree(one.share())), "new keys");
      check(!Arrays.equals(one.share(), other.share()), "random keys");
    } finally {
      one.destroy();
      other.destroy();
    }
  }

  private static void signature(LibCrypto tested, Signed vector) {
    byte[] point = bytes("04" + vector.x + vector.y);
    byte[] hash = bytes(vector.hash);
    byte[] der = der(vector);
    check(tested.verify(vector.group, point, hash, der), "a signature of " + vector.group);
    hash[0] ^= 1;
    check(!tested.verify(vector.group, point, hash, der), "a forgery of " + vector.group);
  }

  /** SEQUENCE of two INTEGERs, whose first bits are all set: a zero goes before them. */
  private static byte[] der(Signed vector) {
    int field = vector.group.fieldLength();
    HexFormat hex = HexFormat.of();
    String integer = "02" + hex.toHexDigits((byte) (field + 1)) + "00";
    String length = hex.toHexDigits((byte) (2 * (field + 3)));
    return bytes("30" + length + integer + vector.r + integer + vector.s);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static void check(boolean good, String what) {
    if (!good) {
      throw new UnsupportedOperationException(
          Functions.LIBRARY + " failed its test at " + what + "; use --crypto bc");
    }
  }
}
