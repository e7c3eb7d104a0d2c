package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.frame.TransportParamError;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.dataplane.core.packet.PacketHeader;
import org.jspecify.annotations.Nullable;

/**
 * Which QUIC version a connection speaks and how it came to that: Version Negotiation packets (RFC
 * 9000 section 6), the compatible change between versions 1 and 2 (RFC 9369 section 4) and the
 * checks against downgrade (RFC 9368 section 4). {@link Conn#version} and {@link Conn#wire} are the
 * version in use; here is what it was before, and the Initial keys of the other one.
 */
final class Versions {
  private final Conn c;

  /** Versions this side speaks, preferred first. */
  private final int[] own;

  /** What to change to when a client offers it; 0 for nothing but the client's choice. */
  private final int wanted;

  /** Key schedule of the first flight, and of 0-RTT for good (RFC 9369 section 4.1). */
  private QuicVersion original;

  /** Version in the long headers of the first flight. */
  private int originalWire;

  /** The first version a client tried; 0 unless a Version Negotiation packet refused it. */
  private int refused;

  /** No other version is looked at any more. */
  private boolean settled;

  /** The TLS side has fetched parameters that name the version. */
  private boolean told;

  /** The TLS side is to begin anew. */
  private boolean restart;

  private @Nullable QuicVersion otherVersion;
  private @Nullable PacketProtection otherRx;

  Versions(Conn c, Settings s) {
    this.c = c;
    own = VersionsOption.effective(s);
    wanted = s.versionGiven ? s.version : s.versions.length > 0 ? s.versions[0] : 0;
    original = c.version;
    originalWire = c.wire;
    announce();
  }

  /** A client starts with a version, perhaps one that nobody speaks. */
  void start(int wire) {
    c.wire = wire;
    originalWire = wire;
    announce();
  }

  private void announce() {
    boolean nobodys = !c.server && QuicVersion.of(c.wire) == null;
    // A server that reads this has refused the unknown version: then the next one is meant.
    c.local.chosenVersion = nobodys ? own[0] : c.wire;
    c.local.availableVersions = nobodys ? own.clone() : versions();
  }

  private int[] versions() {
    return c.server ? own.clone() : VersionsOption.including(own, c.wire);
  }

  /** Version of the long headers of 0-RTT packets. */
  int earlyWire() {
    return originalWire;
  }

  /** Key schedule of a level. */
  QuicVersion schedule(int level) {
    return level == Conn.EARLY ? original : c.version;
  }

  // --- packets

  /** Whether packets of a version and level are looked at, now or when keys come. */
  boolean takes(int version, int level) {
    if (level == Conn.EARLY) {
      // RFC 9369 section 4.1: 0-RTT stays in the original version.
      return version == originalWire;
    }
    if (version == c.wire) {
      return true;
    }
    if (c.server) {
      // RFC 9369 section 4.1: Initials of the original version until a Handshake packet comes.
      return level == Conn.INITIAL && version == originalWire;
    }
    return mayMove() && QuicVersion.of(version) != null && VersionsOption.contains(own, version);
  }

  /** A client that has not heard in which version the server goes on. */
  private boolean mayMove() {
    return !c.server && !settled && told && !c.local.disableCompatibleVersion && c.remote == null;
  }

  /** Keys for a packet that {@link #takes} looks at; null for none (yet). */
  @Nullable PacketProtection rx(int version, int level) {
    if (level == Conn.EARLY || version == c.wire) {
      return c.keys.rx(level);
    }
    if (level != Conn.INITIAL) {
      return null;
    }
    QuicVersion v = QuicVersion.of(version);
    if (!c.server && v != null && v != otherVersion) {
      wipe();
      otherVersion = v;
      otherRx = InitialSecrets.protection(c.net.aeads(), v, c.keys.initialId(), false);
    }
    return c.spaces[Conn.INITIAL].discarded ? null : otherRx;
  }

  /** A long header packet of this version was authenticated. */
  void onAuthenticated(long now, int version) {
    QuicVersion v = QuicVersion.of(version);
    if (version != c.wire && mayMove() && v != null) {
      settled = true;
      move(now, v);
    }
  }

  /** CRYPTO data: from a server it says that the version stays what it is (RFC 9369 4.1). */
  void onCrypto() {
    settled = true;
  }

  /** Goes on in another version; Initials of the one so far are still read by a server. */
  private void move(long now, QuicVersion to) {
    PacketProtection before = c.keys.moveInitial(to);
    int from = c.wire;
    c.version = to;
    c.wire = to.wire();
    wipe();
    if (c.server) {
      otherVersion = original;
      otherRx = before;
    } else if (before != null) {
      before.destroy();
    }
    c.sink.versionChanged(now, c.cookie, from, c.wire);
  }

