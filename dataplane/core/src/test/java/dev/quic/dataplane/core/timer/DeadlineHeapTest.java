package dev.quic.dataplane.core.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineHeapTest {
  private static final class Thing implements Timed {
    private int seat = NO_SEAT;

    @Override
    public int deadlineSeat() {
      return seat;
    }

    @Override
    public void deadlineSeat(int seat) {
      this.seat = seat;
    }
  }

  private final DeadlineHeap<Thing> heap = new DeadlineHeap<>();

  @Test
  void anEmptyOneNeverComesDue() {
    assertThat(heap.first()).isNull();
    assertThat(heap.next()).isEqualTo(Long.MAX_VALUE);
    Thing t = new Thing();
    heap.remove(t);
    heap.set(t, Long.MAX_VALUE);
    assertThat(heap.first()).isNull();
    assertThat(t.deadlineSeat()).isEqualTo(Timed.NO_SEAT);
  }

  @Test
  void oneThatIsTakenOutIsLetGoOf() {
    Thing t = new Thing();
    heap.set(t, 5);
    heap.set(t, Long.MAX_VALUE);
    assertThat(heap.first()).isNull();
    Thing other = new Thing();
    heap.set(other, 7);
    assertThat(other.deadlineSeat()).as("the seat that came free").isZero();
    heap.set(t, 6);
    assertThat(heap.first()).isSameAs(t);
  }

  /** Beside a map: few deadlines, so that many are equal, and few or many things. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64, 65, 1000})
  void theFirstIsWhatIsDueFirst(int things) {
    Random random = new Random(things);
    List<Thing> all = new ArrayList<>();
    for (int i = 0; i < things; i++) {
      all.add(new Thing());
    }
    Map<Thing, Long> model = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      Thing t = random.nextInt(4) == 0 ? heap.first() : all.get(random.nextInt(things));
      if (t == null || random.nextInt(4) == 0) {
        heap.remove(t == null ? all.get(0) : t);
        model.remove(t == null ? all.get(0) : t);
      } else {
        long at = random.nextInt(50) - 10;
        heap.set(t, at);
        model.put(t, at);
      }
      agrees(model);
    }
    long last = Long.MIN_VALUE;
    for (Thing t = heap.first(); t != null; t = heap.first()) {
      assertThat(heap.next()).isEqualTo(model.remove(t)).isGreaterThanOrEqualTo(last);
      last = heap.next();
      heap.remove(t);
    }
    assertThat(model).isEmpty();
  }

  private void agrees(Map<Thing, Long> model) {
    long least = model.values().stream().mapToLong(v -> v).min().orElse(Long.MAX_VALUE);
    assertThat(heap.next()).isEqualTo(least);
    Thing first = heap.first();
    if (first == null) {
      assertThat(model).isEmpty();
    } else {
      assertThat(model.get(first)).isEqualTo(least);
    }
  }
}
