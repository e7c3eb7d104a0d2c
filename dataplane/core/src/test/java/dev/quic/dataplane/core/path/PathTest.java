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
    assertThat(p.onResponse(0)).isFalse();
    for (int i = 0; i < Limits.PATH_CHALLENGES; i++) {
      assertThat(p.startChallenge(100 + i)).isTrue();
    }
    assertThat(p.startChallenge(200)).isFalse();
    assertThat(p.onResponse(99)).isFalse();
    assertThat(p.onResponse(101)).isTrue();
    assertThat(p.validated()).isTrue();
    assertThat(p.challenging()).isFalse();
    assertThat(p.onResponse(103)).isFalse();
  }

  @Test
  void setKnowsTwoPathsAndAFewResponses() {
    Path first = new Path(LOCAL, REMOTE, 0, true);
    PathSet set = new PathSet(first);
    Path second = new Path(LOCAL, REMOTE.withPort(50_001), 0, false);
    assertThat(set.find(second.local(), second.remote())).isNull();
    set.alternate(second);
    assertThat(set.find(second.local(), second.remote())).isSameAs(second);
    set.swap();
    assertThat(set.active()).isSameAs(second);
    assertThat(set.alternate()).isSameAs(first);
    for (int i = 0; i < 100; i++) {
      set.queueResponse(i);
    }
    int n = 0;
    while (set.hasResponse()) {
      assertThat(set.pollResponse()).isEqualTo(n++);
    }
    assertThat(n).isEqualTo(Limits.PATH_RESPONSES);
  }
}
