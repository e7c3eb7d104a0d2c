package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A data descriptor over its AF_UNIX socket. */
final class SeqPacketDescriptor implements DataDescriptor {
  private static final int CMSG_MASK = 0xffff;

  /** Payload that the first, small buffer has room for. */
  private static final int SMALL = 1_000;

  private final SeqPacket socket;

  /** For the one sender, from its first packet on: a program may have many sockets at rest. */
  private byte @Nullable [] buffer;

  private final DoorData outHeader = new DoorData();

  /** For the one reader: a buffer that no packet refers to. */
  private final AtomicReference<byte @Nullable []> spare = new AtomicReference<>();

  private final DoorData inHeader = new DoorData();

  SeqPacketDescriptor(SeqPacket socket) {
    this.socket = socket;
  }

  @Override
  public boolean send(DataPacket packet, boolean wait) throws IOException {
    outHeader.reset(packet.type);
    outHeader.cmsg = packet.cmsg & CMSG_MASK;
    outHeader.flags = packet.flags;
    outHeader.streamId = packet.streamId;
    outHeader.streamFlags = packet.streamFlags;
    outHeader.seq = packet.seq;
    byte[] out = buffer;
    if (out == null || out.length < Door.DATA_HEADER + packet.length()) {
      out = new byte[packet.length() <= SMALL ? Door.DATA_HEADER + SMALL : Door.MAX_PACKET];
      buffer = out;
    }
    outHeader.write(out, 0);
    int n = packet.copyTo(out, Door.DATA_HEADER, DataPacket.MAX_PAYLOAD);
    int length = Door.DATA_HEADER + n;
    if (wait) {
      socket.send(out, 0, length, DataPacket.NO_DESCRIPTOR);
      return true;
    }
    int sent = socket.trySend(out, 0, length, DataPacket.NO_DESCRIPTOR);
    if (sent < 0 && sent != -Errno.EAGAIN) {
      throw new IOException("send: " + Errno.name(sent));
    }
    return sent >= 0;
  }

  @Override
  public boolean awaitRoom(long timeoutMs) {
    return socket.awaitWritable(timeoutMs);
  }

  @Override
  public @Nullable DataPacket receive(long timeoutMs) throws IOException {
    byte[] buf = spare.getAndSet(null);
    if (buf == null) {
      buf = new byte[Door.MAX_PACKET];
    }
    int n = socket.receive(buf, timeoutMs);
    if (n == 0 && !socket.isClosed()) {
      // Also what a wait that was cut short looks like: ask again before believing it.
      n = socket.tryReceive(buf);
      if (n == -Errno.EAGAIN && Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException();
      }
    }
    if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
      spare.set(buf);
      if (n == -Errno.EINTR) {
        throw new InterruptedIOException();
      }
      return null;
    }
    if (n <= 0) {
      throw new IOException(n == 0 ? "hang-up" : Errno.name(n));
    }
    return parse(buf, n, socket.takeDescriptor());
  }

  /** A packet too short for a header is no packet: null. */
  private @Nullable DataPacket parse(byte[] buf, int n, int descriptor) {
    if (!inHeader.read(buf, 0, n)) {
      if (descriptor >= 0) {
        SeqPacket.closeDescriptor(descriptor);
      }
      spare.set(buf);
      return null;
    }
    DataPacket packet = new DataPacket(inHeader.type);
    packet.cmsg = inHeader.cmsg == Door.CMSG_NONE ? QuicMsg.CMSG_NONE : inHeader.cmsg;
    packet.flags = inHeader.flags;
    packet.streamId = inHeader.streamId;
    packet.streamFlags = inHeader.streamFlags;
    packet.seq = inHeader.seq;
    packet.descriptor = descriptor;
    packet.payload(buf, Door.DATA_HEADER, n - Door.DATA_HEADER);
    return packet;
  }

  @Override
  public void recycle(DataPacket packet) {
    spare.set(packet.bytes());
  }

  @Override
  public void close() {
    socket.close();
  }
}
