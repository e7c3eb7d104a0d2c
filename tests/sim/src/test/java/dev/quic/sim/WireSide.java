package dev.quic.sim;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.uapi.QuicUapi;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What {@link WireRules} knows of one side of a connection: what it sent, got and may send. */
final class WireSide {
  static final int SPACES = 3;
  private static final long STREAM_WINDOW = 65_535 * 16;

  /** Bytes of one stream or CRYPTO level as they were first sent. */
  static final class Bytes {
    byte[] data = new byte[4_096];
    final BitSet known = new BitSet();
    long finalSize = -1;
    byte[] reset = new byte[0];
    long highest;

    /** Notes bytes; false when they differ from those sent before at the same place. */
    boolean put(long offset, byte[] src, int off, int len) {
      int end = (int) offset + len;
      if (end > data.length) {
        data = java.util.Arrays.copyOf(data, Math.max(end, 2 * data.length));
      }
      int from = (int) offset;
      int next = known.nextSetBit(from);
      boolean same = true;
      if (next >= 0 && next < end) {
        for (int i = 0; i < len; i++) {
          same &= !known.get(from + i) || data[from + i] == src[off + i];
        }
      }
      System.arraycopy(src, off, data, from, len);
      known.set(from, end);
      highest = Math.max(highest, end);
      return same;
    }
  }

  final boolean server;
  final long[] sentPn = {-1, -1, -1};
  final long[] receivedPn = {-1, -1, -1};
  final long[] ackedPn = {-1, -1, -1};
  final BitSet[] received = {new BitSet(), new BitSet(), new BitSet()};
  final long[] elicitingReceived = new long[SPACES];
  final long[] ackOnlySent = new long[SPACES];
  final Bytes[] crypto = {new Bytes(), new Bytes(), new Bytes()};
  final Map<Long, Bytes> streams = new HashMap<>();

  /** 1-RTT packets that wait for an ACK, with the time they came. */
  final TreeMap<Long, Long> unacked = new TreeMap<>();

  /** When each packet came, by number and, in the low two bits, space. */
  final Map<Long, Long> arrived = new HashMap<>();

  boolean acksOneRtt;
  long bytesReceived;
  long bytesSent;
  boolean peerHandshakeSeen;
  boolean peerFinishedSeen;
  boolean sentHandshake;
  boolean sentDone;
  boolean receivedDone;
  boolean sentClose;
  boolean receivedClose;
  ConnId scid = ConnId.EMPTY;
  final Set<ConnId> ids = new HashSet<>();
  final Map<Long, String> newIds = new HashMap<>();
  final Set<String> tokens = new HashSet<>();
  final Set<Long> retired = new HashSet<>();

  // What the peer allows.
  long maxData = 65_535 * 32;
  long maxBidi = 100;
  final Map<Long, Long> maxStream = new HashMap<>();

  WireSide(boolean server) {
    this.server = server;
  }

  Bytes stream(long id) {
    return streams.computeIfAbsent(id, k -> new Bytes());
  }

  long streamLimit(long id) {
    return maxStream.getOrDefault(id, STREAM_WINDOW);
  }

  /** Bytes of stream data sent so far, each counted once. */
  long streamBytes() {
    return streams.values().stream().mapToLong(b -> b.highest).sum();
  }

  /** The key of what this side sends at a level. */
  PacketProtection key(int level, QuicCipher cipher, ConnId original) {
    if (level == QuicUapi.QUIC_CRYPTO_INITIAL) {
      return InitialSecrets.protection(QuicVersion.V1, original.toBytes(), !server);
    }
    byte[] secret = FakeTls.constantSecret(level, server);
    return PacketProtection.of(cipher, QuicVersion.V1, secret);
  }
}
