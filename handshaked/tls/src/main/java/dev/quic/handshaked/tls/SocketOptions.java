package dev.quic.handshaked.tls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The few options of the kernel's socket that a handshake needs, in the kernel's layout. */
final class SocketOptions {
  static final int CONNECTION_CLOSE = 5;
  static final int CONFIG = 9;
  static final int ALPN = 11;
  static final int SESSION_TICKET = 12;
  static final int CRYPTO_SECRET = 13;
  static final int TRANSPORT_PARAM_EXT = 14;

  /** Ours, not the kernel's: whether early data was taken. */
  static final int EARLY_DATA = 0x1001;

  /**
   * Ours, not the kernel's: SESSION_TICKET without the key that the socket derives when nobody set
   * one.
   */
  static final int SET_TICKET_KEY = 0x1003;

  static final int ALPN_MAX = 256;
  static final int SESSION_TICKET_MAX = 4096;
  static final int CONFIG_MAX = 28;
  static final int TRANSPORT_PARAM_EXT_MAX = 1024;
  static final int CONNECTION_CLOSE_MAX = 72;

  static final int EIO = 5;
  static final int EACCES = 13;
  static final int EPIPE = 32;
  static final int EOPNOTSUPP = 95;
  static final int ECONNRESET = 104;
  static final int ENOTCONN = 107;
  static final int ETIMEDOUT = 110;
  static final int ENOKEY = 126;
  static final int EKEYEXPIRED = 127;
  static final int EKEYREVOKED = 128;
  static final int EKEYREJECTED = 129;

  private static final int SECRET_STRUCT = 56;
  private static final int SECRET_BYTES = 48;
  private static final int PHRASE_BYTES = 64;
  private static final int CONFIG_CIPHER = 12;
  private static final int CONFIG_RECEIVE_SESSION_TICKET = 19;
  private static final int CONFIG_CERTIFICATE_REQUEST = 20;

  private SocketOptions() {}

  static String name(int option) {
    return switch (option) {
      case CONNECTION_CLOSE -> "CONNECTION_CLOSE";
      case CONFIG -> "CONFIG";
      case ALPN -> "ALPN";
      case SESSION_TICKET -> "SESSION_TICKET";
      case CRYPTO_SECRET -> "CRYPTO_SECRET";
      case TRANSPORT_PARAM_EXT -> "TRANSPORT_PARAM_EXT";
      case EARLY_DATA -> "EARLY_DATA";
      case SET_TICKET_KEY -> "SET_TICKET_KEY";
      default -> "option " + option;
    };
  }

  /** {@code struct quic_crypto_secret {u8 send; u8 level; u16 rsv; u32 type; u8 secret[48]}}. */
  static byte[] cryptoSecret(boolean send, CryptoLevel level, int cipher, byte[] secret) {
    if (secret.length > SECRET_BYTES) {
      throw new IllegalArgumentException("a secret of " + secret.length + " bytes");
    }
    ByteBuffer out = ByteBuffer.allocate(SECRET_STRUCT).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) (send ? 1 : 0)).put((byte) level.number()).putShort((short) 0).putInt(cipher);
    out.put(secret);
    return out.array();
  }

  /** {@code struct quic_connection_close {u32 errcode; u8 frame; u8 rsv[3]; u8 phrase[64]}}. */
  static byte[] connectionClose(int errcode, String phrase) {
    ByteBuffer out = ByteBuffer.allocate(CONNECTION_CLOSE_MAX).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(errcode).putInt(0);
    byte[] text = phrase.getBytes(StandardCharsets.US_ASCII);
    // The last byte stays 0.
    out.put(text, 0, Math.min(text.length, PHRASE_BYTES - 1));
    return out.array();
  }

  static byte[] u32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  /** The error code of a {@code quic_connection_close}, 0 when there is none. */
  static int closeError(byte[] value) {
    return value.length < 4 ? 0 : little(value).getInt(0);
  }

  /** {@code payload_cipher_type} of a {@code quic_config}. */
  static int configCipher(byte[] config) {
    return config.length < CONFIG_CIPHER + 4 ? 0 : little(config).getInt(CONFIG_CIPHER);
  }

  /** {@code version} of a {@code quic_config}. */
  static int configVersion(byte[] config) {
    return config.length < 4 ? 0 : little(config).getInt(0);
  }

  /** {@code receive_session_ticket} of a {@code quic_config}: seconds to wait for one. */
  static int configReceiveSessionTicket(byte[] config) {
    return config.length <= CONFIG_RECEIVE_SESSION_TICKET
        ? 0
        : config[CONFIG_RECEIVE_SESSION_TICKET] & 0xff;
  }

  /** {@code certificate_request} of a {@code quic_config}: 0 none, 1 request, 2 require. */
  static int configCertificateRequest(byte[] config) {
    return config.length <= CONFIG_CERTIFICATE_REQUEST ? 0 : config[CONFIG_CERTIFICATE_REQUEST];
  }

  /** The text of ALPN: comma separated, leading spaces and empty names skipped. */
  static List<String> alpnNames(byte[] value) {
    List<String> names = new ArrayList<>();
    for (String name : new String(value, StandardCharsets.UTF_8).split(",", -1)) {
      String bare = name.stripLeading();
      int end = bare.indexOf('\0');
      bare = end >= 0 ? bare.substring(0, end) : bare;
      if (!bare.isEmpty()) {
        names.add(bare);
      }
    }
    return names;
  }

  private static ByteBuffer little(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
  }
}
