package dev.quic.dataplane.core.event;

/** Tells two listeners, the first one first. */
public final class EventTee implements EventSink {
  private final EventSink a;
  private final EventSink b;

  public EventTee(EventSink first, EventSink second) {
    a = first;
    b = second;
  }

  @Override
  public void connectionStarted(
      long now, long sock, boolean server, int version, long id0, long id1, long id2, int idBytes) {
    a.connectionStarted(now, sock, server, version, id0, id1, id2, idBytes);
    b.connectionStarted(now, sock, server, version, id0, id1, id2, idBytes);
  }

  @Override
  public void connectionForgotten(long now, long sock) {
    a.connectionForgotten(now, sock);
    b.connectionForgotten(now, sock);
  }

  @Override
  public void pathAssigned(
      long now, long sock, long localHi, long localLo, long remoteHi, long remoteLo, int ports) {
    a.pathAssigned(now, sock, localHi, localLo, remoteHi, remoteLo, ports);
    b.pathAssigned(now, sock, localHi, localLo, remoteHi, remoteLo, ports);
  }

  @Override
  public void packetSent(long now, long sock, int level, long pn, int bytes, boolean ackEliciting) {
    a.packetSent(now, sock, level, pn, bytes, ackEliciting);
    b.packetSent(now, sock, level, pn, bytes, ackEliciting);
  }

  @Override
  public void packetReceived(long now, long sock, int level, long pn, int bytes) {
    a.packetReceived(now, sock, level, pn, bytes);
    b.packetReceived(now, sock, level, pn, bytes);
  }

  @Override
  public void packetLost(long now, long sock, int level, long pn, int bytes) {
    a.packetLost(now, sock, level, pn, bytes);
    b.packetLost(now, sock, level, pn, bytes);
  }

  @Override
  public void packetDropped(long now, long sock, int reason, int bytes) {
    a.packetDropped(now, sock, reason, bytes);
    b.packetDropped(now, sock, reason, bytes);
  }

  @Override
  public void cryptoSent(long now, long sock, int level, long offset, int bytes) {
    a.cryptoSent(now, sock, level, offset, bytes);
    b.cryptoSent(now, sock, level, offset, bytes);
  }

  @Override
  public void cryptoReceived(long now, long sock, int level, long offset, int bytes) {
    a.cryptoReceived(now, sock, level, offset, bytes);
    b.cryptoReceived(now, sock, level, offset, bytes);
  }

  @Override
  public void secretInstalled(long now, long sock, int level, boolean send, int cipher) {
    a.secretInstalled(now, sock, level, send, cipher);
    b.secretInstalled(now, sock, level, send, cipher);
  }

  @Override
  public void secretDiscarded(long now, long sock, int level) {
    a.secretDiscarded(now, sock, level);
    b.secretDiscarded(now, sock, level);
  }

  @Override
  public void earlyDataDecided(long now, long sock, boolean accepted) {
    a.earlyDataDecided(now, sock, accepted);
    b.earlyDataDecided(now, sock, accepted);
  }

  @Override
  public void stateChanged(long now, long sock, int from, int to) {
    a.stateChanged(now, sock, from, to);
    b.stateChanged(now, sock, from, to);
  }

  @Override
  public void recoveryUpdated(
      long now, long sock, long cwnd, long bytesInFlight, long smoothedRttNs, long ssthresh) {
    a.recoveryUpdated(now, sock, cwnd, bytesInFlight, smoothedRttNs, ssthresh);
    b.recoveryUpdated(now, sock, cwnd, bytesInFlight, smoothedRttNs, ssthresh);
  }

  @Override
  public void lossTimer(long now, long sock, int ptoCount) {
    a.lossTimer(now, sock, ptoCount);
    b.lossTimer(now, sock, ptoCount);
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    a.closed(now, sock, local, application, errorCode);
    b.closed(now, sock, local, application, errorCode);
  }

  @Override
  public void streamOpened(long now, long sock, long stream, boolean local) {
    a.streamOpened(now, sock, stream, local);
    b.streamOpened(now, sock, stream, local);
  }

  @Override
  public void ecnState(long now, long sock, int state) {
    a.ecnState(now, sock, state);
    b.ecnState(now, sock, state);
  }

  @Override
  public void mtuUpdated(long now, long sock, int old, int mtu, boolean done) {
    a.mtuUpdated(now, sock, old, mtu, done);
    b.mtuUpdated(now, sock, old, mtu, done);
  }

  @Override
  public void pathValidated(long now, long sock, int path) {
    a.pathValidated(now, sock, path);
    b.pathValidated(now, sock, path);
  }
}
