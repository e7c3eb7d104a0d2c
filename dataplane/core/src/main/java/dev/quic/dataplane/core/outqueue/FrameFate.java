package dev.quic.dataplane.core.outqueue;

/** Told what became of a frame that was sent. {@code kind} is a {@code SentPackets.*} number. */
public interface FrameFate {
  void acked(int level, int kind, long id, long offset, int len, boolean fin);

  /** Lost, or to be repeated in a probe: whatever still matters of it is to be sent again. */
  void lost(int level, int kind, long id, long offset, int len, boolean fin);
}
