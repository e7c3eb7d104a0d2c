package dev.quic.dataplane.core.timer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sockets ordered by deadline: a binary heap. Its order is in arrays of its own, since ten thousand
 * sockets are in no cache, and a socket that moves down passes a dozen others. What is in the heap
 * has a seat, a small number that names it in these arrays. As many as are set, without a limit:
 * whoever makes sockets has one.
 */
public final class DeadlineHeap<T extends Timed> {
  private static final int FIRST_SEATS = 64;

  // By place in the heap.
  private long[] deadlines = new long[FIRST_SEATS];
  private int[] seats = new int[FIRST_SEATS];
  private int size;

  // By seat. Free seats are behind those in use: what is in seats from size on.
  private int[] places = new int[FIRST_SEATS];
  private @Nullable Object[] timed = new @Nullable Object[FIRST_SEATS];

  public DeadlineHeap() {
    freeFrom(0);
  }

  /** What is due first; null when nothing has a deadline. */
  @SuppressWarnings("unchecked")
  public @Nullable T first() {
    return size == 0 ? null : (T) timed[seats[0]];
  }

  /** The first deadline; {@link Long#MAX_VALUE} when there is none. */
  public long next() {
    return size == 0 ? Long.MAX_VALUE : deadlines[0];
  }

  /** Sets a deadline; {@link Long#MAX_VALUE} takes it out. */
  public void set(T t, long at) {
    if (at == Long.MAX_VALUE) {
      remove(t);
      return;
    }
    int seat = t.deadlineSeat();
    if (seat == Timed.NO_SEAT) {
      seat = sit(t);
      up(size++, seat, at);
      return;
    }
    int place = places[seat];
    if (at < deadlines[place]) {
      up(place, seat, at);
    } else if (at > deadlines[place]) {
      down(place, seat, at);
    }
  }

  public void remove(T t) {
    int seat = t.deadlineSeat();
    if (seat == Timed.NO_SEAT) {
      return;
    }
    t.deadlineSeat(Timed.NO_SEAT);
    timed[seat] = null;
    int place = places[seat];
    int last = seats[--size];
    long at = deadlines[size];
    seats[size] = seat;
    if (last != seat) {
      down(place, last, at);
      if (places[last] == place) {
        up(place, last, at);
      }
    }
  }

  private int sit(T t) {
    if (size == seats.length) {
      deadlines = Arrays.copyOf(deadlines, 2 * size);
      seats = Arrays.copyOf(seats, 2 * size);
      places = Arrays.copyOf(places, 2 * size);
      timed = Arrays.copyOf(timed, 2 * size);
      freeFrom(size);
    }
    int seat = seats[size];
    timed[seat] = t;
    t.deadlineSeat(seat);
    return seat;
  }

  private void freeFrom(int first) {
    for (int i = first; i < seats.length; i++) {
      seats[i] = i;
    }
  }

  /** Seats make the order of equal deadlines the same in every run. */
  private static boolean before(long at, int seat, long otherAt, int otherSeat) {
    return at != otherAt ? at < otherAt : seat < otherSeat;
  }

  private void place(int place, int seat, long at) {
    deadlines[place] = at;
    seats[place] = seat;
    places[seat] = place;
  }

  private void up(int from, int seat, long at) {
    int i = from;
    while (i > 0) {
      int parent = (i - 1) / 2;
      if (!before(at, seat, deadlines[parent], seats[parent])) {
        break;
      }
      place(i, seats[parent], deadlines[parent]);
      i = parent;
    }
    place(i, seat, at);
  }

  private void down(int from, int seat, long at) {
    int i = from;
    while (2 * i + 1 < size) {
      int child = 2 * i + 1;
      int right = child + 1;
      if (right < size && before(deadlines[right], seats[right], deadlines[child], seats[child])) {
        child = right;
      }
      if (!before(deadlines[child], seats[child], at, seat)) {
        break;
      }
      place(i, seats[child], deadlines[child]);
      i = child;
    }
    place(i, seat, at);
  }
}
