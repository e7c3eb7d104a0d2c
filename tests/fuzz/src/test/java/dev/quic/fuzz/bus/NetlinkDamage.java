package dev.quic.fuzz.bus;

import dev.quic.fuzz.ByteDamage;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlWriter;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Ways to damage a netlink packet, some of which know headers and attributes. */
final class NetlinkDamage {
  /** What lengths are set to. */
  private static final int[] LENGTHS = {
    0, 1, 3, 4, 5, 8, 15, 16, 17, 19, 20, 0x7f, 0xffff, 0x10000, Integer.MAX_VALUE, -1, -16
  };

  private static final int[] FLAGS = {0, 1, 4, 5, 0x105, 0x205, 0x301, 0x305, 0xffff};

  private NetlinkDamage() {}

  static byte[] damage(RandomGenerator random, byte[] packet, int longest) {
    byte[] p = packet.clone();
    int header = header(random, p);
    byte[] out =
        switch (random.nextInt(12)) {
          case 0 -> with32(p, header, pick(random, LENGTHS));
          case 1 -> with16(p, header + 4, random.nextInt(0x30));
          case 2 -> with16(p, header + 6, pick(random, FLAGS));
          case 3 -> with16(p, header + 16, random.nextInt(12) | random.nextInt(3) << 8);
          case 4 -> attribute(random, p);
          case 5 -> attribute(random, p);
          case 6 -> resized(random, append(random, p));
          case 7 -> resized(random, Arrays.copyOf(p, random.nextInt(p.length)));
          case 8 -> many(random, p);
          default -> ByteDamage.damage(random, p, longest);
        };
    return out.length > longest ? Arrays.copyOf(out, longest) : out;
  }

  private static int pick(RandomGenerator random, int[] of) {
    return of[random.nextInt(of.length)];
  }

  /** Where one of the packet's messages begins. */
  private static int header(RandomGenerator random, byte[] p) {
    int at = 0;
    while (random.nextBoolean() && at + 4 <= p.length) {
      int len = (p[at] & 0xff) | (p[at + 1] & 0xff) << 8;
      if (len < Nl.NLMSG_HDRLEN || at + Nl.align(len) + Nl.NLMSG_HDRLEN > p.length) {
        break;
      }
      at += Nl.align(len);
    }
    return at;
  }

  private static byte[] with32(byte[] p, int at, int v) {
    for (int i = 0; i < 4 && at + i < p.length; i++) {
      p[at + i] = (byte) (v >> 8 * i);
    }
    return p;
  }

  private static byte[] with16(byte[] p, int at, int v) {
    for (int i = 0; i < 2 && at + i < p.length; i++) {
      p[at + i] = (byte) (v >> 8 * i);
    }
    return p;
  }

  /** Another length, type or value of an attribute behind the generic header. */
  private static byte[] attribute(RandomGenerator random, byte[] p) {
    int at = Nl.NLMSG_HDRLEN + Nl.GENL_HDRLEN;
    while (random.nextInt(3) != 0 && at + 8 < p.length) {
      at += Math.max(4, Nl.align((p[at] & 0xff) | (p[at + 1] & 0xff) << 8));
    }
    return switch (random.nextInt(3)) {
      case 0 -> with16(p, at, pick(random, LENGTHS));
      case 1 -> with16(p, at + 2, random.nextInt(16) | random.nextInt(4) << 14);
      default -> with32(p, at + 4, pick(random, LENGTHS));
    };
  }

  /** An attribute more. */
  private static byte[] append(RandomGenerator random, byte[] p) {
    NlWriter w = new NlWriter();
    w.attr(random.nextInt(16), ByteDamage.noise(random, random.nextInt(24)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Arrays.copyOf(p, Nl.align(p.length)));
    out.writeBytes(w.toBytes());
    return out.toByteArray();
  }

  /** The first message's length is the packet's, or nearly. */
  private static byte[] resized(RandomGenerator random, byte[] p) {
    return with32(p, 0, p.length - (random.nextInt(4) == 0 ? random.nextInt(4) : 0));
  }

  /** The packet many times over, beyond what one packet may hold. */
  private static byte[] many(RandomGenerator random, byte[] p) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] padded = Arrays.copyOf(p, Nl.align(p.length));
    List<byte[]> copies = java.util.Collections.nCopies(2 + random.nextInt(100), padded);
    copies.forEach(out::writeBytes);
    return out.toByteArray();
  }
}
