package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.event.EventSink;

/** Prints every event; for looking at one seed by hand. */
class PrintSink implements EventSink {
  private final String who;

  PrintSink(String who) {
    this.who = who;
  }

  private boolean silent;

  /** Keeps what subclasses do and prints nothing. */
  PrintSink quiet() {
    silent = true;
    return this;
  }

  private void line(long now, String text) {
    if (silent) {
      return;
    }
    System.out.printf("%12.3f %s %s%n", now / 1e6, who, text);
  }

  @Override
  public void packetSent(long now, long sock, int level, long pn, int bytes, boolean ackEliciting) {
    line(now, "sent " + level + ":" + pn + " " + bytes + (ackEliciting ? " eliciting" : ""));
  }

  @Override
  public void packetReceived(long now, long sock, int level, long pn, int bytes) {
    line(now, "received " + level + ":" + pn + " " + bytes);
  }

  @Override
  public void packetLost(long now, long sock, int level, long pn, int bytes) {
    line(now, "lost " + level + ":" + pn + " " + bytes);
  }

  @Override
  public void packetDropped(long now, long sock, int reason, int bytes) {
    line(now, "dropped for " + reason + ": " + bytes);
  }

  @Override
  public void cryptoSent(long now, long sock, int level, long offset, int bytes) {
    line(now, "crypto sent " + level + " " + offset + "+" + bytes);
  }

  @Override
  public void secretInstalled(long now, long sock, int level, boolean send, int cipher) {
    line(now, "secret " + level + (send ? " send" : " receive"));
  }

  @Override
  public void secretDiscarded(long now, long sock, int level) {
    line(now, "discarded " + level);
  }

  @Override
  public void stateChanged(long now, long sock, int from, int to) {
    line(now, "state " + from + " to " + to);
  }

  @Override
  public void lossTimer(long now, long sock, int ptoCount) {
    line(now, "pto " + ptoCount);
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    line(now, "closed " + (local ? "here" : "by peer") + " 0x" + Long.toHexString(errorCode));
  }
}
