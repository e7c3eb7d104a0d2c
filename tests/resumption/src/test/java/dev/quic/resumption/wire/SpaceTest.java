package dev.quic.resumption.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.frame.FrameType;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class SpaceTest {
  /** A peer that acknowledges nothing, so that nothing more leaves. */
  @Test
  void challengesDoNotFillTheMemory() {
    Space space = new Space();
    for (int i = 0; i < 100_000; i++) {
      space.challenged(i);
    }
    assertThat(space.queue).hasSizeBetween(1, 100);
  }

  /** RFC 9000 section 13.3. */
  @Test
  void anAnswerToAChallengeIsSentOnce() {
    Space space = new Space();
    space.challenged(7);
    space.queue.add(new Piece.Bare(FrameType.PING));
    space.inFlight.put(0L, new Space.Flight(Link.APP, new ArrayList<>(space.queue)));
    space.queue.clear();
    space.allAgain();
    assertThat(space.queue).containsExactly(new Piece.Bare(FrameType.PING));
  }
}
