package dev.quic.dataplane.io.aead;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyPoolTest {
  private static final long BYTES = 192;

  private final KeyPool pool = new KeyPool(BYTES);

  @Test
  void whatComesBackHasBeenWiped() {
    MemorySegment key = pool.take();
    key.fill((byte) 7);
    pool.give(key);
    MemorySegment next = pool.take();
    assertThat(next.address()).isEqualTo(key.address());
    assertThat(next.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    pool.give(next);
  }

  @Test
  void keepsSoManyAndNoMore() {
    List<MemorySegment> keys = new ArrayList<>();
    for (int i = 0; i < KeyPool.MAX_SPARE + 10; i++) {
      keys.add(pool.take());
    }
    keys.forEach(pool::give);
    assertThat(pool.spare()).isEqualTo(KeyPool.MAX_SPARE);
  }
}
