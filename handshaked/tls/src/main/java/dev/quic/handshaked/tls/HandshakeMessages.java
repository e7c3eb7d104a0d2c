package dev.quic.handshaked.tls;

/** Names of handshake messages (RFC 8446 section 4), for traces. */
public final class HandshakeMessages {
  private static final int HEADER = 4;

  private HandshakeMessages() {}

  /** The names of the messages that start in a piece of the stream, as far as they can be told. */
  static String names(byte[] bytes) {
    StringBuilder names = new StringBuilder();
    int at = 0;
    while (bytes.length - at >= HEADER) {
      names.append(names.isEmpty() ? "" : " ").append(name(bytes[at] & 0xff));
      int length =
          (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff);
      at += HEADER + length;
    }
    return names.toString();
  }

  /** The name of a message type, or its number. */
  public static String name(int type) {
    return switch (type) {
      case 1 -> "ClientHello";
      case 2 -> "ServerHello";
      case 4 -> "NewSessionTicket";
      case 8 -> "EncryptedExtensions";
      case 11 -> "Certificate";
      case 13 -> "CertificateRequest";
      case 15 -> "CertificateVerify";
      case 20 -> "Finished";
      case 24 -> "KeyUpdate";
      default -> "message " + type;
    };
  }
}
