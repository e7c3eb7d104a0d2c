package dev.quic.resumption.wire;

import java.io.IOException;

/** A server that can be reached. */
public interface Target {
  /** From a local port nobody used before. */
  Wire open() throws IOException;

  /** Lets time pass. */
  void pause(long nanos) throws IOException;
}
