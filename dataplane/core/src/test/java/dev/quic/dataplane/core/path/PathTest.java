package dev.quic.dataplane.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.family.SockAddr;
import org.junit.jupiter.api.Test;

class PathTest {
  private static final SockAddr LOCAL = SockAddr.v4(0x7f000001, 443);
  private static final SockAddr REMOTE = SockAddr.v4(0x7f000001, 50_000);

  @Test
  void unvalidatedPathMaySendThreeTimesWhatItReceived() {
    Path p = new Path(LOCAL, REMOTE, 0, false);
    assertThat(p.blocked()).isTrue();
    p.onReceived(1_200);
    assertThat(p.sendAllowance()).isEqualTo(3_600);
    p.onSent(3_000);
    assertThat(p.sendAllowance()).isEqualTo(600);
    p.onSent(1_000);
    assertThat(p.blocked()).isTrue();
    p.validate();
    assertThat(p.blocked()).isFalse();
  }

  @Test
  void challengeIsRetriedAndAnswered() {
    Path p = new Path(LOCAL, REMOTE, 0, false);
    assertThat(p.onResponse(1, 0)).isFalse();
    for (int i = 0; i < Limits.PATH_CHALLENGES; i++) {
      assertThat(p.startChallenge(100 + i)).isTrue();
      assertThat(p.challengeDue()).isTrue();
      p.onChallengeSent(Path.BASE_MTU);
      assertThat(p.challengeDue()).isFalse();
    }
    assertThat(p.startChallenge(200)).isFalse();
    assertThat(p.onResponse(1, 99)).isFalse();
    assertThat(p.provenAt()).isEqualTo(Long.MIN_VALUE);
    assertThat(p.onResponse(7, 101)).isTrue();
    assertThat(p.provenAt()).isEqualTo(7);
    assertThat(p.validated()).isTrue();
    assertThat(p.provenSmallOnly()).isFalse();
    assertThat(p.challenging()).isFalse();
    assertThat(p.onResponse(8, 103)).isFalse();
  }

  @Test
  void smallChallengeProvesTheAddressOnly() {
    Path p = new Path(LOCAL, REMOTE, 0, false);
    p.startChallenge(1);
    p.onChallengeSent(100);
    assertThat(p.onResponse(5, 1)).isTrue();
    assertThat(p.validated()).isTrue();
    assertThat(p.provenSmallOnly()).isTrue();
    p.startChallenge(2);
    p.onChallengeSent(Path.BASE_MTU);
    assertThat(p.onResponse(6, 2)).isTrue();
    assertThat(p.provenSmallOnly()).isFalse();
  }

  @Test
  void responsesAreBoundedAndInOrder() {
    Path p = new Path(LOCAL, REMOTE, 0, false);
    assertThat(p.hasResponse()).isFalse();
    for (int i = 0; i < 100; i++) {
      p.queueResponse(i);
    }
    int n = 0;
    while (p.hasResponse()) {
      assertThat(p.pollResponse()).isEqualTo(n++);
    }
    assertThat(n).isEqualTo(Limits.PATH_RESPONSES);
  }

  @Test
  void setHoldsAFewPathsAndOneToGoBackTo() {
    Path first = new Path(LOCAL, REMOTE, 0, true);
    PathSet set = new PathSet(first);
    Path second = new Path(LOCAL, REMOTE.withPort(50_001), 0, false);
    assertThat(set.find(second.local(), second.remote())).isNull();
    assertThat(set.dispensable()).isNull();
    assertThat(set.add(second)).isTrue();
    assertThat(set.find(second.local(), second.remote())).isSameAs(second);
    assertThat(set.dispensable()).isSameAs(second);
    set.activate(second);
    assertThat(set.active()).isSameAs(second);
    assertThat(set.fallback()).isSameAs(first);
    Path third = new Path(LOCAL, REMOTE.withPort(50_002), 0, false);
    assertThat(set.add(third)).isTrue();
    set.activate(third);
    // An unvalidated path is nothing to go back to.
    assertThat(set.fallback()).isSameAs(first);
    set.remove(third);
    assertThat(set.contains(third)).isTrue();
    set.remove(second);
    assertThat(set.size()).isEqualTo(2);
    for (int i = set.size(); i < Limits.PATHS; i++) {
      assertThat(set.add(new Path(LOCAL, REMOTE.withPort(1 + i), 0, false))).isTrue();
    }
    assertThat(set.add(second)).isFalse();
    set.activate(first);
    assertThat(set.fallback()).isNull();
    third.deadline(9);
    assertThat(set.deadline()).isEqualTo(9);
  }

  @Test
  void sameHostsWhateverThePorts() {
    Path p = new Path(LOCAL, REMOTE, 0, true);
    assertThat(p.sameHosts(new Path(LOCAL, REMOTE.withPort(1), 0, true))).isTrue();
    assertThat(p.sameHosts(new Path(LOCAL, SockAddr.v4(1, 50_000), 0, true))).isFalse();
    assertThat(p.sameHosts(new Path(SockAddr.v4(1, 443), REMOTE, 0, true))).isFalse();
  }
}
