package dev.quic.dataplane.io.aead;

import dev.quic.dataplane.core.crypto.Aead;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.HeaderMask;
import dev.quic.dataplane.core.crypto.QuicCipher;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a library must answer before a packet is given to it: one vector of the GCM specification,
 * and what the JDK answers for lengths around every block boundary of interest.
 */
final class AeadSelfTest {
  private static final int HEADER = 13;
  private static final int[] LENGTHS = {3, 15, 16, 17, 127, 128, 129, 768, 1_200, 1_435, 1_436};

  private AeadSelfTest() {}

  /**
   * @throws UnsupportedOperationException when one answer is wrong
   */
  static void run(AeadProvider tested) {
    vector(tested);
    masks(tested);
    for (QuicCipher cipher : new QuicCipher[] {QuicCipher.AES_128_GCM, QuicCipher.AES_256_GCM}) {
      byte[] key = bytes(cipher.keyLength(), 7);
      byte[] iv = bytes(QuicCipher.IV, 11);
      Aead ours = AeadProvider.JDK.create(cipher, key, iv);
      Aead theirs = tested.create(cipher, key, iv);
      try {
        for (int length : LENGTHS) {
          compare(tested.name(), ours, theirs, length);
        }
      } finally {
        ours.destroy();
        theirs.destroy();
      }
    }
  }

  /** Test case 2 of "The Galois/Counter Mode of Operation" (McGrew and Viega). */
  private static void vector(AeadProvider tested) {
    Aead aead = tested.create(QuicCipher.AES_128_GCM, new byte[16], new byte[QuicCipher.IV]);
    byte[] buf = new byte[16 + QuicCipher.TAG];
    try {
      aead.sealRun(buf, new int[] {0}, new int[] {0}, new int[] {16}, 0, 1, 0);
    } finally {
      aead.destroy();
    }
    String expected = "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf";
    check(HexFormat.of().formatHex(buf).equals(expected), tested.name(), "the GCM vector");
  }

  /** FIPS 197, appendix B, first of two samples. */
  private static void masks(AeadProvider tested) {
    HexFormat hex = HexFormat.of();
    byte[] key = hex.parseHex("2b7e151628aed2a6abf7158809cf4f3c");
    byte[] samples = hex.parseHex("3243f6a8885a308d313198a2e0370734" + "00".repeat(16));
    byte[] got = new byte[samples.length];
    byte[] expected = new byte[samples.length];
    HeaderMask ours = AeadProvider.JDK.mask(QuicCipher.AES_128_GCM, key);
    HeaderMask theirs = tested.mask(QuicCipher.AES_128_GCM, key);
    try {
      ours.masks(samples, expected, 2);
      theirs.masks(samples, got, 2);
    } finally {
      ours.destroy();
      theirs.destroy();
    }
    boolean known = hex.formatHex(got).startsWith("3925841d02dc09fbdc118597196a0b32");
    check(known && Arrays.equals(expected, got), tested.name(), "masks of headers");
  }

  private static void compare(String name, Aead ours, Aead theirs, int length) {
    int end = HEADER + length;
    byte[] plain = bytes(end + QuicCipher.TAG, length);
    byte[] expected = plain.clone();
    byte[] got = plain.clone();
    long pn = 0x1_0000_0007L * length;
    ours.sealRun(expected, new int[] {0}, new int[] {HEADER}, new int[] {end}, 0, 1, pn);
    theirs.sealRun(got, new int[] {0}, new int[] {HEADER}, new int[] {end}, 0, 1, pn);
    check(Arrays.equals(expected, got), name, "sealing " + length + " bytes");
    byte[] forged = got.clone();
    forged[end + length % QuicCipher.TAG] ^= 1;
    check(theirs.open(forged, 0, HEADER, forged.length, pn) == -1, name, "a forged tag");
    check(theirs.open(got, 0, HEADER, got.length, pn) == length, name, "opening");
    check(Arrays.equals(plain, 0, end, got, 0, end), name, "what opening left");
  }

  private static void check(boolean good, String name, String what) {
    if (!good) {
      throw new UnsupportedOperationException(
          name + " failed its test at " + what + "; use --aead jdk");
    }
  }

  private static byte[] bytes(int n, int seed) {
    byte[] b = new byte[n];
    for (int i = 0; i < n; i++) {
      b[i] = (byte) (seed + 31 * i + (i >>> 3));
    }
    return b;
  }
}
