package dev.quic.dataplane.daemon.door;

import dev.quic.dataplane.daemon.diag.Views;
import dev.quic.uapi.Errno;
import dev.quic.uapi.door.DoorCall;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads views by one connection: the text is taken when its beginning is asked for, and kept until
 * its end was read. The conductor's thread.
 */
final class ViewReader {
  /** Bytes of text in one reply. */
  static final int PIECE = 60_000;

  private static final byte[] NOTHING = new byte[0];

  private final Views views;
  private final Conductor conductor;
  private final Budget budget;
  private byte[] text = NOTHING;
  private int length;

  /** Text that all connections hold. The conductor's thread. */
  static final class Budget {
    private long held;

    private boolean take(int bytes) {
      boolean fits = held + bytes <= DoorLimits.VIEW_BYTES;
      held += fits ? bytes : 0;
      return fits;
    }
  }

  ViewReader(Views views, Conductor conductor, Budget budget) {
    this.views = views;
    this.conductor = conductor;
    this.budget = budget;
  }

  /**
   * Answers a PROC request: the offset in {@code value}, the view's name as payload.
   *
   * @param later runs when the answer is there, if it is not at once
   * @return false when it is not there yet
   */
  boolean read(ControlPacket p, Runnable later) {
    DoorCall c = p.call();
    String name = new String(c.payload(), StandardCharsets.US_ASCII).replace("\0", "");
    if (!Views.NAMES.contains(name)) {
      p.reply(-Errno.ENOENT);
      return true;
    }
    if (c.value() != 0) {
      piece(p, c.value());
      return true;
    }
    views.text(
        name,
        t ->
            conductor.execute(() -> {
              begin(p, t);
              later.run();
            }));
    return false;
  }

  private void begin(ControlPacket p, byte[] taken) {
    drop();
    if (budget.take(taken.length)) {
      text = taken;
      length = taken.length;
      piece(p, 0);
    } else {
      p.reply(-Errno.ENOBUFS);
    }
  }

  private void piece(ControlPacket p, int offset) {
    if (offset == length) {
      p.reply(0);
    } else if (offset < 0 || offset > text.length) {
      p.reply(-Errno.EINVAL);
    } else {
      int end = Math.min(text.length, offset + PIECE);
      p.reply(end - offset, Arrays.copyOfRange(text, offset, end));
      if (end == length) {
        drop();
      }
    }
  }

  /** Gives the text back; its length is kept for the question after its end. */
  void drop() {
    budget.held -= text.length;
    text = NOTHING;
  }
}
