package dev.quic.handshaked.daemon.bus;

import dev.quic.uapi.door.Door;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * What grants receive into: as long as the longest packet, far longer than most, so that it was two
 * fifths of what a handshake allocates. Kept for the next grant, wiped. Any thread.
 */
final class ReceiveBuffers {
  /** Buffers that nobody uses and that are kept. */
  static final int SPARE = 32;

  private static final ArrayBlockingQueue<byte[]> SPARES = new ArrayBlockingQueue<>(SPARE);

  private ReceiveBuffers() {}

  /** All zeros, {@link Door#MAX_PACKET} bytes. */
  static byte[] take() {
    byte[] spare = SPARES.poll();
    return spare == null ? new byte[Door.MAX_PACKET] : spare;
  }

  /**
   * Gives one back, once.
   *
   * @param used all bytes from here on are zero still; at most the whole buffer
   */
  static void give(byte[] buffer, int used) {
    Arrays.fill(buffer, 0, Math.min(used, buffer.length), (byte) 0);
    var unused = SPARES.offer(buffer);
  }
}
