package dev.quic.uapi.option;

/**
 * {@code struct quic_config}, 28 bytes: CONFIG (9). On set a zero keeps the present value. Times
 * are in microseconds. Programs built against an older header pass 24 bytes, without the last
 * field.
 */
public record QuicConfig(
    int version,
    long plpmtudProbeInterval,
    long initialSmoothedRtt,
    int payloadCipherType,
    int congestionControlAlgo,
    boolean validatePeerAddress,
    boolean streamDataNodelay,
    int receiveSessionTicket,
    int certificateRequest,
    long keepaliveProbeInterval) {
  public static final int SIZE = 28;

  /**
   * Changes one thing: a listener answers every Initial without a token with a Retry (RFC 9000
   * section 8.1.2).
   */
  public static QuicConfig validatingAddresses() {
    return new QuicConfig(0, 0, 0, 0, 0, true, false, 0, 0, 0);
  }

  public byte[] encode() {
    return Struct.of(SIZE)
        .put(0, 4, version)
        .put(4, 4, plpmtudProbeInterval)
        .put(8, 4, initialSmoothedRtt)
        .put(12, 4, payloadCipherType)
        .put(16, 1, congestionControlAlgo)
        .put(17, 1, validatePeerAddress ? 1 : 0)
        .put(18, 1, streamDataNodelay ? 1 : 0)
        .put(19, 1, receiveSessionTicket)
        .put(20, 1, certificateRequest)
        .put(24, 4, keepaliveProbeInterval)
        .bytes();
  }

  public static QuicConfig decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    return new QuicConfig(
        (int) s.get(0, 4),
        s.get(4, 4),
        s.get(8, 4),
        (int) s.get(12, 4),
        s.u8(16),
        s.flag(17),
        s.flag(18),
        s.u8(19),
        s.u8(20),
        s.get(24, 4));
  }
}
