package dev.quic.uds;

import dev.quic.uapi.Errno;
import dev.quic.uds.linux.Descriptor;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One end of an AF_UNIX SOCK_SEQPACKET connection. Packets keep their borders; at most {@link
 * #MAX_PACKET} bytes. Calls may come from any thread; one sender and one receiver at a time.
 * Closing wakes whoever waits.
 */
public final class SeqPacket implements AutoCloseable {
  /** Largest packet, bytes. */
  public static final int MAX_PACKET = 65_536 + 256;

  private final Descriptor fd;
  private int passed = -1;

  private SeqPacket(Descriptor fd) {
    this.fd = fd;
  }

  /** Takes a descriptor over: closing this closes it. */
  public static SeqPacket adopt(int number) {
    return new SeqPacket(new Descriptor(number));
  }

  /** A connected pair. */
  public static SeqPacket[] pair() throws IOException {
    Descriptor[] two = Descriptor.pair();
    return new SeqPacket[] {new SeqPacket(two[0]), new SeqPacket(two[1])};
  }

  /** Connects to a listening socket. @throws java.net.ConnectException when nobody listens there */
  public static SeqPacket connect(Path path) throws IOException {
    return new SeqPacket(Descriptor.connect(path));
  }

  static SeqPacket of(Descriptor d) {
    return new SeqPacket(d);
  }

  /**
   * Sends one packet without waiting.
   *
   * @param pass descriptor to pass along, -1 for none; it stays open here
   * @return bytes sent, or -EAGAIN, -EPIPE, -EMSGSIZE
   */
  public int trySend(byte[] buf, int off, int len, int pass) {
    return fd.send(buf, off, len, pass);
  }

  /** Sends one packet, waiting for room. */
  public void send(byte[] buf, int off, int len, int pass) throws IOException {
    int n = fd.send(buf, off, len, pass);
    while (n == -Errno.EAGAIN) {
      fd.await(false, -1);
      n = fd.send(buf, off, len, pass);
    }
    if (n < 0) {
      throw new IOException("send: " + Errno.name(n));
    }
  }

  /**
   * Receives one packet without waiting.
   *
   * @return its length, -EAGAIN when none waits, 0 at the end (empty packets are never sent), or
   *     another negated errno. {@link #takeDescriptor} gives the descriptor that came along
   */
  public int tryReceive(byte[] buf) {
    int n = fd.receive(buf);
    int got = fd.takePassed();
    if (got >= 0) {
      dropDescriptor();
      passed = got;
    }
    return n;
  }

  /**
   * Receives one packet.
   *
   * @param timeoutMs negative waits for ever
   * @return as {@link #tryReceive}; -EAGAIN after the timeout; -EINTR when the thread is
   *     interrupted
   */
  public int receive(byte[] buf, long timeoutMs) {
    int n = tryReceive(buf);
    long deadline = timeoutMs < 0 ? Long.MAX_VALUE : System.nanoTime() + timeoutMs * 1_000_000;
    while (n == -Errno.EAGAIN) {
      long left = timeoutMs < 0 ? -1 : (deadline - System.nanoTime()) / 1_000_000;
      if (timeoutMs >= 0 && left <= 0) {
        return -Errno.EAGAIN;
      }
      if (!fd.await(true, left)) {
        if (fd.isClosed()) {
          return 0;
        }
        if (Thread.currentThread().isInterrupted()) {
          return -Errno.EINTR;
        }
      }
      n = tryReceive(buf);
    }
    return n;
  }

  /** Waits until a packet or the end can be received. @return false after the timeout */
  public boolean awaitReadable(long timeoutMs) {
    return fd.await(true, timeoutMs);
  }

  /**
   * The descriptor that came with the last packet received, -1 for none. The caller owns it now.
   */
  public int takeDescriptor() {
    int d = passed;
    passed = -1;
    return d;
  }

  private void dropDescriptor() {
    if (passed >= 0) {
      Descriptor.close(passed);
      passed = -1;
    }
  }

  /** Closes a descriptor number got from {@link #takeDescriptor}. */
  public static void closeDescriptor(int number) {
    Descriptor.close(number);
  }

  /** The inode of an open descriptor of this process, -1 when it is no socket. */
  public static long inode(int number) {
    return Descriptor.inode(number);
  }

  public long inode() {
    return fd.inode();
  }

  /** The descriptor's number, for passing it on and for pollers. */
  public int number() {
    return fd.number();
  }

  public @Nullable PeerCredentials credentials() {
    return fd.credentials();
  }

  /** Raises both kernel buffers, so that several of the largest packets fit. */
  public SeqPacket buffers(int bytes) {
    fd.buffers(bytes);
    return this;
  }

  public boolean isClosed() {
    return fd.isClosed();
  }

  @Override
  public void close() {
    dropDescriptor();
    fd.close();
  }
}
