package dev.quic.dataplane.core.path;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.LongRing;
import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * One path: its addresses, port, connection ids, validation and anti-amplification state (RFC 9000
 * sections 8 and 9). Challenge bytes come from outside, as everything random does.
 */
public final class Path {
  /** Bytes of challenge data. */
  public static final int CHALLENGE_BYTES = 8;

  /** Smallest largest-datagram, which every QUIC path must carry. */
  public static final int BASE_MTU = 1_200;

  /** {@link #deadline} of a path nothing is due on. */
  public static final long NEVER = Long.MAX_VALUE;

  /** {@link #dcid} of a path that has no connection id to send with yet. */
  public static final long NO_ID = -1;

  private SockAddr local;
  private SockAddr remote;
  private int port;
  private boolean validated;
  private long received;
  private long sent;
  private final MtuSearch search = new MtuSearch();
  private final Ecn ecn = new Ecn();

  private long dcid;
  private long arrivedBy;
  private boolean ownsPort;
  private boolean wanted;
  private boolean followed;

  // Data of the challenges of this validation; made when first needed, as most paths of strangers
  // come to nothing.
  private long @Nullable [] challenges;
  private long @Nullable [] challengedAt;
  private long roundTrip = NEVER;
  private boolean challenging;
  private boolean due;
  private boolean small;
  private int challengesSent;
  private long abandonAt = NEVER;
  private long deadline = NEVER;
  private long provenAt = Long.MIN_VALUE;
  private @Nullable LongRing responses;

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

  /** Whether the other path differs in nothing but ports (RFC 9000 section 9.4). */
  public boolean sameHosts(Path o) {
    return remote.withPort(0).sameEndpoint(o.remote.withPort(0))
        && local.withPort(0).sameEndpoint(o.local.withPort(0));
  }

  // --- connection ids and port

  /** Sequence number of the peer's id to send with here, {@link #NO_ID} for none. */
  public long dcid() {
    return dcid;
  }

  public void dcid(long sequence) {
    dcid = sequence;
  }

  /** First 8 bytes of the id the peer last addressed us by here. */
  public long arrivedBy() {
    return arrivedBy;
  }

  public void arrivedBy(long idKey) {
    arrivedBy = idKey;
  }

  /** Whether a share of the UDP port goes when this path goes. */
  public boolean ownsPort() {
    return ownsPort;
  }

  public void ownsPort(boolean owns) {
    ownsPort = owns;
  }

  /** Whether the peer sends here by preference: it is to become active once it is validated. */
  public boolean wanted() {
    return wanted;
  }

  public void wanted(boolean on) {
    wanted = on;
  }

  /** Whether this path became active on nothing but the peer's packets. */
  public boolean followed() {
    return followed;
  }

  public void followed(boolean on) {
    followed = on;
  }

  // --- anti-amplification

  public boolean validated() {
    return validated;
  }

  /** Lifts the limit of {@link #sendAllowance}: a Handshake packet, token or response proved it. */
  public void validate() {
    validated = true;
    challenging = false;
    due = false;
  }

  /** A datagram of this many UDP payload bytes came in. */
  public void onReceived(int bytes) {
    received += bytes;
  }

  public void onSent(int bytes) {
    sent += bytes;
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

  // --- validation

  /**
   * Notes a PATH_CHALLENGE that is due to be sent, the first of a validation or a further one.
   *
   * @param data its 8 bytes
   * @return false when {@link Limits#PATH_CHALLENGES} are under way already
   */
  public boolean startChallenge(long data) {
    long[] all = challenges;
    if (all == null) {
      all = new long[Limits.PATH_CHALLENGES];
      challenges = all;
      challengedAt = new long[Limits.PATH_CHALLENGES];
    }
    if (!challenging) {
      challengesSent = 0;
      small = false;
    }
    if (challengesSent >= Limits.PATH_CHALLENGES) {
      return false;
    }
    challenging = true;
    due = true;
    all[challengesSent++] = data;
    return true;
  }

  /** Whether a response is awaited. */
  public boolean challenging() {
    return challenging;
  }

  /** Whether the latest challenge waits to be sent. */
  public boolean challengeDue() {
    return due;
  }

  /**
   * The latest challenge went out.
   *
   * @param bytes size of its datagram
   */
  public void onChallengeSent(long now, int bytes) {
    due = false;
    long[] at = challengedAt;
    if (at != null && challengesSent > 0) {
      at[challengesSent - 1] = now;
    }
    small |= bytes < BASE_MTU;
  }

  /** Data of the latest challenge. */
  public long challenge() {
    long[] all = challenges;
    return all == null || challengesSent == 0 ? 0 : all[challengesSent - 1];
  }

  public int challengesSent() {
    return challengesSent;
  }

  /**
   * Processes PATH_RESPONSE: true when it answers one of the challenges and so validates the path
   * (RFC 9000 section 8.2.3).
   */
  public boolean onResponse(long now, long data) {
    long[] all = challenges;
    for (int i = 0; all != null && challenging && i < challengesSent; i++) {
      if (all[i] == data) {
        validate();
        provenAt = now;
        long[] at = challengedAt;
        roundTrip = at == null ? NEVER : Math.max(1, now - at[i]);
        return true;
      }
    }
    return false;
  }

  /** Nanoseconds the answered challenge and its response took; {@link #NEVER} for none. */
  public long roundTrip() {
    return roundTrip;
  }

  /** When a response last proved that the peer is there; {@link Long#MIN_VALUE} for never. */
  public long provenAt() {
    return provenAt;
  }

  /**
   * Whether a challenge of the last validation was in a datagram too small to show that the path
   * carries 1200 bytes, so that another validation is owed (RFC 9000 section 8.2.3).
   */
  public boolean provenSmallOnly() {
    return small;
  }

  public void abandonChallenge() {
    challenging = false;
    due = false;
  }

  /** When the validation under way is to be given up. */
  public long abandonAt() {
    return abandonAt;
  }

  public void abandonAt(long at) {
    abandonAt = at;
  }

  /** When something is due: another challenge, or this path's end. */
  public long deadline() {
    return deadline;
  }

  public void deadline(long at) {
    deadline = at;
  }

  // --- responses

  /** Notes a PATH_CHALLENGE to answer; beyond {@link Limits#PATH_RESPONSES} it is forgotten. */
  public void queueResponse(long data) {
    LongRing r = responses;
    if (r == null) {
      r = new LongRing(Limits.PATH_RESPONSES);
      responses = r;
    }
    r.add(data);
  }

  public boolean hasResponse() {
    LongRing r = responses;
    return r != null && !r.isEmpty();
  }

  /** Data of the next PATH_RESPONSE; only meaningful when {@link #hasResponse}. */
  public long pollResponse() {
    LongRing r = responses;
    return r == null ? 0 : r.poll(0);
  }
}
