package dev.quic.dataplane.core.frame;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * Transport parameters of one side (RFC 9000 section 18), as a mutable holder. Times are
 * nanoseconds; the wire has milliseconds and the socket option microseconds. {@link #build} and
 * {@link #parse} are pure functions of it.
 */
public final class TransportParams {
  private static final long MILLISECOND = 1_000_000;

  /** The versions the kernel lists in version_information, preferred first. */
  public static final int[] KERNEL_VERSIONS = {QuicUapi.QUIC_VERSION_V2, QuicUapi.QUIC_VERSION_V1};

  public boolean disableActiveMigration;
  public boolean greaseQuicBit;

  /** Random bits for a parameter of a reserved id (RFC 9000 section 18.1); 0 sends none. */
  public long grease;

  /** Server: send {@link #resetToken}. Not a parameter by itself. */
  public boolean statelessReset;

  public boolean disable1rttEncryption;

  /**
   * The server may move to another address and the client follows, as the kernel's do; where both
   * say so. Not a setting: each connection says it itself.
   */
  public boolean followsServer;

  /** Leave version_information out. Not a parameter by itself. */
  public boolean disableCompatibleVersion;

  public long activeConnIdLimit = 2;
  public long ackDelayExponent = 3;

  /** 0 for no DATAGRAM frames. */
  public long maxDatagramFrameSize;

  public long maxUdpPayloadSize = 65_527;

  /** ns; 0 for none. */
  public long maxIdleTimeout;

  /** ns. */
  public long maxAckDelay = 25 * MILLISECOND;

  public long maxStreamsBidi;
  public long maxStreamsUni;
  public long maxData;
  public long maxStreamDataBidiLocal;
  public long maxStreamDataBidiRemote;
  public long maxStreamDataUni;

  public @Nullable ConnId initialSourceId;
  public @Nullable ConnId originalDestId;
  public @Nullable ConnId retrySourceId;

  /** 16 bytes. */
  public byte @Nullable [] resetToken;

  public @Nullable PreferredAddress preferredAddress;

  /** version_information: 0 when absent. */
  public int chosenVersion;

  /** version_information: available versions, preferred first; empty when absent. */
  public int[] availableVersions = new int[0];

  /** Starts with what a peer assumes when a parameter is absent. */
  public TransportParams() {}

  /** The local defaults of a new socket: the kernel's, but for the versions, of which only 1. */
  public static TransportParams localDefaults() {
    TransportParams p = new TransportParams();
    p.activeConnIdLimit = 7;
    p.maxIdleTimeout = 30_000 * MILLISECOND;
    p.maxStreamsBidi = 100;
    p.maxStreamsUni = 100;
    p.maxData = 65_535 * 32;
    p.maxStreamDataBidiLocal = 65_535 * 16;
    p.maxStreamDataBidiRemote = 65_535 * 16;
    p.maxStreamDataUni = 65_535 * 16;
    p.chosenVersion = QuicUapi.QUIC_VERSION_V1;
    p.availableVersions = new int[] {QuicUapi.QUIC_VERSION_V1};
    return p;
  }

  /**
   * A copy for another connection: settings without connection ids, tokens and addresses, which is
   * what an accepted socket inherits and what a client may remember for 0-RTT.
   */
  public TransportParams copySettings() {
    TransportParams p = new TransportParams();
    p.disableActiveMigration = disableActiveMigration;
    p.greaseQuicBit = greaseQuicBit;
    p.statelessReset = statelessReset;
    p.disable1rttEncryption = disable1rttEncryption;
    p.disableCompatibleVersion = disableCompatibleVersion;
    p.activeConnIdLimit = activeConnIdLimit;
    p.ackDelayExponent = ackDelayExponent;
    p.maxDatagramFrameSize = maxDatagramFrameSize;
    p.maxUdpPayloadSize = maxUdpPayloadSize;
    p.maxIdleTimeout = maxIdleTimeout;
    p.maxAckDelay = maxAckDelay;
    p.maxStreamsBidi = maxStreamsBidi;
    p.maxStreamsUni = maxStreamsUni;
    p.maxData = maxData;
    p.maxStreamDataBidiLocal = maxStreamDataBidiLocal;
    p.maxStreamDataBidiRemote = maxStreamDataBidiRemote;
    p.maxStreamDataUni = maxStreamDataUni;
    p.chosenVersion = chosenVersion;
    p.availableVersions = availableVersions.clone();
    return p;
  }

  /**
   * What of these a client may rely on before the server repeats it (RFC 9000 section 7.4.1): no
   * acknowledgement delays, ids, tokens, addresses.
   */
  public TransportParams forEarlyData() {
    TransportParams p = copySettings();
    TransportParams absent = new TransportParams();
    p.ackDelayExponent = absent.ackDelayExponent;
    p.maxAckDelay = absent.maxAckDelay;
    p.statelessReset = false;
    return p;
  }

  /**
   * Writes the TLS extension body, in the kernel's order.
   *
   * @param server whether this side is the server, which adds the server-only parameters that are
   *     set
   * @return bytes written, or -EMSGSIZE when {@code len} is too small, or -EINVAL for a value that
   *     cannot be encoded
   */
  public int build(boolean server, byte[] buf, int off, int len) {
    return TransportParamCodec.build(this, server, buf, off, len);
  }

  /**
   * Reads a peer's extension body and checks every value by itself (RFC 9000 sections 7.4 and 18).
   * Unknown parameters are ignored. What depends on the connection is checked by {@link #checkIds}
   * and {@link #checkVersion}.
   *
   * @param fromServer whether the peer is the server
   * @param into a fresh holder; undefined after an error
   */
  public static TransportParamError parse(
      byte[] buf, int off, int len, boolean fromServer, TransportParams into) {
    return TransportParamCodec.parse(buf, off, len, fromServer, into);
  }

  /**
   * Compares the connection ids with those really used (RFC 9000 section 7.3).
   *
   * @param sourceSeen source id of the peer's first Initial
   * @param originalDest from a server: destination id of our first Initial
   * @param retrySource from a server: source id of its Retry, null without one
   */
  public TransportParamError checkIds(
      boolean fromServer, ConnId sourceSeen, ConnId originalDest, @Nullable ConnId retrySource) {
    if (!sourceSeen.equals(initialSourceId)) {
      return TransportParamError.INITIAL_SOURCE_ID;
    }
    if (!fromServer) {
      return TransportParamError.NONE;
    }
    if (!originalDest.equals(originalDestId)) {
      return TransportParamError.ORIGINAL_DESTINATION_ID;
    }
    boolean retryFits =
        retrySource == null ? retrySourceId == null : retrySource.equals(retrySourceId);
    if (!retryFits) {
      return TransportParamError.RETRY_SOURCE_ID;
    }
    if (preferredAddress != null && sourceSeen.isEmpty()) {
      // RFC 9000 section 18.2: no preferred address from a server with an empty id.
      return TransportParamError.BAD_VALUE;
    }
    return TransportParamError.NONE;
  }

  /**
   * Checks version_information, if present, against the version in use (RFC 9368 section 4).
   *
   * @param inUse version of the long headers the peer's flight came in
   */
  public TransportParamError checkVersion(int inUse) {
    return chosenVersion != 0 && chosenVersion != inUse
        ? TransportParamError.VERSION
        : TransportParamError.NONE;
  }

  /** Whether a server that accepted 0-RTT kept every limit we used (RFC 9000 section 7.4.1). */
  public TransportParamError checkNotLowered(TransportParams remembered) {
    boolean lower =
        activeConnIdLimit < remembered.activeConnIdLimit
            || maxData < remembered.maxData
            || maxStreamDataBidiLocal < remembered.maxStreamDataBidiLocal
            || maxStreamDataBidiRemote < remembered.maxStreamDataBidiRemote
            || maxStreamDataUni < remembered.maxStreamDataUni
            || maxStreamsBidi < remembered.maxStreamsBidi
            || maxStreamsUni < remembered.maxStreamsUni
            || maxDatagramFrameSize < remembered.maxDatagramFrameSize;
    return lower ? TransportParamError.LOWERED_LIMIT : TransportParamError.NONE;
  }

  /** The smaller of two idle timeouts, where 0 means none (RFC 9000 section 10.1); ns. */
  public static long effectiveIdleTimeout(TransportParams local, TransportParams remote) {
    long a = local.maxIdleTimeout;
    long b = remote.maxIdleTimeout;
    if (a == 0 || b == 0) {
      return Math.max(a, b);
    }
    return Math.min(a, b);
  }
}
