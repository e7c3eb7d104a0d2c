package dev.quic.uds;

import java.nio.file.Path;

/** The other process of {@link SeqPacketServerTest}: sends one packet of what it is passed back. */
final class EchoChild {
  private EchoChild() {}

  public static void main(String[] args) throws Exception {
    byte[] buf = new byte[SeqPacket.MAX_PACKET];
    try (SeqPacket control = SeqPacket.connect(Path.of(args[0]))) {
      if (control.receive(buf, -1) != 1) {
        System.exit(1);
      }
      try (SeqPacket data = SeqPacket.adopt(control.takeDescriptor()).buffers(1 << 20)) {
        int n = data.receive(buf, -1);
        data.send(buf, 0, n, -1);
        // Stays until the test has read it all.
        System.exit(control.receive(buf, -1) == 0 ? 0 : 2);
      }
    }
  }
}
