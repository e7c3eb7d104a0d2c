package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.uapi.Errno;

/** The TRANSPORT_PARAM option's struct; zero in a field keeps the present value. */
final class TransportParamOption {
  private TransportParamOption() {}

  static final int BYTES = 56;

  /** Offset of max_data. */
  static final int MAX_DATA = 24;

  private static final long MICROSECOND = 1_000;
  private static final long LEAST_DATA = 1_200;

  /**
   * @param remote whether of the peer, which lifts the upper caps of data limits
   */
  static int set(TransportParams p, byte[] v, boolean remote) {
    if (!valid(v, remote)) {
      return -Errno.EINVAL;
    }
    p.disableActiveMigration |= OptionBytes.get8(v, 1) != 0;
    p.greaseQuicBit |= OptionBytes.get8(v, 2) != 0;
    p.statelessReset |= OptionBytes.get8(v, 3) != 0;
    p.disable1rttEncryption |= OptionBytes.get8(v, 4) != 0;
    p.disableCompatibleVersion |= OptionBytes.get8(v, 5) != 0;
    p.activeConnIdLimit = keep(OptionBytes.get8(v, 6), p.activeConnIdLimit);
    p.ackDelayExponent = keep(OptionBytes.get8(v, 7), p.ackDelayExponent);
    p.maxDatagramFrameSize = keep(OptionBytes.get16(v, 8), p.maxDatagramFrameSize);
    p.maxUdpPayloadSize = keep(OptionBytes.get16(v, 10), p.maxUdpPayloadSize);
    p.maxIdleTimeout = keep(OptionBytes.get32(v, 12) * MICROSECOND, p.maxIdleTimeout);
    p.maxAckDelay = keep(OptionBytes.get32(v, 16) * MICROSECOND, p.maxAckDelay);
    p.maxStreamsBidi = keep(OptionBytes.get16(v, 20), p.maxStreamsBidi);
    p.maxStreamsUni = keep(OptionBytes.get16(v, 22), p.maxStreamsUni);
    p.maxData = keep(OptionBytes.get64(v, 24), p.maxData);
    p.maxStreamDataBidiLocal = keep(OptionBytes.get64(v, 32), p.maxStreamDataBidiLocal);
    p.maxStreamDataBidiRemote = keep(OptionBytes.get64(v, 40), p.maxStreamDataBidiRemote);
    p.maxStreamDataUni = keep(OptionBytes.get64(v, 48), p.maxStreamDataUni);
    return 0;
  }

  private static boolean valid(byte[] v, boolean remote) {
    long dataCap = remote ? Long.MAX_VALUE >> 2 : Integer.MAX_VALUE / 4;
    // What a peer advertised is remembered as it is.
    long least = remote ? 1 : LEAST_DATA;
    long streamCap = remote ? Long.MAX_VALUE >> 2 : Integer.MAX_VALUE / 8;
    return range(OptionBytes.get8(v, 6), 2, remote ? 255 : Limits.CONN_IDS)
        && range(OptionBytes.get8(v, 7), 1, 20)
        && range(OptionBytes.get16(v, 8), least, 65_535)
        && range(OptionBytes.get16(v, 10), Limits.MIN_INITIAL_DATAGRAM, 65_527)
        && range(OptionBytes.get32(v, 12), remote ? 1 : 1_000_000, 0xffff_ffffL)
        && range(OptionBytes.get32(v, 16), 1, 16_383_999)
        && range(OptionBytes.get16(v, 20), 1, Limits.STREAMS)
        && range(OptionBytes.get16(v, 22), 1, Limits.STREAMS)
        && range(OptionBytes.get64(v, 24), least, dataCap)
        && range(OptionBytes.get64(v, 32), least, streamCap)
        && range(OptionBytes.get64(v, 40), least, streamCap)
        && range(OptionBytes.get64(v, 48), least, streamCap);
  }

  private static boolean range(long n, long least, long most) {
    return n == 0 || n >= least && n <= most;
  }

  private static long keep(long given, long present) {
    return given == 0 ? present : given;
  }

  static byte[] get(TransportParams p, boolean remote) {
    byte[] v = new byte[BYTES];
    v[0] = (byte) (remote ? 1 : 0);
    v[1] = bit(p.disableActiveMigration);
    v[2] = bit(p.greaseQuicBit);
    v[3] = bit(p.statelessReset || p.resetToken != null);
    v[4] = bit(p.disable1rttEncryption);
    v[5] = bit(p.disableCompatibleVersion);
    v[6] = (byte) Math.min(p.activeConnIdLimit, 255);
    v[7] = (byte) p.ackDelayExponent;
    OptionBytes.put16(v, 8, Math.min(p.maxDatagramFrameSize, 65_535));
    OptionBytes.put16(v, 10, p.maxUdpPayloadSize);
    OptionBytes.put32(v, 12, Math.min(p.maxIdleTimeout / MICROSECOND, 0xffff_ffffL));
    OptionBytes.put32(v, 16, p.maxAckDelay / MICROSECOND);
    OptionBytes.put16(v, 20, Math.min(p.maxStreamsBidi, Limits.STREAMS));
    OptionBytes.put16(v, 22, Math.min(p.maxStreamsUni, Limits.STREAMS));
    OptionBytes.put64(v, 24, p.maxData);
    OptionBytes.put64(v, 32, p.maxStreamDataBidiLocal);
    OptionBytes.put64(v, 40, p.maxStreamDataBidiRemote);
    OptionBytes.put64(v, 48, p.maxStreamDataUni);
    return v;
  }

  private static byte bit(boolean on) {
    return (byte) (on ? 1 : 0);
  }
}
