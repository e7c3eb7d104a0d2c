package dev.quic.uds;

import dev.quic.uapi.Errno;
import dev.quic.uds.linux.Descriptor;
import dev.quic.uds.linux.UnixSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** What came along and was not taken yet. */
  private final AtomicInteger passed = new AtomicInteger(-1);

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

  /**
   * Connects to a listening socket.
   *
   * @throws ConnectException when it cannot be reached: one line with the path and the reason
   */
  public static SeqPacket connect(Path path) throws IOException {
    int fd = UnixSocket.connect(path);
    if (fd < 0) {
      throw new ConnectException(path + ": " + reason(-fd));
    }
    return adopt(fd);
  }

  private static String reason(int errno) {
    return switch (errno) {
      case Errno.ENOENT -> "no such socket";
      case Errno.ECONNREFUSED -> "nobody listens there";
      case Errno.EACCES -> "permission denied";
      case Errno.EAGAIN -> "the other side is too busy to answer";
      default -> Errno.name(errno);
    };
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

  /**
   * Sends one packet in two pieces without waiting: the first {@code headLen} bytes of {@code
   * head}, then {@code len} of {@code buf}.
   *
   * @return as {@link #trySend(byte[], int, int, int)}
   */
  public int trySend(byte[] head, int headLen, byte[] buf, int off, int len) {
    return fd.send(head, headLen, buf, off, len, -1);
  }

  /**
   * Sends one packet, waiting for room.
   *
   * @throws InterruptedIOException when the (virtual) thread is interrupted while it waits
   */
  public void send(byte[] buf, int off, int len, int pass) throws IOException {
    send(buf, 0, buf, off, len, pass);
  }

  /**
   * Sends one packet in two pieces, waiting for room.
   *
   * @throws InterruptedIOException as {@link #send(byte[], int, int, int)}
   */
  public void send(byte[] head, int headLen, byte[] buf, int off, int len) throws IOException {
    send(head, headLen, buf, off, len, -1);
  }

  private void send(byte[] head, int headLen, byte[] buf, int off, int len, int pass)
      throws IOException {
    int n = fd.send(head, headLen, buf, off, len, pass);
    while (n == -Errno.EAGAIN) {
      if (!fd.await(false, -1) && Thread.currentThread().isInterrupted() && !fd.isClosed()) {
        throw new InterruptedIOException("send");
      }
      n = fd.send(head, headLen, buf, off, len, pass);
    }
    if (n < 0) {
      throw new IOException("send: " + Errno.name(n));
    }
  }

  /**
   * Receives one packet without waiting.
   *
   * @return its length, -EAGAIN when none waits, 0 at the end (empty packets are skipped),
   *     -EMSGSIZE for one that was longer than {@code buf} or {@link #MAX_PACKET} and is lost, or
   *     another negated errno. {@link #takeDescriptor} gives the descriptor that came along
   */
  public int tryReceive(byte[] buf) {
    return look(buf, null);
  }

  /**
   * Receives one packet without waiting, to be taken apart.
   *
   * @param head where its first bytes go, as many as there is room for
   * @param taker is called, on this thread, when a packet came
   * @return as {@link #tryReceive(byte[])}; a packet may be longer than {@code head}
   */
  public int tryReceive(byte[] head, PacketTaker taker) {
    return look(head, taker);
  }

  private int look(byte[] head, @Nullable PacketTaker taker) {
    int n = fd.receive(head, taker);
    int got = fd.takePassed();
    if (got >= 0) {
      drop(passed.getAndSet(got));
      if (fd.isClosed()) {
        drop(takeDescriptor());
      }
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
    return await(buf, null, timeoutMs);
  }

  /**
   * Receives one packet, to be taken apart.
   *
   * @param head as for {@link #tryReceive(byte[], PacketTaker)}
   * @param timeoutMs negative waits for ever
   * @return as {@link #receive(byte[], long)}
   */
  public int receive(byte[] head, PacketTaker taker, long timeoutMs) {
    return await(head, taker, timeoutMs);
  }

  private int await(byte[] head, @Nullable PacketTaker taker, long timeoutMs) {
    int n = look(head, taker);
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
      n = look(head, taker);
    }
    return n;
  }

  /**
   * As {@link #receive}, for an answer that cannot be there yet: waits before it looks, a system
   * call less.
   */
  public int receiveLater(byte[] buf, long timeoutMs) {
    long start = System.nanoTime();
    // Why the wait ended is found out below.
    var unused = fd.await(true, timeoutMs);
    long left = timeoutMs - (System.nanoTime() - start) / 1_000_000;
    return receive(buf, timeoutMs < 0 ? -1 : Math.max(0, left));
  }

  /** Waits until a packet or the end can be received. @return false after the timeout */
  public boolean awaitReadable(long timeoutMs) {
    return fd.await(true, timeoutMs);
  }

  /** Waits until a packet can be sent, or the end shows. @return false after the timeout */
  public boolean awaitWritable(long timeoutMs) {
    return fd.await(false, timeoutMs);
  }

  /**
   * Ends both directions, in every copy: the other end sees a hang-up, behind what was sent before.
   */
  public void shutdown() {
    fd.shutdown();
  }

  /**
   * The descriptor that came with the last packet received, -1 for none. The caller owns it now.
   */
  public int takeDescriptor() {
    return passed.getAndSet(-1);
  }

  private static void drop(int descriptor) {
    if (descriptor >= 0) {
      Descriptor.close(descriptor);
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

  /** Overwrites native copies of what passes through: for connections that carry secrets. */
  public SeqPacket confidential() {
    fd.confidential();
    return this;
  }

  public boolean isClosed() {
    return fd.isClosed();
  }

  @Override
  public void close() {
    fd.close();
    drop(takeDescriptor());
  }
}
