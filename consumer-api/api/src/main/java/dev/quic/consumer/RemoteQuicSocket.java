package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.Timeval;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A socket of a data plane in another process. Control calls are round trips over the process's
 * control connection, bytes travel over the socket's own descriptor ({@link DataLine}).
 */
final class RemoteQuicSocket implements QuicSocket {
  /** Bytes of a handshake message sent with one control call. */
  private static final int MAX_HANDSHAKE = 1 << 15;

  /** Of struct quic_stream_info: where its flags are, and its bytes that count. */
  private static final int STREAM_FLAGS = 8;

  private static final int STREAM_INFO = 12;

  private final RemoteQuicSockets owner;
  private final DoorSocket door;
  private final DataLine line;
  private volatile boolean nonBlocking;
  private volatile boolean closed;

  RemoteQuicSocket(RemoteQuicSockets owner, DoorSocket door) {
    this.owner = owner;
    this.door = door;
    this.line = new DataLine(new SeqPacketDescriptor(door.data()));
  }

  /** A control call. */
  private interface Call<T> {
    T run() throws IOException;
  }

  /** A control call without a value. */
  private interface Action {
    void run() throws IOException;
  }

  private <T> T call(String what, Call<T> call) throws QuicException {
    if (closed) {
      throw new QuicException(Errno.EBADF, what);
    }
    line.flush();
    try {
      return call.run();
    } catch (DoorClient.DoorException e) {
      throw new QuicException(e.errno(), what);
    } catch (IOException e) {
      throw new QuicException(Errno.EPIPE, what + ": the data plane is gone");
    }
  }

  private void act(String what, Action action) throws QuicException {
    call(
        what,
        () -> {
          action.run();
          return true;
        });
  }

  @Override
  public void bind(InetSocketAddress local) throws QuicException {
    act("bind " + local, () -> door.bind(local));
  }

  @Override
  public void listen(int backlog) throws QuicException {
    act("listen", () -> door.listen(backlog));
  }

  @Override
  public void connect(InetSocketAddress remote) throws QuicException {
    if (remote.isUnresolved()) {
      throw new QuicException(Errno.EDESTADDRREQ, "connect " + remote);
    }
    act("connect " + remote, () -> door.connect(remote));
  }

  @Override
  public QuicSocket accept() throws QuicException {
    if (closed) {
      throw new QuicException(Errno.EBADF, "accept");
    }
    DataPacket packet = line.accept(!nonBlocking);
    if (packet.descriptor == DataPacket.NO_DESCRIPTOR) {
      // The system drops what a full table has no place for.
      throw new QuicException(Errno.EMFILE, "accept: no room for a descriptor");
    }
    try {
      return owner.adopted(call("accept", () -> adopt(packet)));
    } finally {
      // It is still the packet's when this socket was closed meanwhile.
      packet.discard();
    }
  }

  /** Closes the descriptor when it fails. */
  private DoorSocket adopt(DataPacket packet) throws IOException {
    int descriptor = packet.descriptor;
    packet.descriptor = DataPacket.NO_DESCRIPTOR;
    return door.client().adopt(descriptor);
  }

