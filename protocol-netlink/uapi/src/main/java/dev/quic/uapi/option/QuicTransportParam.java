package dev.quic.uapi.option;

/**
 * {@code struct quic_transport_param}, 56 bytes: TRANSPORT_PARAM (8). On set a zero keeps the
 * present value. Times are in microseconds, sizes in bytes.
 *
 * @param remote which side: false ours, true the peer's
 */
public record QuicTransportParam(
    boolean remote,
    boolean disableActiveMigration,
    boolean greaseQuicBit,
    boolean statelessReset,
    boolean disable1rttEncryption,
    boolean disableCompatibleVersion,
    int activeConnectionIdLimit,
    int ackDelayExponent,
    int maxDatagramFrameSize,
    int maxUdpPayloadSize,
    long maxIdleTimeout,
    long maxAckDelay,
    int maxStreamsBidi,
    int maxStreamsUni,
    long maxData,
    long maxStreamDataBidiLocal,
    long maxStreamDataBidiRemote,
    long maxStreamDataUni) {
  public static final int SIZE = 56;

  /** Nothing set: what a set would leave alone entirely. */
  public static final QuicTransportParam KEEP = decode(new byte[0]);

  /** Windows only: everything else is kept. */
  public static QuicTransportParam windows(long connection, long stream) {
    Struct s = Struct.of(SIZE).put(24, 8, connection);
    return decode(s.put(32, 8, stream).put(40, 8, stream).put(48, 8, stream).bytes());
  }

  public byte[] encode() {
    return Struct.of(SIZE)
        .put(0, 1, remote ? 1 : 0)
        .put(1, 1, disableActiveMigration ? 1 : 0)
        .put(2, 1, greaseQuicBit ? 1 : 0)
        .put(3, 1, statelessReset ? 1 : 0)
        .put(4, 1, disable1rttEncryption ? 1 : 0)
        .put(5, 1, disableCompatibleVersion ? 1 : 0)
        .put(6, 1, activeConnectionIdLimit)
        .put(7, 1, ackDelayExponent)
        .put(8, 2, maxDatagramFrameSize)
        .put(10, 2, maxUdpPayloadSize)
        .put(12, 4, maxIdleTimeout)
        .put(16, 4, maxAckDelay)
        .put(20, 2, maxStreamsBidi)
        .put(22, 2, maxStreamsUni)
        .put(24, 8, maxData)
        .put(32, 8, maxStreamDataBidiLocal)
        .put(40, 8, maxStreamDataBidiRemote)
        .put(48, 8, maxStreamDataUni)
        .bytes();
  }

  public static QuicTransportParam decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new QuicTransportParam(
        s.flag(0),
        s.flag(1),
        s.flag(2),
        s.flag(3),
        s.flag(4),
        s.flag(5),
        s.u8(6),
        s.u8(7),
        (int) s.get(8, 2),
        (int) s.get(10, 2),
        s.get(12, 4),
        s.get(16, 4),
        (int) s.get(20, 2),
        (int) s.get(22, 2),
        s.get(24, 8),
        s.get(32, 8),
        s.get(40, 8),
        s.get(48, 8));
  }
}
