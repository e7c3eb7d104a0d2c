package dev.quic.fuzz.tls;

import dev.quic.fuzz.ByteDamage;
import dev.quic.handshaked.tls.CryptoLevel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Ways to damage one handshake message, some of which know its outer structure. */
final class MessageDamage {
  private static final int HEADER = 4;

  /** Longest a damaged message gets: beyond what an engine may take. */
  private static final int LONGEST = 70_000;

  /** Copies of a message at most, as a peer may send without end. */
  private static final int COPIES = 20;

  private final RandomGenerator random;
  private final List<Wire.Message> others;
  private String what = "";

  /**
   * @param others messages of other handshakes, to put into this one's place
   */
  MessageDamage(RandomGenerator random, List<Wire.Message> others) {
    this.random = random;
    this.others = others;
  }

  /** How the message was damaged, for a person. */
  String what() {
    return what;
  }

  /** What comes in the message's place; at least one message. */
  List<Wire.Message> apply(Wire.Message m) {
    int kind = random.nextInt(20);
    return switch (kind) {
      case 0 -> named("at another level", otherLevel(m));
      case 1 -> named("several times", copies(m));
      case 2 -> named("another's message", other(m));
      case 3 -> named("behind another's message", behind(m, other(m)));
      case 4 -> named("noise", with(m, noise()));
      case 5 -> named("another type", with(m, type(m.bytes().clone())));
      case 6 -> named("a long message", with(m, longMessage(m.bytes())));
      case 7 -> named("with a second one in its packet", with(m, joined(m.bytes())));
      case 8, 9, 10, 11 -> named("extensions", with(m, Extensions.damage(random, m.bytes())));
      case 12, 13, 14 -> named("bytes", with(m, ByteDamage.damage(random, m.bytes(), LONGEST)));
      default -> named("body", with(m, sized(body(m.bytes()))));
    };
  }

  private List<Wire.Message> named(String name, List<Wire.Message> messages) {
    what = name;
    return messages;
  }

  private static List<Wire.Message> with(Wire.Message m, byte[] bytes) {
    return List.of(new Wire.Message(m.fromClient(), m.level(), bytes));
  }

  private List<Wire.Message> otherLevel(Wire.Message m) {
    CryptoLevel level = CryptoLevel.of((m.level().number() + 1 + random.nextInt(3)) % 4);
    return List.of(new Wire.Message(m.fromClient(), level, m.bytes()));
  }

  private List<Wire.Message> copies(Wire.Message m) {
    return new ArrayList<>(java.util.Collections.nCopies(2 + random.nextInt(COPIES), m));
  }

  private List<Wire.Message> other(Wire.Message m) {
    return with(m, others.get(random.nextInt(others.size())).bytes());
  }

  private static List<Wire.Message> behind(Wire.Message m, List<Wire.Message> first) {
    List<Wire.Message> both = new ArrayList<>(first);
    both.add(m);
    return both;
  }

  private byte[] noise() {
    byte[] noise = ByteDamage.noise(random, 1 + random.nextInt(300));
    return random.nextBoolean() && noise.length > HEADER ? sized(noise) : noise;
  }

  private byte[] type(byte[] message) {
    message[0] = (byte) random.nextInt(256);
    return message;
  }

  private byte[] longMessage(byte[] message) {
    byte[] out = Arrays.copyOf(message, message.length + random.nextInt(LONGEST));
    if (random.nextBoolean()) {
      return sized(out);
    }
    // A length that never comes.
    out[1] = (byte) random.nextInt(256);
    out[2] = (byte) random.nextInt(256);
    return out;
  }

  private byte[] joined(byte[] message) {
    byte[] second = others.get(random.nextInt(others.size())).bytes();
    byte[] out = Arrays.copyOf(message, message.length + second.length);
    System.arraycopy(second, 0, out, message.length, second.length);
    return out;
  }

  private byte[] body(byte[] message) {
    byte[] body = Arrays.copyOfRange(message, HEADER, message.length);
    byte[] damaged = ByteDamage.damage(random, body, LONGEST);
    byte[] out = new byte[HEADER + damaged.length];
    out[0] = message[0];
    System.arraycopy(damaged, 0, out, HEADER, damaged.length);
    return out;
  }

  /** Gives a message the length it has. */
  static byte[] sized(byte[] message) {
    int length = message.length - HEADER;
    message[1] = (byte) (length >> 16);
    message[2] = (byte) (length >> 8);
    message[3] = (byte) length;
    return message;
  }
}
