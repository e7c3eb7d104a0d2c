package dev.quic.dataplane.core.event;

/**
 * Observable facts as they happen, with primitive arguments so that nobody's listening costs
 * nothing. {@code sock} is the socket's cookie, {@code level} a {@code QUIC_CRYPTO_*} number.
 * Called on the core's thread; must not call back.
 */
public interface EventSink {
  EventSink NONE = new EventSink() {};

  /**
   * A connection began; its paths follow by {@link #pathAssigned}. The id is the destination of the
   * client's first Initial, as three words of eight bytes, the first byte highest.
   *
   * @param version of the first Initial
   * @param idBytes length of the id, 0 to 20
   */
  default void connectionStarted(
      long now,
      long sock,
      boolean server,
      int version,
      long id0,
      long id1,
      long id2,
      int idBytes) {}

  /** Nothing follows about this connection. */
  default void connectionForgotten(long now, long sock) {}

  /**
   * Addresses of the active path, as IPv6 or v4-mapped.
   *
   * @param ports the local one in bits 16 to 31, the remote one in bits 0 to 15
   */
  default void pathAssigned(
      long now, long sock, long localHi, long localLo, long remoteHi, long remoteLo, int ports) {}

  default void packetSent(
      long now, long sock, int level, long pn, int bytes, boolean ackEliciting) {}

  default void packetReceived(long now, long sock, int level, long pn, int bytes) {}

  /**
   * Whether {@link #frame}, {@link #ackRange}, {@link #parameter} and {@link #parametersSet} are
   * wanted: nobody reads packets a second time for who does not listen.
   */
  default boolean detailed() {
    return false;
  }

  /**
   * A frame of the packet of this level and number whose {@link #packetSent} or {@link
   * #packetReceived} comes next.
   *
   * @param what type in bits 0 to 7, level in 8 to 11, FIN in 12, length of a connection id in 16
   *     to 23
   * @param x stream, limit, sequence number, challenge data, error of a close, largest acknowledged
   * @param y offset, error of a stream, retire_prior_to, type that caused a close, ACK delay in us
   * @param z bytes of data, final size, first 8 bytes of a connection id, lowest of the first range
   */
  default void frame(long now, long sock, int what, long pn, long x, long y, long z) {}

  /** A further range of the ACK frame told last. */
  default void ackRange(long now, long sock, int level, long pn, long low, long high) {}

  /**
   * A transport parameter.
   *
   * @param local of our side
   * @param id its number (RFC 9000 section 18.2)
   * @param value in its own unit, times in ms; 1 for a flag that is set
   */
  default void parameter(long now, long sock, boolean local, int id, long value) {}

  /** Those were all parameters of a side. */
  default void parametersSet(long now, long sock, boolean local) {}

  default void packetLost(long now, long sock, int level, long pn, int bytes) {}

  /**
   * @param reason a {@code Drop.*} number
   */
  default void packetDropped(long now, long sock, int reason, int bytes) {}

  default void cryptoSent(long now, long sock, int level, long offset, int bytes) {}

  default void cryptoReceived(long now, long sock, int level, long offset, int bytes) {}

  default void secretInstalled(long now, long sock, int level, boolean send, int cipher) {}

  default void secretDiscarded(long now, long sock, int level) {}

  /** 0-RTT was accepted or refused, by this side or the peer. */
  default void earlyDataDecided(long now, long sock, boolean accepted) {}

  /**
   * A connection goes on in another QUIC version, compatibly or because of a Version Negotiation
   * packet.
   */
  default void versionChanged(long now, long sock, int from, int to) {}

  default void stateChanged(long now, long sock, int from, int to) {}

  default void recoveryUpdated(
      long now, long sock, long cwnd, long bytesInFlight, long smoothedRttNs, long ssthresh) {}

  /** A round trip was measured: the estimate after it, nanoseconds (RFC 9002 section 5). */
  default void rttUpdated(
      long now, long sock, long latest, long min, long smoothed, long variance) {}

  default void lossTimer(long now, long sock, int ptoCount) {}

  /** Packets given up in the present recovery period all came: its reduction was taken back. */
  default void spuriousLoss(long now, long sock) {}

  /**
   * @param local true when we closed @param application true for 0x1d
   */
  default void closed(long now, long sock, boolean local, boolean application, long errorCode) {}

  default void streamOpened(long now, long sock, long stream, boolean local) {}

  /**
   * Marking of the active path changed.
   *
   * @param state a {@code Ecn.*} number
   */
  default void ecnState(long now, long sock, int state) {}

  /**
   * The largest datagram sent on the active path changed.
   *
   * @param done whether a search ended with it
   */
  default void mtuUpdated(long now, long sock, int old, int mtu, boolean done) {}

  default void pathValidated(long now, long sock, int path) {}
}
