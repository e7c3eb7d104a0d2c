package dev.quic.system;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Byte sequences that a heap is searched for, all in one pass. */
final class KnownBytes {
  /** What one of them is, and its bytes: at least eight. */
  private record Known(String what, byte[] bytes) {}

  /** A place where one was found. */
  record Found(String what, long array, int type) {}

  private final Map<Long, List<Known>> byBeginning = new HashMap<>();

  /** Whether a place of the heap may begin one, before the map is asked: its low bits. */
  private final boolean[] candidates = new boolean[1 << 20];

  private int count;

  void add(String what, byte[] bytes) {
    long beginning = ByteBuffer.wrap(bytes).getLong();
    List<Known> alike = byBeginning.computeIfAbsent(beginning, b -> new ArrayList<>());
    if (alike.stream().anyMatch(k -> Arrays.equals(k.bytes, bytes))) {
      // Both ends of a connection log the same.
      return;
    }
    alike.add(new Known(what, bytes));
    candidates[slot(beginning)] = true;
    count++;
  }

  int count() {
    return count;
  }

  private static int slot(long beginning) {
    return (int) (beginning ^ beginning >>> 32) & (1 << 20) - 1;
  }

  List<Found> in(HeapDump dump) {
    List<Found> found = new ArrayList<>();
    dump.arrays((id, type, content) -> {
      for (int at = 0; at + Long.BYTES <= content.limit(); at++) {
        long here = content.getLong(at);
        if (candidates[slot(here)]) {
          check(here, content, at, id, type, found);
        }
      }
    });
    return found;
  }

  private void check(long here, ByteBuffer content, int at, long id, int type, List<Found> found) {
    for (Known k : byBeginning.getOrDefault(here, List.of())) {
      boolean fits = k.bytes.length <= content.limit() - at;
      if (fits && content.slice(at, k.bytes.length).equals(ByteBuffer.wrap(k.bytes))) {
        found.add(new Found(k.what, id, type));
      }
    }
  }
}
