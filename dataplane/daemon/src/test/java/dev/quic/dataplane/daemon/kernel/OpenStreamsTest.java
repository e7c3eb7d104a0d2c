package dev.quic.dataplane.daemon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.daemon.front.SendFailure;
import dev.quic.uapi.Errno;
import org.junit.jupiter.api.Test;

class OpenStreamsTest {
  private final OpenStreams open = new OpenStreams();

  @Test
  void allOfAHundredAreRemembered() {
    for (long id = 0; id < 400; id += 4) {
      assertThat(open.holds(id)).isFalse();
      open.add(id);
    }
    for (long id = 0; id < 400; id += 4) {
      assertThat(open.holds(id)).as("%d", id).isTrue();
    }
  }

  @Test
  void noStreamIsNoStream() {
    assertThat(open.holds(-1)).isFalse();
    open.add(0);
    open.add(4);
    assertThat(open.holds(-1)).isFalse();
  }

  /** More failures than are told apart are everybody's. */
  @Test
  void failuresAreToldOnceAndBounded() {
    open.add(0);
    open.add(4);
    assertThat(open.fail(failure(4, Errno.EINVAL))).isZero();
    assertThat(open.holds(4)).isFalse();
    assertThat(open.takeFailure(to(0))).isZero();
    assertThat(open.takeFailure(to(4))).isEqualTo(Errno.EINVAL);
    assertThat(open.takeFailure(to(4))).isZero();
    for (long id = 0; id < OpenStreams.FAILED; id++) {
      assertThat(open.fail(failure(id, Errno.EINVAL))).isZero();
    }
    open.add(1_000);
    assertThat(open.fail(failure(2_000, Errno.ENOSTR))).isEqualTo(Errno.ENOSTR);
    assertThat(open.holds(1_000)).isFalse();
    assertThat(open.takeFailure(to(1))).isZero();
  }

  private static SendFailure failure(long stream, int errno) {
    return new SendFailure(stream, errno, null, 1);
  }

  private static Msg to(long stream) {
    return new Msg().stream(stream, 0);
  }

  @Test
  void everyKindHasItsPlace() {
    for (long id = 0; id < 16; id++) {
      open.add(id);
    }
    for (long id = 0; id < 16; id++) {
      assertThat(open.holds(id)).as("%d", id).isTrue();
    }
  }

  @Test
  void theForgottenIsForgottenAndNobodyElse() {
    open.add(0);
    open.add(4);
    open.add(8);
    open.forget(0);
    open.forget(8);
    open.forget(8 + 4 * OpenStreams.SLOTS);
    assertThat(open.holds(0)).isFalse();
    assertThat(open.holds(4)).isTrue();
    assertThat(open.holds(8)).isFalse();
    open.add(4);
    open.forget(4);
    assertThat(open.holds(4)).isFalse();
  }

  /** Who is pushed out is not mistaken for who came. */
  @Test
  void slotsThatMeetHoldTheLast() {
    long far = (1L << 61) + 4L * OpenStreams.SLOTS;
    open.add(0);
    open.add(4);
    open.add(far + 4);
    assertThat(open.holds(4)).isFalse();
    assertThat(open.holds(far + 4)).isTrue();
    open.forget(4);
    assertThat(open.holds(far + 4)).isTrue();
  }
}
