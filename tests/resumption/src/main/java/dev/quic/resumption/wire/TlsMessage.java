package dev.quic.resumption.wire;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A handshake message as it was on the wire (RFC 8446 section 4), and what of it tells how a
 * session began. Malformed parts read as absent.
 *
 * @param level {@code QUIC_CRYPTO_*}
 * @param sent whether by us
 * @param bytes header included
 */
public record TlsMessage(int level, boolean sent, byte[] bytes) {
  public static final int CLIENT_HELLO = 1;
  public static final int SERVER_HELLO = 2;
  public static final int NEW_SESSION_TICKET = 4;
  public static final int ENCRYPTED_EXTENSIONS = 8;
  public static final int CERTIFICATE = 11;
  public static final int CERTIFICATE_REQUEST = 13;
  public static final int CERTIFICATE_VERIFY = 15;
  public static final int FINISHED = 20;

  static final int HEADER = 4;

  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int PRE_SHARED_KEY = 41;
  private static final int EARLY_DATA = 42;
  private static final int TRANSPORT_PARAMETERS = 0x39;
  private static final int RANDOM = 32;

  // RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest".
  private static final byte[] RETRY =
      HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

  /**
   * A pre-shared key that is offered.
   *
   * @param ticket the identity
   * @param age obfuscated
   */
  public record Identity(byte[] ticket, long age) {}

  /**
   * What a ClientHello asks for.
   *
   * @param serverName null for none
   * @param identities empty when no session is offered
   */
  public record ClientHello(
      @Nullable String serverName,
      List<String> alpn,
      List<Identity> identities,
      boolean earlyData) {}

  /**
   * @param retry HelloRetryRequest
   * @param selectedKey index of the pre-shared key, -1 for none
   */
  public record ServerHello(boolean retry, int selectedKey) {}

  /**
   * @param parameters body of quic_transport_parameters, null without it
   */
  public record EncryptedExtensions(
      boolean earlyData, @Nullable String alpn, byte @Nullable [] parameters) {}

  /**
   * NewSessionTicket.
   *
   * @param lifetime seconds
   * @param ageAdd what a client adds to the age it tells
   */
  public record Ticket(long lifetime, long ageAdd, byte[] ticket, boolean earlyData) {}

  /** Number of the message type, 0 to 255. */
  public int type() {
    return bytes[0] & 0xff;
  }

  /** The RFC's name of a type. */
  public static String name(int type) {
    return switch (type) {
      case CLIENT_HELLO -> "ClientHello";
      case SERVER_HELLO -> "ServerHello";
      case NEW_SESSION_TICKET -> "NewSessionTicket";
      case ENCRYPTED_EXTENSIONS -> "EncryptedExtensions";
      case CERTIFICATE -> "Certificate";
      case CERTIFICATE_REQUEST -> "CertificateRequest";
      case CERTIFICATE_VERIFY -> "CertificateVerify";
      case FINISHED -> "Finished";
      default -> "message " + type;
    };
  }

  private Reader body() {
    return new Reader(bytes, HEADER, bytes.length - HEADER);
  }

  ClientHello clientHello() {
    Reader in = body();
    in.skip(2 + RANDOM);
    in.skip(in.u8());
    in.skip(in.u16());
    in.skip(in.u8());
    Map<Integer, byte[]> found = extensions(in);
    return new ClientHello(
        serverName(found.get(SERVER_NAME)),
        protocols(found.get(ALPN)),
        identities(found.get(PRE_SHARED_KEY)),
        found.containsKey(EARLY_DATA));
  }

  ServerHello serverHello() {
    Reader in = body();
    in.skip(2);
    boolean retry = Arrays.equals(in.bytes(RANDOM), RETRY);
    in.skip(in.u8());
    in.skip(2 + 1);
    byte[] key = extensions(in).get(PRE_SHARED_KEY);
    if (key == null || key.length != 2 || retry) {
      return new ServerHello(retry, -1);
    }
    return new ServerHello(false, new Reader(key, 0, 2).u16());
  }

  EncryptedExtensions encryptedExtensions() {
    Map<Integer, byte[]> found = extensions(body());
    List<String> names = protocols(found.get(ALPN));
    return new EncryptedExtensions(
        found.containsKey(EARLY_DATA),
        names.isEmpty() ? null : names.getFirst(),
        found.get(TRANSPORT_PARAMETERS));
  }

  Ticket ticket() {
    Reader in = body();
    long lifetime = in.u32() & 0xffff_ffffL;
    long ageAdd = in.u32() & 0xffff_ffffL;
    in.skip(in.u8());
    byte[] ticket = in.bytes(in.u16());
    return new Ticket(lifetime, ageAdd, ticket, extensions(in).containsKey(EARLY_DATA));
  }

  private static Map<Integer, byte[]> extensions(Reader in) {
    Map<Integer, byte[]> found = new HashMap<>();
    int end = in.u16();
    if (in.remaining() < end) {
      return found;
    }
    while (in.remaining() >= 4) {
      int type = in.u16();
      byte[] value = in.bytes(in.u16());
      if (in.ok()) {
        found.put(type, value);
      }
    }
    return found;
  }

  private static @Nullable String serverName(byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    Reader in = new Reader(value, 0, value.length);
    in.skip(2 + 1);
    String name = text(in.bytes(in.u16()));
    return in.ok() && !name.isEmpty() ? name : null;
  }

  private static List<String> protocols(byte @Nullable [] value) {
    List<String> names = new ArrayList<>();
    if (value != null) {
      Reader in = new Reader(value, 0, value.length);
      in.skip(2);
      while (in.remaining() > 0) {
        names.add(text(in.bytes(in.u8())));
      }
    }
    return names;
  }

  private static List<Identity> identities(byte @Nullable [] value) {
    List<Identity> found = new ArrayList<>();
    if (value != null) {
      Reader all = new Reader(value, 0, value.length);
      byte[] list = all.bytes(all.u16());
      Reader in = new Reader(list, 0, list.length);
      while (in.remaining() > 0) {
        byte[] ticket = in.bytes(in.u16());
        long age = in.u32() & 0xffff_ffffL;
        if (in.ok()) {
          found.add(new Identity(ticket, age));
        }
      }
    }
    return found;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return (sent ? "> " : "< ")
        + name(type())
        + (level == QuicUapi.QUIC_CRYPTO_APP ? " in 1-RTT" : "");
  }
}
