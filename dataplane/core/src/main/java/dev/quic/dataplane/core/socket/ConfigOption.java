package dev.quic.dataplane.core.socket;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;

/** The CONFIG option's struct; zero in a field keeps the present value. */
final class ConfigOption {
  private ConfigOption() {}

  static final int BYTES = 28;
  private static final long MICROSECOND = 1_000;

  static int set(Settings s, byte[] v) {
    long probe = OptionBytes.get32(v, 4);
    long rtt = OptionBytes.get32(v, 8);
    long cipher = OptionBytes.get32(v, 12);
    long keepalive = OptionBytes.get32(v, 24);
    boolean bad =
        probe != 0 && (probe < 5_000_000 || probe > 0xffff_ffffL / 30)
            || rtt != 0 && (rtt < 1_000 || rtt > 6_000_000)
            || cipher != 0
                && (cipher < QuicUapi.TLS_CIPHER_AES_GCM_128
                    || cipher > QuicUapi.TLS_CIPHER_CHACHA20_POLY1305)
            || keepalive != 0 && keepalive < 1_500_000
            || OptionBytes.get8(v, 16) > QuicUapi.QUIC_CONG_ALG_BBR;
    if (bad) {
      return -Errno.EINVAL;
    }
    s.versionGiven |= OptionBytes.get32(v, 0) != 0;
    s.version = (int) keep(OptionBytes.get32(v, 0), s.version);
    s.plpmtudProbeInterval = keep(probe * MICROSECOND, s.plpmtudProbeInterval);
    s.initialRtt = keep(rtt * MICROSECOND, s.initialRtt);
    s.payloadCipherType = (int) keep(cipher, s.payloadCipherType);
    s.congestionControl = (int) keep(OptionBytes.get8(v, 16), s.congestionControl);
    s.validatePeerAddress = (int) keep(OptionBytes.get8(v, 17), s.validatePeerAddress);
    s.streamDataNodelay = (int) keep(OptionBytes.get8(v, 18), s.streamDataNodelay);
    s.receiveSessionTicket = (int) keep(OptionBytes.get8(v, 19), s.receiveSessionTicket);
    s.certificateRequest = (int) keep(OptionBytes.get8(v, 20), s.certificateRequest);
    s.keepaliveProbeInterval = keep(keepalive * MICROSECOND, s.keepaliveProbeInterval);
    return 0;
  }

  private static long keep(long given, long present) {
    return given == 0 ? present : given;
  }

  static byte[] get(Settings s) {
    byte[] v = new byte[BYTES];
    OptionBytes.put32(v, 0, s.version);
    OptionBytes.put32(v, 4, s.plpmtudProbeInterval / MICROSECOND);
    OptionBytes.put32(v, 8, s.initialRtt / MICROSECOND);
    OptionBytes.put32(v, 12, s.payloadCipherType);
    v[16] = (byte) s.congestionControl;
    v[17] = (byte) s.validatePeerAddress;
    v[18] = (byte) s.streamDataNodelay;
    v[19] = (byte) s.receiveSessionTicket;
    v[20] = (byte) s.certificateRequest;
    OptionBytes.put32(v, 24, s.keepaliveProbeInterval / MICROSECOND);
    return v;
  }
}
