package dev.quic.resumption.wire;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/** What sending and receiving share: ids, keys by level, packet number spaces. */
final class Link {
  static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  static final int EARLY = QuicUapi.QUIC_CRYPTO_EARLY;

  static final QuicVersion VERSION = QuicVersion.V1;

  /** Longest token that leaves room for a piece of the handshake beside it. */
  static final int MAX_TOKEN = 700;

  private static final int LEVELS = 4;
  // RFC 9000 section 8.1.
  private static final int AMPLIFICATION = 3;

  final boolean server;
  final ConnId own;
  final Sight sight = new Sight();
  final Streams streams;
  final @Nullable PacketProtection[] sendKeys = new PacketProtection[LEVELS];
  final @Nullable PacketProtection[] recvKeys = new PacketProtection[LEVELS];

  /** Destination id of the client's first Initial. */
  ConnId original;

  ConnId peer;
  byte[] token;
  boolean peerKnown;
  boolean validated;
  long bytesIn;
  long bytesOut;

  private final Space initial = new Space();
  private final Space handshake = new Space();
  private final Space app = new Space();

  Link(boolean server, ConnId own, ConnId original, byte[] token) {
    this.server = server;
    this.own = own;
    this.original = original;
    this.peer = original;
    this.token = token.clone();
    this.validated = !server;
    this.streams = new Streams(server);
    initialKeys(original);
  }

  void initialKeys(ConnId dcid) {
    setKey(sendKeys, INITIAL, InitialSecrets.protection(VERSION, dcid.toBytes(), !server));
    setKey(recvKeys, INITIAL, InitialSecrets.protection(VERSION, dcid.toBytes(), server));
  }

  Space space(int level) {
    return switch (level) {
      case INITIAL -> initial;
      case HANDSHAKE -> handshake;
      default -> app;
    };
  }

  void setKey(@Nullable PacketProtection[] keys, int level, @Nullable PacketProtection key) {
    PacketProtection old = keys[level];
    if (old != null) {
      old.destroy();
    }
    keys[level] = key;
  }

  /** Nothing more is sent or read at a level. */
  void discard(int level) {
    setKey(sendKeys, level, null);
    setKey(recvKeys, level, null);
    if (level != EARLY) {
      space(level).discard();
    }
  }

  void discardAll() {
    for (int level = 0; level < LEVELS; level++) {
      discard(level);
    }
  }

  /** Bytes that may be sent now. */
  long allowance() {
    return validated ? Long.MAX_VALUE : AMPLIFICATION * bytesIn - bytesOut;
  }
}
