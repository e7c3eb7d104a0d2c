package dev.quic.consumer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A socket's data descriptor, packet by packet. One sender and one receiver at a time. */
interface DataDescriptor {
  /** No room. */
  byte[] NOWHERE = {};

  /**
   * Sends one packet.
   *
   * @param wait whether to wait while the data plane does not read
   * @return false when it would have to wait
   * @throws IOException when the descriptor hung up
   */
  boolean send(DataPacket packet, boolean wait) throws IOException;

  /**
   * Waits until a packet can be sent, or the descriptor hung up.
   *
   * @param timeoutMs negative waits for ever
   * @return false when it cannot in time, or the thread was interrupted
   */
  boolean awaitRoom(long timeoutMs);

  /**
   * Receives one packet. The payload of a message goes to the given place if there is room for all
   * of it: {@link DataPacket#isIn} says whether it did, and such a packet is not to be given back.
   *
   * @param timeoutMs 0 does not wait, negative waits for ever
   * @return null when none came in time
   * @throws java.io.InterruptedIOException when the thread was interrupted
   * @throws IOException when the descriptor hung up and all was read
   */
  @Nullable DataPacket receive(long timeoutMs, byte[] into, int off, int len) throws IOException;

  /** Takes back a packet from {@link #receive} whose payload nobody looks at any more. */
  void recycle(DataPacket packet);

  /** Ends waiting calls of other threads; they and later ones throw. */
  void close();
}
