package dev.quic.dataplane.core.inqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.path.Path;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

class BacklogTest {
  private static final Path PATH =
      new Path(SockAddr.v4(0x0a000001, 1), SockAddr.v4(0x0a000002, 2), 0, false);

  private final ChunkPool pool = new ChunkPool();

  private static boolean add(Backlog b, int level, int len) {
    return b.add(new byte[len], 0, len, level, 0, PATH, 0);
  }

  @Test
  void zeroRttLeavesRoomForTheHandshake() {
    Backlog b = new Backlog(pool);
    for (int i = 0; i < Limits.EARLY_PACKETS; i++) {
      assertThat(add(b, QuicUapi.QUIC_CRYPTO_EARLY, 100)).isTrue();
    }
    assertThat(add(b, QuicUapi.QUIC_CRYPTO_EARLY, 100)).isFalse();
    assertThat(add(b, QuicUapi.QUIC_CRYPTO_HANDSHAKE, 100)).isTrue();
    b.clear(QuicUapi.QUIC_CRYPTO_EARLY);
    assertThat(b.poll(QuicUapi.QUIC_CRYPTO_EARLY)).isNull();
    assertThat(add(b, QuicUapi.QUIC_CRYPTO_EARLY, 100)).isTrue();
    assertThat(b.poll(QuicUapi.QUIC_CRYPTO_HANDSHAKE)).isNotNull();
  }

  @Test
  void bytesAreBoundedToo() {
    Backlog b = new Backlog(pool);
    int n = 0;
    while (add(b, QuicUapi.QUIC_CRYPTO_EARLY, 5_000)) {
      n++;
    }
    assertThat(n * 5_000).isLessThanOrEqualTo(Limits.EARLY_BYTES);
    assertThat((n + 1) * 5_000).isGreaterThan(Limits.EARLY_BYTES);
  }

  @Test
  void whatWaitsIsAccountedFor() {
    Backlog b = new Backlog(pool);
    add(b, QuicUapi.QUIC_CRYPTO_EARLY, 1_000);
    add(b, QuicUapi.QUIC_CRYPTO_HANDSHAKE, 200);
    add(b, QuicUapi.QUIC_CRYPTO_APP, 30);
    assertThat(pool.held()).isEqualTo(1_230);
    b.clear(QuicUapi.QUIC_CRYPTO_EARLY);
    assertThat(pool.held()).isEqualTo(230);
    assertThat(b.poll(QuicUapi.QUIC_CRYPTO_HANDSHAKE)).isNotNull();
    assertThat(pool.held()).isEqualTo(30);
    b.clear();
    b.clear();
    assertThat(pool.held()).isZero();
  }
}
