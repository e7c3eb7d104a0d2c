package dev.quic.handshaked.daemon.service;

/** The one field of {@code struct quic_config} that a daemon looks at itself. */
final class QuicConfigView {
  /** After version, probe interval, round trip, cipher type (u32 each) and four bytes. */
  private static final int CERTIFICATE_REQUEST = 20;

  private QuicConfigView() {}

  /** 0 when the option is too short to have the field. */
  static int certificateRequest(byte[] config) {
    return config.length > CERTIFICATE_REQUEST ? config[CERTIFICATE_REQUEST] & 0xff : 0;
  }
}
