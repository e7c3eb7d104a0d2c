package dev.quic.dataplane.daemon.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.TlsDone;
import dev.quic.dataplane.daemon.front.SockFront;
import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The cases of the kernel's own suite of net/handshake, and those of the facts sheet. */
class HandshakeFamilyTest {
  private static final int TLSHD = HandshakeRequest.CLASS_TLSHD;

  private final Bus bus = new Bus();
  private final AtomicLong clock = new AtomicLong(1_000_000_000L);
  private final HandshakeFamily family =
      new HandshakeFamily(HandshakeLimits.DEFAULT, bus, HandshakeTrace.NONE, clock::get);
  private final List<String> calls = new ArrayList<>();
  private long lastCookie;

  private static final class Bus implements ReadySink {
    boolean subscribed = true;
    int sent;

    @Override
    public boolean hasSubscribers(int handlerClass) {
      return subscribed;
    }

    @Override
    public void ready(int handlerClass) {
      sent++;
    }

    @Override
    public void deadlineChanged() {}
  }

  private final class Target implements HandshakeTarget {
    private final long cookie;

    Target(long cookie) {
      this.cookie = cookie;
    }

    @Override
    public long cookie() {
      return cookie;
    }

    @Override
    public SockFront front() {
      throw new AssertionError("not in this test");
    }

    @Override
    public void gate() {
      calls.add("gate");
    }

    @Override
    public void release(boolean failed) {
      calls.add(failed ? "close" : "release");
    }
  }

  private static HandshakeRequest.Question question(int handlerClass, int timeoutMs) {
    return new HandshakeRequest.Question(
        handlerClass,
        HandshakeRequest.MSG_CLIENTHELLO,
        HandshakeRequest.AUTH_X509,
        timeoutMs,
        0,
        0,
        0,
        List.of(),
        "server.test");
  }

  private HandshakeRequest request(long cookie, int timeoutMs) {
    return new HandshakeRequest(
        question(TLSHD, timeoutMs),
        new Target(cookie),
        (status, peer) -> calls.add("done " + status + " " + peer),
        () -> calls.add("dropped"));
  }

  private HandshakeRequest request() {
    return request(++lastCookie, 0);
  }

