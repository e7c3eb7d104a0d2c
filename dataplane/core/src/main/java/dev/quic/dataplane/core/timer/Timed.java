package dev.quic.dataplane.core.timer;

/** What a {@link DeadlineHeap} orders; in one heap at a time. */
public interface Timed {
  /** Seat of what is in no heap. */
  int NO_SEAT = -1;

  /** What the heap knows it by; {@link #NO_SEAT} from the start. */
  int deadlineSeat();

  /** For the heap alone. */
  void deadlineSeat(int seat);
}
