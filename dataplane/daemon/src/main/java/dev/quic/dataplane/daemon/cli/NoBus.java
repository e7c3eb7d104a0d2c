package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.daemon.handshake.ReadySink;

/** The bus of a data plane without a run directory: nobody can ever listen. */
final class NoBus implements ReadySink {
  @Override
  public boolean hasSubscribers(int handlerClass) {
    return false;
  }

  @Override
  public void ready(int handlerClass) {}

  @Override
  public void deadlineChanged() {}
}
