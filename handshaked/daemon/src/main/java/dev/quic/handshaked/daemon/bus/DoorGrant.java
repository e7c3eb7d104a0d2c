package dev.quic.handshaked.daemon.bus;

import dev.quic.handshaked.daemon.service.Grant;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A grant on the control connection. Messages and options travel there in the order of the calls;
 * what the peer says comes on the grant's own descriptor.
 */
final class DoorGrant implements Grant {
  /** {@code SO_PROTOCOL} of {@code SOL_SOCKET}. */
  private static final int SO_PROTOCOL = 38;

  private static final int INT_BYTES = 4;

  /** Bytes of a handshake message sent with one call. */
  private static final int MAX_PIECE = 1 << 15;

  private static final long NANOS_PER_MS = 1_000_000;

  private final DoorSocket door;
  private final DoorData header = new DoorData();
  private final byte[] in = new byte[Door.MAX_PACKET];

  DoorGrant(DoorSocket door) {
    this.door = door;
  }

  /** What DONE passes back. */
  int descriptor() {
    return door.data().number();
  }

  @Override
  public long number() {
    return descriptor();
  }

  @Override
  public InetSocketAddress getpeername() throws HandshakePortException {
    try {
      return door.getpeername();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public int protocol() throws HandshakePortException {
    try {
      byte[] value = door.getsockopt(QuicUapi.SOL_SOCKET, SO_PROTOCOL, new byte[0], INT_BYTES);
      return value.length < INT_BYTES
          ? -1
          : ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws HandshakePortException {
    try {
      for (int sent = 0; sent < bytes.length; sent += MAX_PIECE) {
        int end = Math.min(sent + MAX_PIECE, bytes.length);
        header.reset(Door.DATA_SEND);
        header.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
        header.flags = QuicUapi.MSG_NOSIGNAL | (more || end < bytes.length ? QuicUapi.MSG_MORE : 0);
        header.streamFlags = level.number();
        door.sendmsg(header, Arrays.copyOfRange(bytes, sent, end));
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws HandshakePortException {
    SeqPacket data = door.data();
    while (true) {
      long left = deadlineNanos - System.nanoTime();
      // Rounded up, or the last millisecond would be spent in a busy loop.
      int n = data.receive(in, left <= 0 ? 0 : (left + NANOS_PER_MS - 1) / NANOS_PER_MS);
      discard(data.takeDescriptor());
      if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
        if (deadlineNanos - System.nanoTime() <= 0) {
          return null;
        }
        continue;
      }
      if (n <= 0) {
        throw new HandshakePortException(
            n == 0 ? Errno.EPIPE : -n, "the data plane took the request back");
      }
      Message message = message(n);
      if (message != null) {
        return message;
      }
    }
  }

  /** Null for what is no handshake message, which a grant never sees or may ignore. */
  private @Nullable Message message(int n) throws HandshakePortException {
    if (!header.read(in, 0, n)) {
      return null;
    }
    if (header.type == Door.DATA_CLOSED) {
      int errno = header.streamId == Errno.ETIMEDOUT ? Errno.ETIMEDOUT : Errno.ENOTCONN;
      throw new HandshakePortException(errno, "the connection was closed");
    }
    if (header.type != Door.DATA_RECV
        || header.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO
        || header.streamFlags < 0
        || header.streamFlags >= QuicUapi.QUIC_CRYPTO_MAX) {
      return null;
    }
    return new Message(
        CryptoLevel.of(header.streamFlags), Arrays.copyOfRange(in, Door.DATA_HEADER, n));
  }

  private static void discard(int descriptor) {
    if (descriptor >= 0) {
      SeqPacket.closeDescriptor(descriptor);
    }
  }

  @Override
  public void setOption(int name, byte[] value) throws HandshakePortException {
    try {
      door.setsockopt(QuicUapi.SOL_QUIC, name, value);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public byte[] getOption(int name, int max) throws HandshakePortException {
    try {
      return door.getsockopt(QuicUapi.SOL_QUIC, name, new byte[0], max);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static HandshakePortException failed(IOException e) {
    String message = String.valueOf(e.getMessage());
    return new HandshakePortException(
        e instanceof DoorClient.DoorException door ? door.errno() : Errno.EPIPE, message);
  }

  @Override
  public void close() {
    door.close();
  }
}
