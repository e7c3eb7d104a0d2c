package dev.quic.dataplane.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The bytes of a stream in pieces, copied and lent, against a plain array, by seed. */
class PiecesTest {
  private static final int LENT = 65_536;

  private static final class Counted implements Lease {
    final byte[] bytes = new byte[LENT];
    int references;
    int used;

    @Override
    public void retain() {
      references++;
    }

    @Override
    public void release() {
      references--;
    }
  }

  private final ChunkPool pool = new ChunkPool();
  private final ChunkPool account = pool.account();
  private final List<Counted> lenders = new ArrayList<>();
  private final byte[] all = new byte[1 << 20];

  @Test
  void everyByteComesOutAsItWentInAndEverythingIsGivenBack() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      lenders.clear();
      Pieces pieces = new Pieces(account);
      int released = 0;
      while (pieces.end() < all.length / 4) {
        write(random, pieces);
        int end = (int) pieces.end();
        for (int i = 0; i < 4; i++) {
          int at = released + random.nextInt(end - released);
          check(pieces, at, 1 + random.nextInt(Math.min(3_000, end - at)));
        }
        if (random.nextInt(3) == 0) {
          released += random.nextInt(end - released);
          pieces.release(released);
          check(pieces, released, end - released);
        }
        assertThat(account.held()).isGreaterThanOrEqualTo(end - released);
      }
      pieces.clear();
      assertThat(account.held()).isZero();
      assertThat(pool.held()).isZero();
      assertThat(lenders).allMatch(l -> l.references == 0);
    }
  }

  private void write(Random random, Pieces pieces) {
    int len = 1 + random.nextInt(random.nextBoolean() ? 20 : 20_000);
    byte[] bytes = new byte[len];
    random.nextBytes(bytes);
    System.arraycopy(bytes, 0, all, (int) pieces.end(), len);
    if (random.nextBoolean()) {
      pieces.append(bytes, 0, len);
      return;
    }
    boolean fresh = lenders.isEmpty() || lenders.getLast().used + len > LENT;
    Counted lender = fresh ? new Counted() : lenders.getLast();
    if (fresh) {
      lenders.add(lender);
    }
    System.arraycopy(bytes, 0, lender.bytes, lender.used, len);
    pieces.lend(lender.bytes, lender.used, len, lender);
    lender.used += len;
  }

  private void check(Pieces pieces, int at, int len) {
    byte[] got = new byte[len];
    pieces.read(at, got, 0, len);
    assertThat(got).isEqualTo(Arrays.copyOfRange(all, at, at + len));
  }

  /** What follows what was lent before, of the same lender, is no piece of its own. */
  @Test
  void neighboursOfOneLenderAreOnePiece() {
    Pieces pieces = new Pieces(account);
    Counted lender = new Counted();
    for (int i = 0; i < 64; i++) {
      pieces.lend(lender.bytes, 1_024 * i, 1_024, lender);
    }
    assertThat(lender.references).isOne();
    pieces.release(LENT - 1);
    assertThat(lender.references).isOne();
    pieces.release(LENT);
    assertThat(lender.references).isZero();
    assertThat(account.held()).isZero();
  }

  /** A stream of little data takes little. */
  @Test
  void fewBytesTakeASmallChunk() {
    Pieces pieces = new Pieces(account);
    pieces.append(new byte[10], 0, 10);
    assertThat(account.held()).isEqualTo(256);
    pieces.append(new byte[1_000], 0, 1_000);
    assertThat(account.held()).isEqualTo(256 + 1_024);
  }
}
