package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.common.Writer;
import java.util.Random;

/** Frames with plausible types and implausible fields. */
final class RandomFrames {
  private RandomFrames() {}

  private static long number(Random r) {
    return switch (r.nextInt(12)) {
      case 0, 5, 6, 7, 8, 9 -> 4L * r.nextInt(4);
      case 1, 10 -> r.nextInt(64);
      case 2 -> r.nextInt(20_000);
      case 3 -> r.nextInt(Integer.MAX_VALUE);
      case 4 -> (1L << 62) - 1 - r.nextInt(3);
      default -> r.nextLong() >>> 2;
    };
  }

  /** Fields of a frame type: v varint, d data with length, c one byte length and data, 8/16 raw. */
  private static String shape(int type) {
    if (type >= 8 && type <= 15) {
      return "v" + ((type & 4) != 0 ? "v" : "") + ((type & 2) != 0 ? "d" : "");
    }
    return switch (type) {
      case 2 -> "vv0v";
      case 3 -> "vv0vvvv";
      case 4 -> "vvv";
      case 5, 0x11, 0x15 -> "vv";
      case 6 -> "vd";
      case 7, 0x31 -> "d";
      case 0x10, 0x12, 0x13, 0x14, 0x16, 0x17, 0x19 -> "v";
      case 0x18 -> "vvct";
      case 0x1a, 0x1b -> "8";
      default -> "";
    };
  }

  static void write(Random r, Writer w) {
    int type = r.nextInt(0x32);
    boolean usual = r.nextInt(4) != 0;
    if (usual && (type == 7 || type == 0x1e || type == 6 || type == 2 || type == 3)
        || type == 0x1c
        || type == 0x1d
        || type > 0x1e && type < 0x30) {
      type = 8 + r.nextInt(8);
    }
    w.u8(type);
    for (char field : shape(type).toCharArray()) {
      byte[] data = new byte[r.nextInt(40)];
      switch (field) {
        case 'v' -> w.varint(number(r));
        case '0' -> w.u8(r.nextInt(3));
        case 'd' -> w.varint(data.length).bytes(data);
        case 'c' -> w.u8(8).u64(r.nextLong());
        case 't' -> w.u64(1).u64(2);
        default -> w.u64(r.nextLong());
      }
    }
  }
}
