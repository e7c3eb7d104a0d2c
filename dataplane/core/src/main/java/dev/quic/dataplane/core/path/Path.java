package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.family.SockAddr;

/**
 * One path: its addresses, port, validation and anti-amplification state (RFC 9000 sections 8 and
 * 9). Challenge bytes come from outside, as everything random does.
 */
public final class Path {
  /** Bytes of challenge data. */
  public static final int CHALLENGE_BYTES = 8;

  /** Smallest largest-datagram, which every QUIC path must carry. */
  public static final int BASE_MTU = 1_200;

  private SockAddr local;
  private SockAddr remote;
  private int port;
  private boolean validated;
  private long received;
  private long sent;
  private final MtuSearch search = new MtuSearch();
  private final Ecn ecn = new Ecn();
  private boolean challenging;
  private final long[] challenges = new long[Limits.PATH_CHALLENGES];
  private int challengesSent;

  /**
   * @param port UDP port handle
   * @param validated whether the peer's address needs no proof (a client's first path)
   */
  public Path(SockAddr local, SockAddr remote, int port, boolean validated) {
    this.local = local;
    this.remote = remote;
    this.port = port;
    this.validated = validated;
  }

  public SockAddr local() {
    return local;
  }

  public void local(SockAddr address) {
    local = address;
  }

  public SockAddr remote() {
    return remote;
  }

  public void remote(SockAddr address) {
    remote = address;
  }

  public int port() {
    return port;
  }

  public void port(int handle) {
    port = handle;
  }

  /** Same four-tuple, families aside. */
  public boolean matches(SockAddr l, SockAddr r) {
    return remote.sameEndpoint(r) && local.sameEndpoint(l);
  }

  public boolean validated() {
    return validated;
  }

  /** Lifts the limit of {@link #sendAllowance}: a Handshake packet, token or response proved it. */
  public void validate() {
    validated = true;
    challenging = false;
  }

  /** A datagram of this many UDP payload bytes came in. */
  public void onReceived(int bytes) {
    received += bytes;
  }

  public void onSent(int bytes) {
    sent += bytes;
  }

  public long bytesReceived() {
    return received;
  }

  public long bytesSent() {
    return sent;
  }

  /** Bytes that may be sent (RFC 9000 section 8.1): no limit once validated. */
  public long sendAllowance() {
    return validated ? Long.MAX_VALUE : Math.max(0, Limits.AMPLIFICATION * received - sent);
  }

  /** Whether nothing more may be sent before something arrives. */
  public boolean blocked() {
    return sendAllowance() == 0;
  }

  /** Largest UDP payload sent here. */
  public int mtu() {
    return search.mtu();
  }

  /** The search for that size. */
  public MtuSearch search() {
    return search;
  }

  /** Whether what is sent here is marked for ECN. */
  public Ecn ecn() {
    return ecn;
  }

  /**
   * Notes a PATH_CHALLENGE about to be sent.
   *
   * @param data its 8 bytes
   * @return false when the last retry was used up and the path is to be given up
   */
  public boolean startChallenge(long data) {
    if (challenging && challengesSent >= Limits.PATH_CHALLENGES) {
      return false;
    }
    challengesSent = challenging ? challengesSent : 0;
    challenging = true;
    challenges[challengesSent++] = data;
    return true;
  }

  /** Whether a response is awaited. */
  public boolean challenging() {
    return challenging;
  }

  /** Data of the latest challenge. */
  public long challenge() {
    return challengesSent == 0 ? 0 : challenges[challengesSent - 1];
  }

  public int challengesSent() {
    return challengesSent;
  }

  /**
   * Processes PATH_RESPONSE: true when it answers one of the challenges and so validates the path
   * (RFC 9000 section 8.2.3).
   */
  public boolean onResponse(long data) {
    for (int i = 0; challenging && i < challengesSent; i++) {
      if (challenges[i] == data) {
        validate();
        return true;
      }
    }
    return false;
  }

  public void abandonChallenge() {
    challenging = false;
  }
}
