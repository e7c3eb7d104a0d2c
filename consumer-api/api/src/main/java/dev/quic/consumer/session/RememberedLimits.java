package dev.quic.consumer.session;

import dev.quic.uapi.option.QuicTransportParam;

/**
 * The server's transport parameters a client remembers with a session, and no others (RFC 9000
 * section 7.4.1): acknowledgement delays, connection ids and reset tokens are never remembered.
 */
final class RememberedLimits {
  static final int BYTES = QuicTransportParam.SIZE;

  /** Largest window the TRANSPORT_PARAM option takes. */
  private static final long MAX_WINDOW = Long.MAX_VALUE >> 2;

  /** Smaller windows cannot be set; without them that early data waits for the handshake. */
  private static final long LEAST_WINDOW = 1200;

  private static final int MAX_STREAMS = 4096;
  private static final int LEAST_CONNECTION_IDS = 2;
  private static final int LEAST_PAYLOAD = 1200;
  private static final int MAX_PAYLOAD = 65_527;
  private static final long LEAST_IDLE_MICROS = 1_000_000;

  private RememberedLimits() {}

  /**
   * @param struct {@code struct quic_transport_param}, of any length and content
   * @return one that TRANSPORT_PARAM takes with {@code remote} set
   */
  static byte[] of(byte[] struct) {
    QuicTransportParam p = QuicTransportParam.decode(struct);
    int connectionIds = p.activeConnectionIdLimit();
    int payload = Math.min(p.maxUdpPayloadSize(), MAX_PAYLOAD);
    return new QuicTransportParam(
            true,
            p.disableActiveMigration(),
            false,
            false,
            false,
            false,
            connectionIds < LEAST_CONNECTION_IDS ? 0 : connectionIds,
            0,
            p.maxDatagramFrameSize() < LEAST_WINDOW ? 0 : p.maxDatagramFrameSize(),
            payload < LEAST_PAYLOAD ? 0 : payload,
            p.maxIdleTimeout() < LEAST_IDLE_MICROS ? 0 : p.maxIdleTimeout(),
            0,
            Math.min(p.maxStreamsBidi(), MAX_STREAMS),
            Math.min(p.maxStreamsUni(), MAX_STREAMS),
            window(p.maxData()),
            window(p.maxStreamDataBidiLocal()),
            window(p.maxStreamDataBidiRemote()),
            window(p.maxStreamDataUni()))
        .encode();
  }

  private static long window(long bytes) {
    // A varint has 62 bits; what looks negative here was never one.
    return bytes < LEAST_WINDOW ? 0 : Math.min(bytes, MAX_WINDOW);
  }
}
