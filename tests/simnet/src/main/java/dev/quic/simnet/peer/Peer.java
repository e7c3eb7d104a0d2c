package dev.quic.simnet.peer;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Program;
import dev.quic.uapi.QuicUapi;

/** One side of a connection: a handshake, then a transfer. */
public final class Peer implements Program {
  private final Sock sock;
  private final FakeTls tls;
  private final Transfer transfer;
  private boolean closed;
  private long handshakeAt = -1;

  public Peer(Sock sock, FakeTls tls, Transfer transfer) {
    this.sock = sock;
    this.tls = tls;
    this.transfer = transfer;
  }

  public Sock sock() {
    return sock;
  }

  public FakeTls tls() {
    return tls;
  }

  public Transfer transfer() {
    return transfer;
  }

  /** When this side's handshake was done, virtual nanoseconds; -1 before. */
  public long handshakeAt() {
    return handshakeAt;
  }

  /** The transfer ended well. */
  public boolean done() {
    return transfer.done();
  }

  /** What went wrong, empty while all is well. */
  public String failure() {
    return tls.error() != 0 ? tls.failure() : transfer.failure();
  }

  /** Over, one way or the other: the socket is of no more use. */
  public boolean over() {
    return tls.error() != 0
        || !transfer.failure().isEmpty()
        || sock.state() == QuicUapi.QUIC_SS_CLOSED;
  }

  /** Closes the socket; the program does nothing more. */
  public void close(long now) {
    if (!closed) {
      closed = true;
      sock.close(now);
    }
  }

  @Override
  public void ready(long now, Sock s, int mask) {
    step(now);
  }

  @Override
  public long deadline() {
    return closed ? Long.MAX_VALUE : tls.deadline();
  }

  @Override
  public void onTimer(long now) {
    step(now);
  }

  private void step(long now) {
    if (closed) {
      return;
    }
    tls.step(now);
    if (tls.done() && handshakeAt < 0) {
      handshakeAt = now;
    }
    if (tls.done() || tls.early() && tls.error() == 0) {
      transfer.step(now);
    }
  }

  @Override
  public String toString() {
    return "handshake "
        + (tls.done() ? "done" : tls.error() != 0 ? "failed" : "open")
        + ", state "
        + sock.state()
        + ", sent "
        + transfer.sent()
        + ", received "
        + transfer.received()
        + (failure().isEmpty() ? "" : ", failure: " + failure());
  }
}
