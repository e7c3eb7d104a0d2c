package dev.quic.dataplane.io;

import java.util.function.Consumer;

/** Says once, in one line, that the system grants smaller socket buffers than asked for. */
final class BufferNotice {
  private final Consumer<String> notices;
  private boolean said;

  BufferNotice(Consumer<String> notices) {
    this.notices = notices;
  }

  /** All in bytes. */
  void granted(int wanted, int receive, int send) {
    if (said || (receive >= wanted && send >= wanted)) {
      return;
    }
    said = true;
    notices.accept(
        "UDP socket buffers: asked for "
            + wanted
            + " bytes, got "
            + receive
            + " to receive and "
            + send
            + " to send; fast transfers will lose packets. As root: sysctl -w net.core.rmem_max="
            + wanted
            + " net.core.wmem_max="
            + wanted);
  }
}
