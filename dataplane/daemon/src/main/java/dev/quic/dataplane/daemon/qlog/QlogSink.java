package dev.quic.dataplane.daemon.qlog;

import dev.quic.dataplane.core.event.EventSink;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * One shard's events on their way to the {@link QlogWriter}. Never waits, allocates nothing for a
 * packet, and keeps only connections that are sampled.
 */
final class QlogSink implements EventSink {
  private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

  private final EventRing ring;
  private final int sample;

  /** Connections that the writer was told of, and whose end it has to be told of. */
  private final Set<Long> begun = new HashSet<>();

  /** Ends that found the ring full: without them their files would stay open. */
  private final ArrayDeque<Long> ended = new ArrayDeque<>();

  /**
   * @param sample one connection in so many is written; 1 for all
   */
  QlogSink(EventRing ring, int sample) {
    this.ring = ring;
    this.sample = sample;
  }

  /** Whether this connection is one of those written; the same answer for ever. */
  private boolean wanted(long sock) {
    return sock != 0 && (sample == 1 || Long.remainderUnsigned(sock * MIX >>> 20, sample) == 0);
  }

  private void put(int kind, long now, long sock, long a, long b, long c, long d, long e) {
    if (wanted(sock)) {
      tellEnds(now);
      ring.put(kind, now, sock, a, b, c, d, e);
    }
  }

  private void tellEnds(long now) {
    while (!ended.isEmpty() && ring.hasRoom()) {
      ring.put(EventKind.FORGOTTEN, now, ended.remove(), 0, 0, 0, 0, 0);
    }
  }

  private void put(int kind, long now, long sock, long a, long b, long c) {
    put(kind, now, sock, a, b, c, 0, 0);
  }

  private static long bit(boolean b) {
    return b ? 1 : 0;
  }

  @Override
  public void connectionStarted(
      long now, long sock, boolean server, int version, long id0, long id1, long id2, int idBytes) {
    if (wanted(sock) && ring.hasRoom()) {
      begun.add(sock);
    }
    put(EventKind.STARTED, now, sock, id0, id1, id2, version, bit(server) << 8 | idBytes);
  }

  @Override
  public void connectionForgotten(long now, long sock) {
    if (begun.remove(sock)) {
      ended.add(sock);
    }
    tellEnds(now);
  }

  @Override
  public void pathAssigned(
      long now, long sock, long localHi, long localLo, long remoteHi, long remoteLo, int ports) {
    put(EventKind.PATH, now, sock, localHi, localLo, remoteHi, remoteLo, ports);
  }

  @Override
  public void packetSent(long now, long sock, int level, long pn, int bytes, boolean eliciting) {
    put(EventKind.SENT, now, sock, level, pn, bytes, bit(eliciting), 0);
  }

  @Override
  public void packetReceived(long now, long sock, int level, long pn, int bytes) {
    put(EventKind.RECEIVED, now, sock, level, pn, bytes);
  }

  @Override
  public boolean detailed() {
    return true;
  }

  @Override
  public void frame(long now, long sock, int what, long pn, long x, long y, long z) {
    put(EventKind.FRAME, now, sock, what, pn, x, y, z);
  }

  @Override
  public void ackRange(long now, long sock, int level, long pn, long low, long high) {
    put(EventKind.RANGE, now, sock, level, pn, low, high, 0);
  }

  @Override
  public void parameter(long now, long sock, boolean local, int id, long value) {
    put(EventKind.PARAMETER, now, sock, bit(local), id, value);
  }

  @Override
  public void parametersSet(long now, long sock, boolean local) {
    put(EventKind.PARAMETERS, now, sock, bit(local), 0, 0);
  }

  @Override
  public void packetLost(long now, long sock, int level, long pn, int bytes) {
    put(EventKind.LOST, now, sock, level, pn, bytes);
  }

  @Override
  public void packetDropped(long now, long sock, int reason, int bytes) {
    put(EventKind.DROPPED, now, sock, reason, bytes, 0);
  }

  @Override
  public void secretInstalled(long now, long sock, int level, boolean send, int cipher) {
    put(EventKind.KEY, now, sock, level, bit(send), 0);
  }

  @Override
  public void secretDiscarded(long now, long sock, int level) {
    put(EventKind.KEY_GONE, now, sock, level, 0, 0);
  }

  @Override
  public void stateChanged(long now, long sock, int from, int to) {
    put(EventKind.STATE, now, sock, from, to, 0);
  }

  @Override
  public void recoveryUpdated(
      long now, long sock, long cwnd, long inFlight, long smoothedRttNs, long ssthresh) {
    put(EventKind.RECOVERY, now, sock, cwnd, inFlight, smoothedRttNs, ssthresh, 0);
  }

  @Override
  public void lossTimer(long now, long sock, int ptoCount) {
    put(EventKind.TIMEOUT, now, sock, ptoCount, 0, 0);
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    put(EventKind.CLOSED, now, sock, bit(local), bit(application), errorCode);
  }

  @Override
  public void streamOpened(long now, long sock, long stream, boolean local) {
    put(EventKind.STREAM, now, sock, stream, bit(local), 0);
  }

  @Override
  public void pathValidated(long now, long sock, int path) {
    put(EventKind.MIGRATED, now, sock, path, 0, 0);
  }

  @Override
  public void ecnState(long now, long sock, int state) {
    put(EventKind.ECN, now, sock, state, 0, 0);
  }

  @Override
  public void mtuUpdated(long now, long sock, int old, int mtu, boolean done) {
    put(EventKind.MTU, now, sock, old, mtu, bit(done));
  }
}