  /** Wipes the Initial key of the other version. */
  void wipe() {
    if (otherRx != null) {
      otherRx.destroy();
      otherRx = null;
    }
    otherVersion = null;
  }

  // --- version_information

  /** The TLS side fetched the local transport parameters. */
  void onTold() {
    told = true;
  }

  /** The peer's parameters came: a server chooses now, a client checks. */
  TransportParamError onParameters(long now, TransportParams p) {
    return c.server ? choose(now, p) : check(p);
  }

  private TransportParamError choose(long now, TransportParams p) {
    TransportParamError e = p.checkVersion(originalWire);
    boolean bound =
        told
            || p.chosenVersion == 0
            || c.local.disableCompatibleVersion
            || c.spaces[Conn.INITIAL].cryptoOut.end() > 0;
    if (e == TransportParamError.NONE && !bound) {
      int v = wanted;
      QuicVersion to = QuicVersion.of(v);
      boolean offered = VersionsOption.contains(p.availableVersions, v);
      if (to != null && to != c.version && offered && VersionsOption.contains(own, v)) {
        move(now, to);
        announce();
      }
    }
    settled = true;
    return e;
  }

  private TransportParamError check(TransportParams p) {
    settled = true;
    int chosen = p.chosenVersion;
    int[] available = p.availableVersions;
    if (chosen == 0) {
      if (refused == 0) {
        // A change of version that only headers speak of could be anybody's.
        return c.wire == originalWire ? TransportParamError.NONE : TransportParamError.VERSION;
      }
      // RFC 9368 section 8: a server of version 1 alone need not know the parameter.
      chosen = QuicVersion.V1.wire();
      available = new int[] {chosen};
    }
    boolean ours = VersionsOption.contains(c.local.availableVersions, chosen);
    if (chosen != c.wire || !ours) {
      return TransportParamError.VERSION;
    }
    // RFC 9368 section 4: what we would have tried, had we known all of these.
    boolean forged =
        refused != 0
            && (available.length == 0
                || VersionsOption.contains(available, refused)
                || preferred(VersionsOption.including(available, chosen)) != originalWire);
    return forged ? TransportParamError.VERSION : TransportParamError.NONE;
  }

  /** The first of our versions in a list; 0 for none. */
  private int preferred(int[] offered) {
    for (int v : own) {
      if (VersionsOption.contains(offered, v)) {
        return v;
      }
    }
    return 0;
  }

  // --- Version Negotiation packets

  /** A Version Negotiation packet: RFC 9000 section 6.2, RFC 9368 sections 2.1 and 4. */
  void onNegotiation(long now, byte[] buf, PacketHeader h) {
    boolean late = c.receiver.anyProcessed() || c.retryScid != null || refused != 0;
    boolean ours =
        !c.server
            && c.scids.current().matches(buf, h.dcidOff, h.dcidLen)
            && c.dcid().matches(buf, h.scidOff, h.scidLen);
    int bytes = h.end - h.pnOff;
    int words = bytes / 4;
    // RFC 8999 section 6: without a version, or with a truncated one, it is ignored.
    boolean whole = bytes > 0 && bytes % 4 == 0;
    if (late || !ours || !whole || lists(buf, h, words, c.wire)) {
      // One that lists the version in use is not meant.
      return;
    }
    for (int v : own) {
      QuicVersion to = QuicVersion.of(v);
      if (to != null && lists(buf, h, words, v)) {
        retry(now, to);
        return;
      }
    }
    c.closer.onNoVersion(now);
  }

  private static boolean lists(byte[] buf, PacketHeader h, int words, int version) {
    for (int i = 0; i < words; i++) {
      if ((int) PacketNumber.read(buf, h.pnOff + 4 * i, 4) == version) {
        return true;
      }
    }
    return false;
  }

  /** A new first flight in another version: conceptually a new connection. */
  private void retry(long now, QuicVersion to) {
    refused = c.wire;
    boolean named = c.local.chosenVersion == to.wire();
    original = to;
    originalWire = to.wire();
    c.version = to;
    c.wire = to.wire();
    announce();
    wipe();
    // RFC 9369 section 5: tokens and tickets belong to a version; so 0-RTT is refused, too.
    c.token = new byte[0];
    c.early.onSecondHello(now);
    c.keys.dropEarlySend();
    if (told && !named && !c.local.disableCompatibleVersion) {
      // The ClientHello names the version that was refused: TLS makes another.
      told = false;
      restart = true;
      c.spaces[Conn.INITIAL].restartCrypto(c.net.chunks());
      c.sock.handshakeReadable();
    }
    c.life.restartInitial(c.originalDcid);
    c.sink.versionChanged(now, c.cookie, refused, c.wire);
    c.net.touch(c.sock);
  }

  /** Whether the TLS side has to be told that it begins anew. */
  boolean restartPending() {
    return restart;
  }

  /** The TLS side was told. */
  void restarted() {
    restart = false;
  }
}
