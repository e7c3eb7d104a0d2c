package dev.quic.fuzz.tls;

import dev.quic.fuzz.ByteDamage;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Damage to a message's extensions that leaves every length around them right, so that it gets past
 * the outer parser (RFC 8446 section 4.2).
 */
final class Extensions {
  private static final int HEADER = 4;
  private static final int RANDOM_END = HEADER + 2 + 32;

  /** Types an extension is given: those with a meaning in some message, and one without. */
  private static final int[] TYPES = {
    0, 5, 10, 13, 16, 18, 21, 27, 35, 41, 42, 43, 44, 45, 47, 48, 49, 50, 51, 0x39, 0x0a0a
  };

  private record Extension(int type, byte[] body) {}

  private Extensions() {}

  /** A damaged copy; of a message without extensions, one with another last byte. */
  static byte[] damage(RandomGenerator random, byte[] message) {
    int at = start(message);
    List<Extension> list = at < 0 ? List.of() : parse(message, at);
    if (list.isEmpty()) {
      byte[] out = message.clone();
      out[out.length - 1] ^= (byte) (1 + random.nextInt(255));
      return out;
    }
    List<Extension> damaged = new ArrayList<>(list);
    for (int i = 1 + random.nextInt(2); i > 0 && !damaged.isEmpty(); i--) {
      damageOne(random, damaged);
    }
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (Extension e : damaged) {
      put16(block, e.type);
      put16(block, e.body.length);
      block.writeBytes(e.body);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(message, 0, at);
    put16(out, block.size());
    out.writeBytes(block.toByteArray());
    return MessageDamage.sized(out.toByteArray());
  }

  private static void damageOne(RandomGenerator random, List<Extension> list) {
    int i = random.nextInt(list.size());
    Extension e = list.get(i);
    switch (random.nextInt(7)) {
      case 0 -> list.remove(i);
      case 1 -> list.add(random.nextInt(list.size() + 1), e);
      case 2 -> Collections.swap(list, i, random.nextInt(list.size()));
      case 3 -> list.set(i, new Extension(TYPES[random.nextInt(TYPES.length)], e.body));
      case 4 ->
          list.add(
              new Extension(
                  TYPES[random.nextInt(TYPES.length)],
                  ByteDamage.noise(random, random.nextInt(40))));
      default -> list.set(i, new Extension(e.type, ByteDamage.damage(random, e.body, 4096)));
    }
  }

  private static void put16(ByteArrayOutputStream out, int v) {
    out.write(v >> 8);
    out.write(v);
  }

  /** Where the length of the extensions stands; -1 when the message has none. */
  private static int start(byte[] m) {
    try {
      ByteBuffer in = ByteBuffer.wrap(m);
      switch (m[0]) {
        case 1 -> {
          in.position(RANDOM_END);
          skip(in, 1);
          skip(in, 2);
          skip(in, 1);
        }
        case 2 -> {
          in.position(RANDOM_END);
          skip(in, 1);
          in.position(in.position() + 3);
        }
        case 4 -> {
          in.position(HEADER + 8);
          skip(in, 1);
          skip(in, 2);
        }
        case 8 -> in.position(HEADER);
        case 13 -> {
          in.position(HEADER);
          skip(in, 1);
        }
        default -> {
          return -1;
        }
      }
      return in.position();
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return -1;
    }
  }

  private static void skip(ByteBuffer in, int lengthBytes) {
    int length = lengthBytes == 1 ? in.get() & 0xff : in.getShort() & 0xffff;
    in.position(in.position() + length);
  }

  private static List<Extension> parse(byte[] m, int at) {
    List<Extension> out = new ArrayList<>();
    if (at + 2 > m.length) {
      return out;
    }
    ByteBuffer in = ByteBuffer.wrap(m, at + 2, m.length - at - 2);
    while (in.remaining() >= 4) {
      int type = in.getShort() & 0xffff;
      int length = in.getShort() & 0xffff;
      if (length > in.remaining()) {
        return out;
      }
      byte[] body = new byte[length];
      in.get(body);
      out.add(new Extension(type, body));
    }
    return out;
  }
}
