package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.junit.jupiter.api.Test;

/** The JDK's hash functions do as Bouncy Castle's. */
class JdkDigestTest {
  private final Random random = new Random(11);

  @Test
  void sha256() {
    agree(Objects.requireNonNull(JdkDigest.sha256()), new SHA256Digest(), 64);
  }

  @Test
  void sha384() {
    agree(Objects.requireNonNull(JdkDigest.sha384()), new SHA384Digest(), 128);
  }

  private void agree(JdkDigest ours, Digest theirs, int block) {
    assertThat(ours.getDigestSize()).isEqualTo(theirs.getDigestSize());
    assertThat(ours.getByteLength()).isEqualTo(block);
    for (int i = 0; i < 200; i++) {
      byte[] in = new byte[random.nextInt(300) + 1];
      random.nextBytes(in);
      ours.update(in[0]);
      theirs.update(in[0]);
      JdkDigest before = ours.copy();
      ours.update(in, 1, in.length - 1);
      theirs.update(in, 1, in.length - 1);
      byte[] expected = finish(theirs);
      assertThat(finish(ours)).isEqualTo(expected);
      // From the copy again, and from a state that was put back.
      before.update(in, 1, in.length - 1);
      JdkDigest whole = before.copy();
      assertThat(finish(before)).isEqualTo(expected);
      before.reset(whole);
      assertThat(finish(before)).isEqualTo(expected);
      ours.update(in, 0, in.length);
      ours.reset();
    }
  }

  private static byte[] finish(Digest d) {
    byte[] out = new byte[d.getDigestSize() + 3];
    assertThat(d.doFinal(out, 3)).isEqualTo(d.getDigestSize());
    return Arrays.copyOfRange(out, 3, out.length);
  }
}
