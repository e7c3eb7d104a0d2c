package dev.quic.uapi.door;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request on a control connection, or the reply to one: both have the same shape.
 *
 * @param value the socket's handle in a request, the result in a reply
 */
public record DoorCall(int op, int seq, int value, byte[] payload) {
  private static final byte[] NOTHING = new byte[0];

  public static DoorCall of(int op, int seq, int value) {
    return new DoorCall(op, seq, value, NOTHING);
  }

  /** A request whose payload is some 32-bit numbers and then bytes. */
  public static DoorCall of(int op, int seq, int sock, byte[] tail, int... numbers) {
    byte[] p = new byte[4 * numbers.length + tail.length];
    for (int i = 0; i < numbers.length; i++) {
      put32(p, 4 * i, numbers[i]);
    }
    System.arraycopy(tail, 0, p, 4 * numbers.length, tail.length);
    return new DoorCall(op, seq, sock, p);
  }

  /** Writes calls into one packet. */
  public static byte[] encode(List<DoorCall> calls) {
    return encode(calls, 0);
  }

  /** Writes calls into one packet behind {@code room} bytes for another header. */
  public static byte[] encode(List<DoorCall> calls, int room) {
    int size = room;
    for (DoorCall c : calls) {
      size += c.size();
    }
    byte[] out = new byte[size];
    int at = room;
    for (DoorCall c : calls) {
      // For a request the order on the wire is seq, sock; for a reply seq, result: the same place.
      out[at] = (byte) c.op;
      out[at + 1] = (byte) (c.op >> 8);
      put32(out, at + 4, c.seq);
      put32(out, at + 8, c.value);
      put32(out, at + 12, c.payload.length);
      System.arraycopy(c.payload, 0, out, at + Door.CALL_HEADER, c.payload.length);
      at += c.size();
    }
    return out;
  }

  /** Bytes it takes in a packet. */
  public int size() {
    return Door.CALL_HEADER + pad(payload.length);
  }

  /** Reads a packet; null when it is malformed anywhere. */
  public static @Nullable List<DoorCall> parse(byte[] packet, int len) {
    return parse(packet, 0, len);
  }

  /** Reads what a packet of {@code len} bytes has from {@code start} on. */
  public static @Nullable List<DoorCall> parse(byte[] packet, int start, int len) {
    List<DoorCall> out = new ArrayList<>();
    int at = start;
    while (at < len) {
      if (len - at < Door.CALL_HEADER) {
        return null;
      }
      int n = get32(packet, at + 12);
      if (n < 0 || n > len - at - Door.CALL_HEADER) {
        return null;
      }
      int op = (packet[at] & 0xff) | ((packet[at + 1] & 0xff) << 8);
      int from = at + Door.CALL_HEADER;
      out.add(
          new DoorCall(
              op,
              get32(packet, at + 4),
              get32(packet, at + 8),
              Arrays.copyOfRange(packet, from, from + n)));
      at += Math.min(Door.CALL_HEADER + pad(n), len - at);
    }
    return out.isEmpty() ? null : out;
  }

  /** The i-th 32-bit number of the payload; 0 when it is not there. */
  public int number(int i) {
    return payload.length >= 4 * i + 4 ? get32(payload, 4 * i) : 0;
  }

  public boolean hasNumbers(int count) {
    return payload.length >= 4 * count;
  }

  /** What follows {@code count} numbers. */
  public byte[] tail(int count) {
    return payload.length <= 4 * count
        ? NOTHING
        : Arrays.copyOfRange(payload, 4 * count, payload.length);
  }

  /** Overwrites the payload, which may hold a secret. */
  public void wipe() {
    Arrays.fill(payload, (byte) 0);
  }

  private static int pad(int n) {
    return (n + 7) & ~7;
  }

  static void put32(byte[] b, int at, int v) {
    for (int i = 0; i < 4; i++) {
      b[at + i] = (byte) (v >> (8 * i));
    }
  }

  static int get32(byte[] b, int at) {
    return (b[at] & 0xff)
        | ((b[at + 1] & 0xff) << 8)
        | ((b[at + 2] & 0xff) << 16)
        | (b[at + 3] << 24);
  }
}
