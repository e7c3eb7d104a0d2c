package dev.quic.consumer;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A descriptor whose other end is the test. */
final class FakeDescriptor implements DataDescriptor {
  private static final DataPacket HANGUP = new DataPacket(0);

  private final LinkedBlockingQueue<DataPacket> toProgram = new LinkedBlockingQueue<>();
  final List<DataPacket> sent = new CopyOnWriteArrayList<>();

  /** Packets given back. */
  final List<DataPacket> recycled = new CopyOnWriteArrayList<>();

  /** Answers each packet sent. */
  volatile Consumer<DataPacket> answer = packet -> {};

  /** The data plane does not read. */
  volatile boolean full;

  volatile boolean hungUp;

  /** How long somebody would have waited for a packet, ms, one after the other. */
  final BlockingQueue<Long> waits = new LinkedBlockingQueue<>();

  void recv(int cmsg, long streamId, int streamFlags, int flags, String text) {
    DataPacket p = new DataPacket(DataPacket.RECV);
    p.cmsg = cmsg;
    p.streamId = streamId;
    p.streamFlags = streamFlags;
    p.flags = flags;
    p.payload(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, text.length());
    toProgram.add(p);
  }

  void result(int seq, long value) {
    DataPacket p = new DataPacket(DataPacket.RESULT);
    p.seq = seq;
    p.streamId = value;
    toProgram.add(p);
  }

  void closed(int errno) {
    DataPacket p = new DataPacket(DataPacket.CLOSED);
    p.streamId = errno;
    toProgram.add(p);
    hangUp();
  }

  void hangUp() {
    hungUp = true;
    toProgram.add(HANGUP);
  }

  @Override
  public boolean send(DataPacket packet, boolean wait) throws IOException {
    if (hungUp) {
      throw new IOException("broken pipe");
    }
    if (full) {
      return false;
    }
    DataPacket copy = new DataPacket(packet.type);
    copy.cmsg = packet.cmsg;
    copy.flags = packet.flags;
    copy.streamId = packet.streamId;
    copy.streamFlags = packet.streamFlags;
    copy.seq = packet.seq;
    byte[] bytes =
        Arrays.copyOfRange(packet.bytes(), packet.offset(), packet.offset() + packet.length());
    copy.payload(bytes, 0, bytes.length);
    sent.add(copy);
    answer.accept(copy);
    return true;
  }

  @Override
  public boolean awaitRoom(long timeoutMs) {
    return !full;
  }

  @Override
  public @Nullable DataPacket receive(long timeoutMs, byte[] into, int off, int len)
      throws IOException {
    waits.add(timeoutMs);
    DataPacket packet;
    try {
      packet = timeoutMs < 0 ? toProgram.take() : toProgram.poll(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    if (packet == HANGUP) {
      toProgram.add(HANGUP);
      throw new IOException("hang-up");
    }
    if (packet != null && packet.type == DataPacket.RECV && packet.length() <= len) {
      packet.payload(into, off, packet.copyTo(into, off, len));
    }
    return packet;
  }

  @Override
  public void recycle(DataPacket packet) {
    recycled.add(packet);
  }

  @Override
  public void close() {
    hangUp();
  }
}
