package dev.quic.resumption.wire;

import java.util.Arrays;
import java.util.List;

/** Cuts the handshake bytes of one level and direction into messages. */
final class MessageTap {
  /** Longest message looked at; a longer one hides what follows it. */
  private static final int MAX_MESSAGE = 1 << 17;

  /** Messages kept of a connection. */
  private static final int MAX_MESSAGES = 256;

  private final int level;
  private final boolean sent;
  private byte[] rest = new byte[0];

  MessageTap(int level, boolean sent) {
    this.level = level;
    this.sent = sent;
  }

  void bytes(byte[] more, List<TlsMessage> out) {
    byte[] all = Arrays.copyOf(rest, rest.length + more.length);
    System.arraycopy(more, 0, all, rest.length, more.length);
    int at = 0;
    while (all.length - at >= TlsMessage.HEADER) {
      int length = (all[at + 1] & 0xff) << 16 | (all[at + 2] & 0xff) << 8 | all[at + 3] & 0xff;
      int end = at + TlsMessage.HEADER + length;
      if (length > MAX_MESSAGE || all.length < end) {
        break;
      }
      if (out.size() < MAX_MESSAGES) {
        out.add(new TlsMessage(level, sent, Arrays.copyOfRange(all, at, end)));
      }
      at = end;
    }
    rest =
        all.length - at > 2 * MAX_MESSAGE ? new byte[0] : Arrays.copyOfRange(all, at, all.length);
  }
}
