package dev.quic.handshaked.daemon.service;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A data plane's handshake family without a data plane. */
final class FakeBus implements Bus {
  /** How a request ended. */
  record Done(HandshakeRequest request, int status, List<Integer> peerIds, List<String> tags) {}

  private static final String READY = "ready";
  private static final String LOST = "hang-up";
  private static final String STOP = "stop";

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<HandshakeRequest> pending = new ConcurrentLinkedQueue<>();
  final List<Done> done = new CopyOnWriteArrayList<>();
  volatile boolean closed;

  /** What a success that was told is answered with; null for an answer at once. */
  volatile @Nullable Ending answer;

  void submit(HandshakeRequest request) {
    pending.add(request);
    events.add(READY);
  }

  /** A notification whose request somebody else takes. */
  void readyOnly() {
    events.add(READY);
  }

  void lose() {
    events.add(LOST);
  }

  @Override
  public void awaitReady() throws IOException {
    String event;
    try {
      event = events.take();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    if (!event.equals(READY)) {
      throw new IOException(event);
    }
  }

  @Override
  public @Nullable HandshakeRequest accept() {
    return pending.poll();
  }

  @Override
  public void done(
      HandshakeRequest request,
      int status,
      List<Integer> peerIds,
      List<String> tags,
      byte[] channelBinding) {
    done.add(new Done(request, status, peerIds, tags));
  }

  @Override
  public Ending tell(
      HandshakeRequest request,
      int status,
      List<Integer> peerIds,
      List<String> tags,
      byte[] channelBinding)
      throws IOException {
    Ending later = answer;
    return later != null ? later : Bus.super.tell(request, status, peerIds, tags, channelBinding);
  }

  @Override
  public void stopListening() {
    events.add(STOP);
  }

  @Override
  public void close() {
    closed = true;
  }
}
