package dev.quic.dataplane.daemon.door;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** One AF_UNIX SOCK_SEQPACKET descriptor, not blocking. The conductor's thread. */
public interface Line extends Closeable {
  int HANG_UP = -1;
  int WOULD_BLOCK = -2;

  /** A descriptor that was, or will be, passed along. */
  interface Passed extends Closeable {
    /** Inode of the socket it is, or -1 when it is none. */
    long inode();

    @Override
    void close();
  }

  /**
   * Reads one packet to the buffer's position.
   *
   * @return its length, {@link #HANG_UP} or {@link #WOULD_BLOCK}
   */
  int receive(ByteBuffer into) throws IOException;

  /** Descriptors that came with the last packet; the caller's to close. */
  List<Passed> takePassed();

  /**
   * Writes one packet, the buffer's remaining bytes.
   *
   * @return false when it would block; nothing was written
   */
  boolean send(ByteBuffer packet, List<Passed> along) throws IOException;

  @Override
  void close();
}
