package dev.quic.dataplane.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressTokenTest {
  private static final byte[] HERE = {2, 0, 1, 2, 127, 0, 0, 1};
  private static final byte[] THERE = {2, 0, 1, 2, 127, 0, 0, 2};
  private static final byte[] NONCE = new byte[AddressToken.NONCE];
  private static final byte[] ODCID = {1, 2, 3, 4, 5, 6, 7, 8};

  private final AddressToken tokens =
      new AddressToken(new ListenerSecret(new byte[32]), AeadProvider.JDK);

  @Test
  void retryTokenCarriesTheOriginalIdForAWhile() {
    byte[] t = tokens.seal(AddressToken.RETRY, HERE, 1_000, ODCID, NONCE);
    assertThat(tokens.open(AddressToken.RETRY, HERE, 2_000, t, 0, t.length)).isEqualTo(ODCID);
    long end = 1_000 + AddressToken.RETRY_LIFETIME;
    assertThat(tokens.open(AddressToken.RETRY, HERE, end, t, 0, t.length)).isEqualTo(ODCID);
    assertThat(tokens.open(AddressToken.RETRY, HERE, end + 1, t, 0, t.length)).isNull();
    assertThat(tokens.open(AddressToken.RETRY, HERE, 999, t, 0, t.length)).isNull();
    assertThat(tokens.open(AddressToken.RETRY, THERE, 2_000, t, 0, t.length)).isNull();
    assertThat(tokens.open(AddressToken.REGULAR, HERE, 2_000, t, 0, t.length)).isNull();
  }

  @Test
  void forgeriesAreRefusedWithoutAnException() {
    byte[] t = tokens.seal(AddressToken.REGULAR, HERE, 0, new byte[0], NONCE);
    assertThat(tokens.open(AddressToken.REGULAR, HERE, 5, t, 0, t.length)).isEmpty();
    AddressToken foreign = new AddressToken(new ListenerSecret(new byte[] {1}), AeadProvider.JDK);
    assertThat(foreign.open(AddressToken.REGULAR, HERE, 5, t, 0, t.length)).isNull();
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = Arrays.copyOf(t, random.nextInt(100));
      if (bad.length > 0) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
      }
      byte[] opened = tokens.open(AddressToken.REGULAR, HERE, 5, bad, 0, bad.length);
      assertThat(opened).isNull();
    }
  }

  /** RFC 9000 section 8.1.3: an observer cannot tell by a token where it was issued. */
  @Test
  void tokensOfOneConnectionHaveNothingInCommon() {
    Random random = new Random(2);
    int[] same = new int[8 * 37];
    byte[] previous = new byte[0];
    int n = 2_000;
    for (int i = 0; i <= n; i++) {
      byte[] nonce = new byte[AddressToken.NONCE];
      random.nextBytes(nonce);
      byte[] t = tokens.seal(AddressToken.REGULAR, HERE, 5, new byte[0], nonce);
      for (int bit = 8; previous.length > 0 && bit < 8 * t.length; bit++) {
        int at = bit / 8;
        same[bit] += (previous[at] ^ t[at]) >>> bit % 8 & 1;
      }
      previous = t;
    }
    assertThat(previous).as("of one length").hasSize(37);
    // The first byte is the kind and the period, the same for all clients.
    assertThat(previous[0]).isEqualTo(tokens.seal(AddressToken.REGULAR, THERE, 5, ODCID, NONCE)[0]);
    for (int bit = 8; bit < same.length; bit++) {
      assertThat((double) same[bit] / n).as("bit %d", bit).isBetween(0.43, 0.57);
    }
  }
}
