package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.PacketBytes;
import dev.quic.uds.PacketTaker;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A data descriptor over its AF_UNIX socket. */
final class SeqPacketDescriptor implements DataDescriptor {
  private static final int CMSG_MASK = 0xffff;

  private final SeqPacket socket;

  // The sender's.
  private final byte[] outBytes = new byte[Door.DATA_HEADER];
  private final DoorData outHeader = new DoorData();

  // The reader's: the packet that came last, and where the payload of a message may go.
  private final byte[] inBytes = new byte[Door.DATA_HEADER];
  private final DoorData inHeader = new DoorData();
  private final PacketTaker taker = this::take;
  private @Nullable DataPacket came;
  private byte[] place = NOWHERE;
  private int placeOff;
  private int placeLen;

  /** A buffer that no packet refers to, for one that comes when nobody has a place for it. */
  private final AtomicReference<byte @Nullable []> spare = new AtomicReference<>();

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
    outHeader.write(outBytes, 0);
    byte[] bytes = packet.bytes();
    int length = Math.min(packet.length(), DataPacket.MAX_PAYLOAD);
    if (wait) {
      socket.send(outBytes, Door.DATA_HEADER, bytes, packet.offset(), length);
      return true;
    }
    int sent = socket.trySend(outBytes, Door.DATA_HEADER, bytes, packet.offset(), length);
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
  public @Nullable DataPacket receive(long timeoutMs, byte[] into, int off, int len)
      throws IOException {
    place = into;
    placeOff = off;
    placeLen = len;
    try {
      return receiveOne(timeoutMs);
    } finally {
      place = NOWHERE;
      came = null;
    }
  }

  private @Nullable DataPacket receiveOne(long timeoutMs) throws IOException {
    int n = socket.receive(inBytes, taker, timeoutMs);
    if (n == 0 && !socket.isClosed()) {
      // Also what a wait that was cut short looks like: ask again before believing it.
      n = socket.tryReceive(inBytes, taker);
      if (n == -Errno.EAGAIN && Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException();
      }
    }
    if (n == -Errno.EINTR) {
      throw new InterruptedIOException();
    }
    if (n == -Errno.EAGAIN) {
      return null;
    }
    if (n <= 0) {
      throw new IOException(n == 0 ? "hang-up" : Errno.name(n));
    }
    DataPacket packet = came;
    int descriptor = socket.takeDescriptor();
    if (packet != null) {
      packet.descriptor = descriptor;
    } else if (descriptor >= 0) {
      SeqPacket.closeDescriptor(descriptor);
    }
    return packet;
  }

  /** A packet too short for a header is no packet. */
  private void take(int n, PacketBytes bytes) {
    came = null;
    if (!inHeader.read(inBytes, 0, n)) {
      return;
    }
    DataPacket packet = new DataPacket(inHeader.type);
    packet.cmsg = inHeader.cmsg == Door.CMSG_NONE ? QuicMsg.CMSG_NONE : inHeader.cmsg;
    packet.flags = inHeader.flags;
    packet.streamId = inHeader.streamId;
    packet.streamFlags = inHeader.streamFlags;
    packet.seq = inHeader.seq;
    int length = n - Door.DATA_HEADER;
    boolean placed = packet.type == DataPacket.RECV && 0 < length && length <= placeLen;
    byte[] into = placed ? place : room(length);
    int off = placed ? placeOff : 0;
    bytes.copy(Door.DATA_HEADER, into, off, length);
    packet.payload(into, off, length);
    came = packet;
  }

  private byte[] room(int length) {
    if (length == 0) {
      return NOWHERE;
    }
    byte[] buf = spare.getAndSet(null);
    return buf != null && buf.length >= length ? buf : new byte[length];
  }

  @Override
  public void recycle(DataPacket packet) {
    if (packet.bytes().length > 0) {
      spare.set(packet.bytes());
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