  @Override
  public int sendmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    if (closed) {
      throw new QuicException(Errno.EBADF, "sendmsg");
    }
    if (msg.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO) {
      return sendHandshake(msg, buf, off, len);
    }
    boolean wait = !nonBlocking && (msg.flags & QuicUapi.MSG_DONTWAIT) == 0;
    return line.send(msg, buf, off, len, wait);
  }

  @Override
  public int sendBefore(QuicMsg msg, byte[] buf, int off, int len, long deadline)
      throws QuicException {
    if (closed) {
      throw new QuicException(Errno.EBADF, "sendmsg");
    }
    if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO || msg.streamId < 0) {
      throw new QuicException(Errno.EINVAL, "sendmsg with a deadline");
    }
    return line.sendBefore(msg, buf, off, len, deadline);
  }

  /**
   * Over the control connection, on which secrets are installed, too: neither overtakes the other
   * (docs/adr/0002).
   */
  private int sendHandshake(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    int n = Math.min(len, MAX_HANDSHAKE);
    DoorData header = new DoorData().reset(Door.DATA_SEND);
    header.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
    header.flags = n < len ? msg.flags | QuicUapi.MSG_MORE : msg.flags;
    header.streamFlags = msg.cryptoLevel;
    byte[] bytes = Arrays.copyOfRange(buf, off, off + n);
    act("sendmsg", () -> door.sendmsg(header, bytes));
    return n;
  }

  @Override
  public int recvmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    Objects.checkFromIndexSize(off, len, buf.length);
    if (closed) {
      throw new QuicException(Errno.EBADF, "recvmsg");
    }
    boolean wait = !nonBlocking && (msg.flags & QuicUapi.MSG_DONTWAIT) == 0;
    return line.receive(msg, buf, off, len, wait);
  }

  @Override
  public void setsockopt(int level, int name, byte[] value) throws QuicException {
    if (level == QuicUapi.SOL_QUIC && name == QuicUapi.QUIC_SOCKOPT_STREAM_RESET) {
      // What was sent before the reset belongs before it.
      line.barrier();
    }
    act("setsockopt " + name, () -> door.setsockopt(level, name, value));
  }

  @Override
  public byte[] getsockopt(int level, int name, byte[] in, int max) throws QuicException {
    boolean opens = level == QuicUapi.SOL_QUIC && name == QuicUapi.QUIC_SOCKOPT_STREAM_OPEN;
    return opens ? openStream(in, max) : ask(level, name, in, max);
  }

  private byte[] ask(int level, int name, byte[] in, int max) throws QuicException {
    return call("getsockopt " + name, () -> door.getsockopt(level, name, in, max));
  }

  private static int streamFlags(byte[] info) {
    return ByteBuffer.wrap(info).order(ByteOrder.LITTLE_ENDIAN).getInt(STREAM_FLAGS);
  }

  /** Waits, as the kernel does, while the peer allows no further stream, or until SO_SNDTIMEO. */
  private byte[] openStream(byte[] in, int max) throws QuicException {
    boolean dontWait =
        nonBlocking
            || in.length >= STREAM_INFO
                && (streamFlags(in) & QuicUapi.MSG_QUIC_STREAM_DONTWAIT) != 0;
    if (dontWait) {
      return ask(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, in, max);
    }
    long begun = System.nanoTime();
    while (true) {
      long seen = line.news();
      try {
        return call("STREAM_OPEN", () -> door.openStream(in, max));
      } catch (QuicException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
      }
      byte[] limit = ask(QuicUapi.SOL_SOCKET, QuicUapi.SO_SNDTIMEO, new byte[0], Timeval.SIZE);
      if (!awaitNews(seen, Timeval.decode(limit).deadline(begun))) {
        throw new QuicException(Errno.EAGAIN, "STREAM_OPEN");
      }
    }
  }

  private boolean awaitNews(long seen, long deadline) throws QuicException {
    try {
      return line.awaitNews(seen, deadline, "STREAM_OPEN");
    } catch (QuicException e) {
      if (e.errno() == Errno.EINTR) {
        Thread.currentThread().interrupt();
      }
      throw e;
    }
  }

  @Override
  public void shutdown(int how) throws QuicException {
    line.barrier();
    act("shutdown", () -> door.shutdown(how));
  }

  @Override
  public InetSocketAddress getsockname() throws QuicException {
    return call("getsockname", door::getsockname);
  }

  @Override
  public InetSocketAddress getpeername() throws QuicException {
    return call("getpeername", door::getpeername);
  }

  @Override
  public long ioctl(int request) throws QuicException {
    return call("ioctl", () -> door.ioctl(request));
  }

  @Override
  public void setNonBlocking(boolean on) {
    nonBlocking = on;
  }

  @Override
  public boolean pollIn(long timeoutMs) throws QuicException {
    return line.pollIn(timeoutMs);
  }

  /** The descriptor, for tests and for passing the socket on. */
  SeqPacket descriptor() {
    return door.data();
  }

  @Override
  public void close() {
    if (!owner.forget(this)) {
      return;
    }
    line.barrier();
    closed = true;
    door.close();
    line.close();
  }
}
