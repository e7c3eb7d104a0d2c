package dev.quic.handshaked.tls.libcrypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.CryptoMode;
import java.math.BigInteger;
import java.util.Objects;
import java.util.Random;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Needs OpenSSL 3, Debian's {@code libssl3}. */
final class LibCryptoTest {
  private static final int SEEDS = 1_000;

  private final LibCrypto library = LibCrypto.open();

  @Test
  void isThereAndSaysItsVersion() {
    assertThat(library.version()).startsWith("OpenSSL 3.");
    assertThat(CryptoMode.name(CryptoMode.AUTO.open())).isEqualTo(library.version());
    assertThat(CryptoMode.BC.open()).isNull();
    assertThat(CryptoMode.name(null)).isEqualTo("bc");
    assertThat(CryptoMode.parse("LibCrypto")).isEqualTo(CryptoMode.LIBCRYPTO);
    assertThatThrownBy(() -> CryptoMode.parse("openssl"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void x25519AgreesWithBouncyCastle() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      byte[] scalar = bytes(random, 32);
      byte[] peer = bytes(random, 32);
      byte[] share = new byte[32];
      X25519.generatePublicKey(scalar, 0, share, 0);
      byte[] secret = new byte[32];
      boolean good = X25519.calculateAgreement(scalar, 0, peer, 0, secret, 0);

      X25519Agreement ours = X25519Agreement.of(scalar);
      assertThat(ours.share()).as("seed %d", seed).isEqualTo(share);
      assertThat(ours.agree(peer)).as("seed %d", seed).isEqualTo(good ? secret : null);
      ours.destroy();
    }
  }

  @Test
  void x25519RefusesWhatGivesZero() {
    NativeAgreement ours = library.generate(NativeGroup.X25519);
    byte[] one = new byte[32];
    one[0] = 1;
    // p and p + 1: zero and one again, written otherwise.
    byte[] p = new byte[32];
    java.util.Arrays.fill(p, (byte) 0xff);
    p[0] = (byte) 0xed;
    p[31] = 0x7f;
    byte[] next = p.clone();
    next[0] = (byte) 0xee;
    for (byte[] peer : new byte[][] {new byte[32], one, p, next, new byte[31], new byte[33], {}}) {
      assertThat(ours.agree(peer)).isNull();
    }
    ours.destroy();
  }

  @ParameterizedTest
  @EnumSource(
      value = NativeGroup.class,
      names = {"P256", "P384"})
  void ecdhAgreesWithBouncyCastle(NativeGroup group) {
    ECDomainParameters curve = curve(group);
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      BigInteger d = scalar(random, curve);
      BigInteger other = scalar(random, curve);
      byte[] peer = curve.getG().multiply(other).getEncoded(false);
      BigInteger x =
          curve
              .getG()
              .multiply(other.multiply(d).mod(curve.getN()))
              .normalize()
              .getAffineXCoord()
              .toBigInteger();

      EcKey ours = EcKey.ofPrivate(group, BigIntegers.asUnsignedByteArray(group.fieldLength(), d));
      assertThat(ours.agree(peer))
          .as("seed %d", seed)
          .isEqualTo(BigIntegers.asUnsignedByteArray(group.fieldLength(), x));
      peer[1 + random.nextInt(peer.length - 1)] ^= (byte) (1 << random.nextInt(8));
      assertThat(ours.agree(peer)).as("seed %d", seed).isNull();
      ours.destroy();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = NativeGroup.class,
      names = {"P256", "P384"})
  void ecdhRefusesWhatIsNoShare(NativeGroup group) {
    NativeAgreement ours = library.generate(group);
    byte[] good = library.generate(group).share();
    byte[] compressed = curve(group).getCurve().decodePoint(good).getEncoded(true);
    byte[] hybrid = good.clone();
    hybrid[0] = (byte) (6 + (good[good.length - 1] & 1));
    byte[] zeros = new byte[good.length];
    zeros[0] = 4;
    byte[][] bad = {{}, {0}, compressed, hybrid, zeros, java.util.Arrays.copyOf(good, 40)};
    for (byte[] peer : bad) {
      assertThat(ours.agree(peer)).isNull();
    }
    assertThat(ours.agree(good)).hasSize(group.fieldLength());
    ours.destroy();
    assertThat(ours.isDestroyed()).isTrue();
    assertThatThrownBy(() -> ours.agree(good)).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = NativeGroup.class,
      names = {"P256", "P384"})
  void signaturesAreGoodForBoth(NativeGroup group) throws Exception {
    ECDomainParameters curve = curve(group);
    for (int seed = 0; seed < SEEDS / 4; seed++) {
      Random random = new Random(seed);
      BigInteger d = scalar(random, curve);
      ECPublicKeyParameters key = new ECPublicKeyParameters(curve.getG().multiply(d), curve);
      byte[] point = key.getQ().getEncoded(random.nextBoolean());
      byte[] hash = bytes(random, group.fieldLength());

      byte[] scalar = BigIntegers.asUnsignedByteArray(group.fieldLength(), d);
      BigInteger[] ours =
          StandardDSAEncoding.INSTANCE.decode(curve.getN(), library.sign(group, scalar, hash));
      ECDSASigner theirs = new ECDSASigner();
      theirs.init(false, key);
      assertThat(theirs.verifySignature(hash, ours[0], ours[1])).as("seed %d", seed).isTrue();

      ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
      signer.init(true, new ECPrivateKeyParameters(d, curve));
      BigInteger[] rs = signer.generateSignature(hash);
      byte[] der = StandardDSAEncoding.INSTANCE.encode(curve.getN(), rs[0], rs[1]);
      assertThat(library.verify(group, point, hash, der)).as("seed %d", seed).isTrue();
      der[random.nextInt(der.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(library.verify(group, point, hash, der)).as("seed %d", seed).isFalse();
    }
  }

  @Test
  void malformedKeysAndSignatures() {
    byte[] hash = new byte[32];
    byte[] point = library.generate(NativeGroup.P256).share();
    for (byte[] signature : new byte[][] {{}, {0x30}, {0x30, 0}, new byte[70], new byte[5_000]}) {
      assertThat(library.verify(NativeGroup.P256, point, hash, signature)).isFalse();
    }
    byte[] beside = point.clone();
    beside[64] ^= 1;
    for (byte[] bad : new byte[][] {{}, {0}, {4}, new byte[65], beside}) {
      assertThatThrownBy(() -> library.verify(NativeGroup.P256, bad, hash, new byte[8]))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] order = BigIntegers.asUnsignedByteArray(32, curve(NativeGroup.P256).getN());
    for (byte[] scalar : new byte[][] {new byte[32], order}) {
      assertThatThrownBy(() -> library.sign(NativeGroup.P256, scalar, hash))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> EcKey.generate(NativeGroup.X25519))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ECDomainParameters curve(NativeGroup group) {
    return new ECDomainParameters(
        Objects.requireNonNull(
            CustomNamedCurves.getByName(group == NativeGroup.P256 ? "secp256r1" : "secp384r1")));
  }

  private static BigInteger scalar(Random random, ECDomainParameters curve) {
    BigInteger most = curve.getN().subtract(BigInteger.TWO);
    return new BigInteger(curve.getN().bitLength() + 64, random).mod(most).add(BigInteger.ONE);
  }

  private static byte[] bytes(Random random, int n) {
    byte[] out = new byte[n];
    random.nextBytes(out);
    return out;
  }
}
