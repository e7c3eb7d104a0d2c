package dev.quic.dataplane.core.connid;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.QuicUapi.QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT;
import static dev.quic.uapi.QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING;
import static dev.quic.uapi.QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ConnIdSetsTest {
  private static ConnId id(long seq) {
    return ConnId.ofKey(1_000 + seq);
  }

  private static byte[] token(long seq) {
    byte[] t = new byte[16];
    t[3] = (byte) seq;
    t[9] = (byte) 0xaa;
    return t;
  }

  @Test
  void sourceIdsAreIssuedUpToThePeersLimit() {
    SourceConnIds s = new SourceConnIds(id(0));
    s.peerLimit(4);
    assertThat(s.room()).isEqualTo(3);
    for (int i = 1; i <= 3; i++) {
      assertThat(s.issue(id(i))).isEqualTo(i);
    }
    assertThat(s.issue(id(9))).isEqualTo(-EAGAIN);
    List<ConnId> gone = new ArrayList<>();
    assertThat(s.onRetire(4, null, gone::add)).isEqualTo(QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
    assertThat(s.onRetire(1, id(1), gone::add)).isEqualTo(QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
    assertThat(s.onRetire(0, id(1), gone::add)).isZero();
    assertThat(s.onRetire(0, id(1), gone::add)).isZero();
    assertThat(gone).containsExactly(id(0));
    assertThat(s.current()).isEqualTo(id(1));
    assertThat(s.room()).isEqualTo(1);
    s.peerLimit(1_000_000);
    assertThat(s.room()).isEqualTo(Limits.CONN_IDS - 3);
  }

  /** RFC 9000 section 10.3.1: tokens of unused and of retired ids do not count. */
  @Test
  void onlyTokensOfIdsInUseCount() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(8);
    TreeSet<Integer> counting = new TreeSet<>();
    d.tokens(
        new ResetTokens() {
          @Override
          public void counts(byte[] token) {
            assertThat(counting.add((int) token[3])).isTrue();
          }

          @Override
          public void ends(byte[] token) {
            assertThat(counting.remove((int) token[3])).isTrue();
          }
        });
    d.firstToken(token(0), 0);
    for (int i = 1; i < 5; i++) {
      assertThat(d.add(i, 0, id(i), token(i), 0)).isZero();
    }
    assertThat(counting).containsExactly(0);
    d.reserve(2);
    d.reserve(2);
    assertThat(d.use(3)).isZero();
    assertThat(counting).containsExactly(0, 2, 3);
    assertThat(d.retire(0)).isTrue();
    assertThat(d.retire(4)).isTrue();
    assertThat(counting).containsExactly(2, 3);
    // The peer retires what is in use: the next takes its place.
    assertThat(d.add(5, 5, id(5), token(5), 0)).isZero();
    assertThat(counting).containsExactly(5);
    assertThat(d.isResetToken(token(5), 0)).isTrue();
    assertThat(d.isResetToken(token(3), 0)).isFalse();
    d.endTokens();
    assertThat(counting).isEmpty();
  }

  @Test
  void requestToRetireMakesRoomAtOnce() {
    SourceConnIds s = new SourceConnIds(id(0));
    s.peerLimit(8);
    for (int i = 1; i < 8; i++) {
      s.issue(id(i));
    }
    assertThat(s.requestRetire(0)).isEqualTo(-EINVAL);
    assertThat(s.requestRetire(8)).isEqualTo(-EINVAL);
    assertThat(s.requestRetire(3)).isZero();
    assertThat(s.requestRetire(3)).isEqualTo(-EINVAL);
    assertThat(s.activeSeq()).isEqualTo(3);
    assertThat(s.room()).isEqualTo(3);
    for (int i = 8; i < 11; i++) {
      assertThat(s.issue(id(i))).isEqualTo(i);
    }
    assertThat(s.activate(2)).isEqualTo(-EINVAL);
    assertThat(s.activate(5)).isZero();
    assertThat(s.find(id(9))).isEqualTo(9);
  }

  @Test
  void destinationIdsFollowTheFrames() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(3);
    assertThat(d.add(1, 0, id(1), token(1), 0)).isZero();
    assertThat(d.add(2, 0, id(2), token(2), 0)).isZero();
    assertThat(d.add(2, 0, id(2), token(2), 0)).isZero();
    assertThat(d.add(2, 0, id(2), token(7), 0)).isEqualTo(QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
    assertThat(d.add(2, 0, id(7), token(2), 0)).isEqualTo(QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
    assertThat(d.add(3, 0, id(2), token(3), 0)).isEqualTo(QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
    assertThat(d.add(3, 4, id(3), token(3), 0)).isEqualTo(QUIC_TRANSPORT_ERROR_FRAME_ENCODING);
    assertThat(d.add(3, 0, id(3), token(3), 0)).isEqualTo(QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT);
    assertThat(d.add(3, 2, id(3), token(3), 0)).isZero();
    assertThat(d.active()).isEqualTo(id(2));
    assertThat(d.pollRetired()).isZero();
    assertThat(d.pollRetired()).isEqualTo(1);
    assertThat(d.pollRetired()).isEqualTo(-1);
    d.onRetireLost(1);
    assertThat(d.pollRetired()).isEqualTo(1);
    d.onRetireAcked(0);
    d.onRetireAcked(1);
    // A late copy of a retired one changes nothing.
    assertThat(d.add(1, 0, id(1), token(1), 0)).isZero();
    assertThat(d.pollRetired()).isEqualTo(-1);
    assertThat(d.count()).isEqualTo(2);
  }

  @Test
  void idThatComesLateBelowPriorToIsRetiredAtOnce() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(4);
    assertThat(d.add(5, 4, id(5), token(5), 0)).isZero();
    assertThat(d.pollRetired()).isZero();
    assertThat(d.add(3, 0, id(3), token(3), 0)).isZero();
    assertThat(d.pollRetired()).isEqualTo(3);
    assertThat(d.add(4, 0, id(4), token(4), 0)).isZero();
    assertThat(d.pollRetired()).isEqualTo(-1);
    assertThat(d.first()).isEqualTo(4);
  }

  @Test
  void resetTokensCountOnlyForIdsInUse() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(4);
    d.firstToken(token(0), 0);
    d.add(1, 0, id(1), token(1), 0);
    byte[] packet = new byte[40];
    System.arraycopy(token(1), 0, packet, 24, 16);
    assertThat(d.isResetToken(packet, 24)).isFalse();
    assertThat(d.isResetToken(packet, 25)).isFalse();
    assertThat(d.isResetToken(token(0), 0)).isTrue();
    assertThat(d.spare()).isEqualTo(1);
    assertThat(d.use(1)).isZero();
    assertThat(d.isResetToken(packet, 24)).isTrue();
    assertThat(d.retire(1)).isFalse();
    assertThat(d.retire(0)).isTrue();
    assertThat(d.isResetToken(token(0), 0)).isFalse();
    assertThat(d.use(0)).isEqualTo(-EINVAL);
  }

  @Test
  void peerWithEmptyIdCannotGiveOthers() {
    DestConnIds d = new DestConnIds(ConnId.EMPTY);
    assertThat(d.add(1, 0, id(1), token(1), 0)).isEqualTo(QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
  }

  @Test
  void retiredNumbersAreBounded() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(2);
    int error = 0;
    long seq = 1;
    for (; error == 0 && seq < 10_000; seq++) {
      error = d.add(seq, seq, id(seq), token(seq), 0);
    }
    assertThat(error).isEqualTo(QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT);
    assertThat(seq).isBetween((long) Limits.RETIRED_CONN_IDS, Limits.RETIRED_CONN_IDS + 3L);
  }

  @Test
  void programMayRetireByRange() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(8);
    for (int i = 1; i < 8; i++) {
      assertThat(d.add(i, 0, id(i), token(i), 0)).isZero();
    }
    assertThat(d.retirePriorTo(0)).isEqualTo(-EINVAL);
    assertThat(d.retirePriorTo(8)).isEqualTo(-EINVAL);
    assertThat(d.retirePriorTo(3)).isZero();
    assertThat(d.activeSeq()).isEqualTo(3);
    assertThat(d.first()).isEqualTo(3);
    assertThat(d.last()).isEqualTo(7);
  }

  /** An honest peer with reordered and duplicated frames never causes an error. */
  @Test
  void honestPeerIsNeverRefused() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      SourceConnIds peer = new SourceConnIds(id(0));
      DestConnIds mine = new DestConnIds(id(0));
      peer.peerLimit(5);
      mine.limit(5);
      List<long[]> flying = new ArrayList<>();
      TreeMap<Long, ConnId> live = new TreeMap<>();
      live.put(0L, id(0));
      TreeSet<Long> retired = new TreeSet<>();
      for (int step = 0; step < 300; step++) {
        switch (random.nextInt(4)) {
          case 0 -> {
            long seq = peer.room() > 0 ? peer.issue(id(peer.last() + 1)) : -1;
            if (seq >= 0) {
              live.put(seq, id(seq));
              flying.add(new long[] {seq, peer.retirePriorTo()});
            }
          }
          case 1 -> {
            if (peer.room() == 0 && random.nextInt(4) == 0) {
              peer.requestRetire(peer.first() + 1 + random.nextInt(3));
            }
          }
          case 2 -> {
            if (!flying.isEmpty()) {
              int i = random.nextInt(flying.size());
              long[] f = random.nextInt(3) == 0 ? flying.get(i) : flying.remove(i);
              assertThat(mine.add(f[0], f[1], id(f[0]), token(f[0]), 0)).isZero();
            }
          }
          default -> {
            long seq = mine.pollRetired();
            if (seq >= 0) {
              assertThat(retired.add(seq)).isTrue();
              mine.onRetireAcked(seq);
              assertThat(peer.onRetire(seq, null, gone -> {})).isZero();
              live.remove(seq);
            }
          }
        }
        assertThat(mine.count()).isBetween(1, 5);
        assertThat(mine.active()).isEqualTo(id(mine.activeSeq()));
        assertThat(peer.count()).isEqualTo(live.size());
      }
    }
  }

  /**
   * RFC 9000 section 10.3.1: a comparison reads all bytes of all tokens: what differs first, or in
   * which token, makes no other answer than what differs last.
   */
  @Test
  void everyByteOfEveryTokenIsCompared() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(4);
    d.firstToken(token(0), 0);
    for (int seq = 1; seq <= 3; seq++) {
      d.add(seq, 0, id(seq), token(seq), 0);
      d.reserve(seq);
    }
    for (int seq = 0; seq <= 3; seq++) {
      assertThat(d.isResetToken(token(seq), 0)).isTrue();
      for (int i = 0; i < 16; i++) {
        byte[] near = token(seq);
        near[i] ^= (byte) 0x80;
        assertThat(d.isResetToken(near, 0)).isFalse();
      }
    }
  }

  /** RFC 9000 section 9.5: an id that another path took is not used on this one. */
  @Test
  void theNextActiveIdIsOneThatNoPathTook() {
    DestConnIds d = new DestConnIds(id(0));
    d.limit(8);
    for (int i = 1; i < 4; i++) {
      assertThat(d.add(i, 0, id(i), token(i), 0)).isZero();
    }
    d.reserve(1);
    assertThat(d.add(4, 1, id(4), token(4), 0)).isZero();
    assertThat(d.activeSeq()).isEqualTo(2);
    d.reserve(3);
    assertThat(d.retirePriorTo(3)).isZero();
    assertThat(d.activeSeq()).isEqualTo(4);
    assertThat(d.add(5, 5, id(5), token(5), 0)).isZero();
    assertThat(d.activeSeq()).isEqualTo(5);
  }
}
