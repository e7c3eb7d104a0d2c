package dev.quic.dataplane.core.event;

/** Tells two listeners, the first one first. */
public record EventTee(EventSink first, EventSink second) implements EventSink {
  @Override
  public void connectionStarted(
      long now, long sock, boolean server, int version, long id0, long id1, long id2, int idBytes) {
    first.connectionStarted(now, sock, server, version, id0, id1, id2, idBytes);
    second.connectionStarted(now, sock, server, version, id0, id1, id2, idBytes);
  }

  @Override
  public void connectionForgotten(long now, long sock) {
    first.connectionForgotten(now, sock);
    second.connectionForgotten(now, sock);
  }

  @Override
  public void pathAssigned(
      long now, long sock, long localHi, long localLo, long remoteHi, long remoteLo, int ports) {
    first.pathAssigned(now, sock, localHi, localLo, remoteHi, remoteLo, ports);
    second.pathAssigned(now, sock, localHi, localLo, remoteHi, remoteLo, ports);
  }

  @Override
  public void packetSent(long now, long sock, int level, long pn, int bytes, boolean ackEliciting) {
    first.packetSent(now, sock, level, pn, bytes, ackEliciting);
    second.packetSent(now, sock, level, pn, bytes, ackEliciting);
  }

  @Override
  public void packetReceived(long now, long sock, int level, long pn, int bytes) {
    first.packetReceived(now, sock, level, pn, bytes);
    second.packetReceived(now, sock, level, pn, bytes);
  }

  @Override
  public boolean detailed() {
    return first.detailed() || second.detailed();
  }

  @Override
  public void frame(long now, long sock, int what, long pn, long x, long y, long z) {
    first.frame(now, sock, what, pn, x, y, z);
    second.frame(now, sock, what, pn, x, y, z);
  }

  @Override
  public void ackRange(long now, long sock, int level, long pn, long low, long high) {
    first.ackRange(now, sock, level, pn, low, high);
    second.ackRange(now, sock, level, pn, low, high);
  }

  @Override
  public void parameter(long now, long sock, boolean local, int id, long value) {
    first.parameter(now, sock, local, id, value);
    second.parameter(now, sock, local, id, value);
  }

  @Override
  public void parametersSet(long now, long sock, boolean local) {
    first.parametersSet(now, sock, local);
    second.parametersSet(now, sock, local);
  }

  @Override
  public void packetLost(long now, long sock, int level, long pn, int bytes) {
    first.packetLost(now, sock, level, pn, bytes);
    second.packetLost(now, sock, level, pn, bytes);
  }

  @Override
  public void packetDropped(long now, long sock, int reason, int bytes) {
    first.packetDropped(now, sock, reason, bytes);
    second.packetDropped(now, sock, reason, bytes);
  }

  @Override
  public void cryptoSent(long now, long sock, int level, long offset, int bytes) {
    first.cryptoSent(now, sock, level, offset, bytes);
    second.cryptoSent(now, sock, level, offset, bytes);
  }

  @Override
  public void cryptoReceived(long now, long sock, int level, long offset, int bytes) {
    first.cryptoReceived(now, sock, level, offset, bytes);
    second.cryptoReceived(now, sock, level, offset, bytes);
  }

  @Override
  public void secretInstalled(long now, long sock, int level, boolean send, int cipher) {
    first.secretInstalled(now, sock, level, send, cipher);
    second.secretInstalled(now, sock, level, send, cipher);
  }

  @Override
  public void secretDiscarded(long now, long sock, int level) {
    first.secretDiscarded(now, sock, level);
    second.secretDiscarded(now, sock, level);
  }

  @Override
  public void earlyDataDecided(long now, long sock, boolean accepted) {
    first.earlyDataDecided(now, sock, accepted);
    second.earlyDataDecided(now, sock, accepted);
  }

  @Override
  public void stateChanged(long now, long sock, int from, int to) {
    first.stateChanged(now, sock, from, to);
    second.stateChanged(now, sock, from, to);
  }

  @Override
  public void recoveryUpdated(
      long now, long sock, long cwnd, long bytesInFlight, long smoothedRttNs, long ssthresh) {
    first.recoveryUpdated(now, sock, cwnd, bytesInFlight, smoothedRttNs, ssthresh);
    second.recoveryUpdated(now, sock, cwnd, bytesInFlight, smoothedRttNs, ssthresh);
  }

  @Override
  public void lossTimer(long now, long sock, int ptoCount) {
    first.lossTimer(now, sock, ptoCount);
    second.lossTimer(now, sock, ptoCount);
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    first.closed(now, sock, local, application, errorCode);
    second.closed(now, sock, local, application, errorCode);
  }

  @Override
  public void streamOpened(long now, long sock, long stream, boolean local) {
    first.streamOpened(now, sock, stream, local);
    second.streamOpened(now, sock, stream, local);
  }

  @Override
  public void ecnState(long now, long sock, int state) {
    first.ecnState(now, sock, state);
    second.ecnState(now, sock, state);
  }

  @Override
  public void mtuUpdated(long now, long sock, int old, int mtu, boolean done) {
    first.mtuUpdated(now, sock, old, mtu, done);
    second.mtuUpdated(now, sock, old, mtu, done);
  }

  @Override
  public void pathValidated(long now, long sock, int path) {
    first.pathValidated(now, sock, path);
    second.pathValidated(now, sock, path);
  }

  @Override
  public void versionChanged(long now, long sock, int from, int to) {
    first.versionChanged(now, sock, from, to);
    second.versionChanged(now, sock, from, to);
  }

  @Override
  public void rttUpdated(long now, long sock, long latest, long min, long smoothed, long variance) {
    first.rttUpdated(now, sock, latest, min, smoothed, variance);
    second.rttUpdated(now, sock, latest, min, smoothed, variance);
  }

  @Override
  public void spuriousLoss(long now, long sock) {
    first.spuriousLoss(now, sock);
    second.spuriousLoss(now, sock);
  }
}
