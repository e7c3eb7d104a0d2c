package dev.quic.dataplane.core.inqueue;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.path.Path;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Packets whose key does not exist yet, in the order of arrival, bounded in number and bytes, and
 * counted among what all connections of a net hold: clients that go no further are many.
 */
public final class Backlog {
  /**
   * @param bytes the packet from its first byte to its end
   * @param level {@code QUIC_CRYPTO_*} of the key it needs
   */
  public record Packet(byte[] bytes, int level, int ecn, Path path, long arrival) {}

  private final ChunkPool account;
  private final ArrayDeque<Packet> packets = new ArrayDeque<>(1);
  private int bytes;
  private int earlyPackets;
  private int earlyBytes;

  /**
   * @param account charged for what is kept
   */
  public Backlog(ChunkPool account) {
    this.account = account;
  }

  /** Copies a packet in; false when there is no room. */
  public boolean add(byte[] buf, int off, int end, int level, int ecn, Path path, long now) {
    int len = end - off;
    if (packets.size() >= Limits.UNDECRYPTABLE_PACKETS
        || bytes + len > Limits.UNDECRYPTABLE_BYTES) {
      return false;
    }
    if (level == QuicUapi.QUIC_CRYPTO_EARLY) {
      if (earlyPackets >= Limits.EARLY_PACKETS || earlyBytes + len > Limits.EARLY_BYTES) {
        return false;
      }
      earlyPackets++;
      earlyBytes += len;
    }
    packets.add(new Packet(Arrays.copyOfRange(buf, off, end), level, ecn, path, now));
    bytes += len;
    account.charge(len);
    return true;
  }

  public boolean isEmpty() {
    return packets.isEmpty();
  }

  /** Takes the oldest packet of a level out; null when there is none. */
  public @Nullable Packet poll(int level) {
    for (Packet p : packets) {
      if (p.level() == level) {
        packets.remove(p);
        forget(p);
        return p;
      }
    }
    return null;
  }

  private void forget(Packet p) {
    bytes -= p.bytes().length;
    account.charge(-p.bytes().length);
    if (p.level() == QuicUapi.QUIC_CRYPTO_EARLY) {
      earlyPackets--;
      earlyBytes -= p.bytes().length;
    }
  }

  /** Drops the packets of a level. */
  public void clear(int level) {
    while (poll(level) != null) {
      // dropped
    }
  }

  public void clear() {
    packets.clear();
    account.charge(-bytes);
    bytes = 0;
    earlyPackets = 0;
    earlyBytes = 0;
  }
}