  @Test
  void refusesHandlerClassesThatHaveNoHandler() {
    for (int c : new int[] {0, 2, 3, -1}) {
      assertThatThrownBy(() ->
              new HandshakeRequest(question(c, 0), new Target(1), (status, peer) -> {}, () -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void submitWithoutRequestIsEinval() {
    assertThat(family.submit(null)).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void submitTellsTheGroupAndCanBeLookedUp() {
    HandshakeRequest r = request();
    assertThat(family.submit(r)).isZero();
    assertThat(bus.sent).isEqualTo(1);
    assertThat(family.lookup(r.target().cookie())).isSameAs(r);
    assertThat(family.pending(TLSHD)).isEqualTo(1);
    assertThat(calls).containsExactly("gate");
  }

  @Test
  void submitOverTheLimitIsEagainAndAcceptedOnesDoNotCount() {
    for (int i = 0; i < HandshakeLimits.PENDING_MAX; i++) {
      assertThat(family.submit(request())).isZero();
    }
    assertThat(family.submit(request())).isEqualTo(-Errno.EAGAIN);
    assertThat(family.refused()).isEqualTo(1);
    assertThat(family.accept(TLSHD)).isNotNull();
    assertThat(family.submit(request())).isZero();
    assertThat(family.submit(request())).isEqualTo(-Errno.EAGAIN);
  }

  @Test
  void theLimitStaysWithinTheKernelsBounds() {
    assertThat(new HandshakeLimits(1, 1).pending()).isEqualTo(3);
    assertThat(new HandshakeLimits(1000, 1).pending()).isEqualTo(50);
    assertThat(new HandshakeLimits(7, 1).pending()).isEqualTo(7);
  }

  @Test
  void secondSubmitOnASocketIsEbusyForEver() {
    HandshakeRequest r = request();
    long cookie = r.target().cookie();
    assertThat(family.submit(r)).isZero();
    assertThat(family.submit(request(cookie, 0))).isEqualTo(-Errno.EBUSY);
    family.accept(TLSHD);
    family.complete(r, 0, 0);
    assertThat(family.submit(request(cookie, 0))).isEqualTo(-Errno.EBUSY);
    assertThat(family.submit(r)).isEqualTo(-Errno.EBUSY);
    family.destroyed(cookie);
    assertThat(family.submit(request(cookie, 0))).isZero();
  }

  @Test
  void nobodyListeningIsEsrchAndLeavesNoTrace() {
    bus.subscribed = false;
    HandshakeRequest r = request();
    assertThat(family.submit(r)).isEqualTo(-Errno.ESRCH);
    assertThat(calls).isEmpty();
    assertThat(family.lookup(r.target().cookie())).isNull();
    bus.subscribed = true;
    assertThat(family.submit(r)).isZero();
  }

  @Test
  void errnosComeInTheKernelsOrder() {
    HandshakeRequest first = request();
    assertThat(family.submit(first)).isZero();
    for (int i = 1; i < HandshakeLimits.PENDING_MAX; i++) {
      assertThat(family.submit(request())).isZero();
    }
    bus.subscribed = false;
    HandshakeRequest again = request(first.target().cookie(), 0);
    assertThat(family.submit(again)).isEqualTo(-Errno.EAGAIN);
    family.accept(TLSHD);
    assertThat(family.submit(again)).isEqualTo(-Errno.EBUSY);
    family.drain();
    assertThat(family.submit(again)).isEqualTo(-Errno.EOPNOTSUPP);
  }

  @Test
  void acceptIsFirstInFirstOut() {
    HandshakeRequest a = request();
    HandshakeRequest b = request();
    family.submit(a);
    family.submit(b);
    assertThat(family.accept(TLSHD)).isSameAs(a);
    assertThat(family.accept(TLSHD)).isSameAs(b);
    assertThat(family.accept(TLSHD)).isNull();
    assertThat(family.accept(HandshakeRequest.CLASS_NONE)).isNull();
  }

  @Test
  void cancelBeforeAccept() {
    HandshakeRequest r = request();
    family.submit(r);
    assertThat(family.cancel(r.target().cookie())).isTrue();
    assertThat(family.accept(TLSHD)).isNull();
    assertThat(calls).containsExactly("gate", "release", "dropped");
  }

  @Test
  void cancelAfterAcceptSwallowsTheLateDone() {
    HandshakeRequest r = request();
    family.submit(r);
    family.accept(TLSHD);
    assertThat(family.cancel(r.target().cookie())).isTrue();
    assertThat(family.complete(r, 0, 0)).isFalse();
    assertThat(family.cancel(r.target().cookie())).isFalse();
    assertThat(calls).containsExactly("gate", "release", "dropped");
  }

  @Test
  void cancelAfterDoneOrWithoutRequestIsFalse() {
    HandshakeRequest r = request();
    family.submit(r);
    family.accept(TLSHD);
    assertThat(family.complete(r, 0, 42)).isTrue();
    assertThat(family.cancel(r.target().cookie())).isFalse();
    assertThat(family.cancel(4711)).isFalse();
    assertThat(calls).containsExactly("gate", "release", "done 0 42");
  }

  @Test
  void statusArrivesNegatedWhateverItsSign() {
    for (int status : new int[] {110, -110}) {
      HandshakeRequest r = request();
      family.submit(r);
      family.accept(TLSHD);
      family.complete(r, status, 0);
    }
    assertThat(calls)
        .containsExactly("gate", "close", "done -110 0", "gate", "close", "done -110 0");
  }

  @Test
  void destructionDropsTheRequest() {
    HandshakeRequest r = request();
    family.submit(r);
    family.destroyed(r.target().cookie());
    assertThat(family.lookup(r.target().cookie())).isNull();
    assertThat(family.pending(TLSHD)).isZero();
    assertThat(family.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    assertThat(family.complete(r, 0, 0)).isFalse();
    assertThat(calls).containsExactly("gate", "dropped");
  }

  @Test
  void timeoutsAreArmedHereAndCompleteWithEtimedout() {
    HandshakeRequest slow = request(1, 3000);
    HandshakeRequest standard = request(2, 0);
    family.submit(standard);
    family.submit(slow);
    family.accept(TLSHD);
    long start = clock.get();
    assertThat(family.nextDeadline()).isEqualTo(start + 3_000_000_000L);
    family.onTimer(start + 2_999_999_999L);
    assertThat(calls).containsExactly("gate", "gate");
    family.onTimer(start + 3_000_000_000L);
    assertThat(calls).endsWith("close", "done -110 0").hasSize(4);
    assertThat(family.nextDeadline()).isEqualTo(start + 10_000_000_000L);
    family.onTimer(start + 10_000_000_000L);
    assertThat(calls).hasSize(6);
    assertThat(family.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    assertThat(family.submit(slow)).isEqualTo(-Errno.EBUSY);
  }

  @Test
  void drainingEndsWhatNobodyAccepted() {
    HandshakeRequest taken = request();
    HandshakeRequest waiting = request();
    family.submit(taken);
    family.submit(waiting);
    family.accept(TLSHD);
    family.drain();
    assertThat(calls).containsExactly("gate", "gate", "close", "done -110 0");
    assertThat(family.complete(taken, 0, 0)).isTrue();
    assertThat(family.submit(request())).isEqualTo(-Errno.EOPNOTSUPP);
  }

  private void completesWith(TlsDone callback) {
    HandshakeRequest r =
        new HandshakeRequest(question(TLSHD, 0), new Target(1), callback, () -> {});
    family.submit(r);
    family.accept(TLSHD);
    assertThat(family.complete(r, 0, 0)).isTrue();
  }

  @Test
  void aCallbackThatThrowsHarmsNobody() {
    completesWith((status, peer) -> {
      throw new IllegalStateException("consumer");
    });
  }

  /** As of one whose jar lacks another. */
  @Test
  void norDoesOneThatCannotBeCarriedOut() {
    completesWith((status, peer) -> {
      throw new NoClassDefFoundError("consumer");
    });
  }

  /** The daemon was told of it once, and does not ask again by itself. */
  @Test
  void aRequestThatFoundTooManyAcceptedIsToldAgain() {
    List<HandshakeRequest> taken = new ArrayList<>();
    for (int i = 0; i < HandshakeLimits.ACCEPTED_MAX; i++) {
      HandshakeRequest r = request();
      family.submit(r);
      assertThat(family.accept(TLSHD)).isSameAs(r);
      taken.add(r);
    }
    HandshakeRequest late = request();
    family.submit(late);
    assertThat(family.accept(TLSHD)).isNull();
    int before = bus.sent;
    family.complete(taken.removeLast(), 0, 0);
    assertThat(bus.sent).isEqualTo(before + 1);
    assertThat(family.accept(TLSHD)).isSameAs(late);
    family.complete(taken.removeLast(), 0, 0);
    assertThat(bus.sent).isEqualTo(before + 1);
  }
}
