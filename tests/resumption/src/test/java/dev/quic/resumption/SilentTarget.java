package dev.quic.resumption;

import dev.quic.resumption.wire.Target;
import dev.quic.resumption.wire.Wire;
import org.jspecify.annotations.Nullable;

/** Nobody there. */
record SilentTarget(VirtualTime time) implements Target {
  @Override
  public Wire open() {
    return new Wire() {
      @Override
      public void send(byte[] datagram) {}

      @Override
      public byte @Nullable [] receive(long deadline) {
        time.to(deadline);
        return null;
      }

      @Override
      public long now() {
        return time.now();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void pause(long nanos) {
    time.to(time.now() + nanos);
  }
}
