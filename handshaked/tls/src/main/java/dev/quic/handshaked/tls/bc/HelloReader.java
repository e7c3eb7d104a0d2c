package dev.quic.handshaked.tls.bc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ClientHello;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.KeyShareEntry;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.jspecify.annotations.Nullable;

/** What a server wants to know of a ClientHello before bctls sees it. */
final class HelloReader {
  /** May differ in a second ClientHello (RFC 8446 section 4.1.2). */
  private static final Set<Integer> MAY_CHANGE =
      Set.of(
          ExtensionType.key_share,
          ExtensionType.early_data,
          ExtensionType.cookie,
          ExtensionType.pre_shared_key,
          ExtensionType.padding);

  private final ClientHello hello;
  private final Map<Integer, byte[]> extensions;
  private byte[] transportParameters = new byte[0];
  private @Nullable String alpn;
  private @Nullable String serverName;

  private HelloReader(ClientHello hello, Map<Integer, byte[]> extensions) {
    this.hello = hello;
    this.extensions = extensions;
  }

  static HelloReader parse(byte[] message) throws IOException {
    ClientHello hello =
        ClientHello.parse(
            new ByteArrayInputStream(
                message, MessageBuffer.HEADER, message.length - MessageBuffer.HEADER),
            null);
    Hashtable<?, ?> raw = hello.getExtensions();
    if (raw == null) {
      throw new Refusal(AlertDescription.protocol_version, "the client does not offer TLS 1.3");
    }
    Map<Integer, byte[]> extensions = new HashMap<>();
    raw.forEach((type, body) -> extensions.put((Integer) type, (byte[]) body));
    return new HelloReader(hello, extensions);
  }

  /** The checks of QUIC, and the choice of a protocol. */
  void check(List<String> supported) throws IOException {
    Hashtable<Integer, byte[]> table = table();
    ProtocolVersion[] versions = TlsExtensionsUtils.getSupportedVersionsExtensionClient(table);
    if (versions == null || !ProtocolVersion.contains(versions, ProtocolVersion.TLSv13)) {
      throw new Refusal(AlertDescription.protocol_version, "the client does not offer TLS 1.3");
    }
    // RFC 9001 section 8.4.
    if (hello.getSessionID().length > 0) {
      throw new Refusal(
          AlertDescription.illegal_parameter, "the client uses TLS middlebox compatibility mode");
    }
    byte[] parameters = extensions.get(ClientPeer.QUIC_TRANSPORT_PARAMETERS);
    // RFC 9001 section 8.2.
    if (parameters == null) {
      throw new Refusal(
          AlertDescription.missing_extension, "the client sent no quic_transport_parameters");
    }
    transportParameters = parameters;
    serverName = serverName(table);
    alpn = selectAlpn(table, supported);
  }

  /** The client's order decides (as GnuTLS does by default). */
  private static @Nullable String selectAlpn(Hashtable<?, ?> table, List<String> supported)
      throws IOException {
    Vector<?> offered = TlsExtensionsUtils.getALPNExtensionClient(table);
    if (supported.isEmpty()) {
      return null;
    }
    StringBuilder wanted = new StringBuilder();
    if (offered != null) {
      for (Object name : offered) {
        // Names are bytes, not always text (RFC 8701 makes some up).
        byte[] bytes = ((ProtocolName) name).getBytes();
        for (String ours : supported) {
          if (Arrays.equals(bytes, ours.getBytes(StandardCharsets.UTF_8))) {
            return ours;
          }
        }
        if (wanted.length() < 100) {
          String text = new String(bytes, StandardCharsets.UTF_8);
          wanted.append(wanted.isEmpty() ? "" : ",").append(printable(text));
        }
      }
    }
    // RFC 9001 section 8.1.
    throw new Refusal(
        AlertDescription.no_application_protocol,
        "no common application protocol: the client offers "
            + (wanted.isEmpty() ? "none" : wanted)
            + ", we speak "
            + String.join(",", supported));
  }

  private static @Nullable String serverName(Hashtable<?, ?> table) throws IOException {
    Vector<?> names = TlsExtensionsUtils.getServerNameExtensionClient(table);
    if (names != null) {
      for (Object item : names) {
        ServerName name = (ServerName) item;
        if (name.getNameType() == NameType.host_name) {
          return printable(new String(name.getNameData(), StandardCharsets.US_ASCII));
        }
      }
    }
    return null;
  }

  private static String printable(String text) {
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      clean.append(c < 0x20 || c >= 0x7f ? '?' : c);
    }
    return clean.toString();
  }

  // RFC 8446 section 4.1.2.
  void checkSecond(HelloReader second) throws IOException {
    boolean same =
        Arrays.equals(hello.getRandom(), second.hello.getRandom())
            && Arrays.equals(hello.getSessionID(), second.hello.getSessionID())
            && Arrays.equals(hello.getCipherSuites(), second.hello.getCipherSuites())
            && hello.getVersion().equals(second.hello.getVersion());
    Set<Integer> types = new HashSet<>(extensions.keySet());
    types.addAll(second.extensions.keySet());
    types.removeAll(MAY_CHANGE);
    for (Integer type : types) {
      same &= Arrays.equals(extensions.get(type), second.extensions.get(type));
    }
    if (!same) {
      throw new Refusal(
          AlertDescription.illegal_parameter, "the client's second ClientHello differs");
    }
  }

  int[] cipherSuites() {
    return hello.getCipherSuites();
  }

  byte @Nullable [] pskExtension() {
    return extensions.get(ExtensionType.pre_shared_key);
  }

  boolean offersEarlyData() {
    return extensions.containsKey(ExtensionType.early_data);
  }

  /** Whether the client can use a ticket: it speaks psk_dhe_ke (RFC 8446 section 4.2.9). */
  boolean takesTickets() throws IOException {
    short[] modes = TlsExtensionsUtils.getPSKKeyExchangeModesExtension(table());
    if (modes != null) {
      for (short mode : modes) {
        if (mode == PskKeyExchangeMode.psk_dhe_ke) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether the client asks for an OCSP response (RFC 6066 section 8). */
  boolean wantsOcsp() {
    return extensions.containsKey(ExtensionType.status_request);
  }

  byte[] transportParameters() {
    return transportParameters;
  }

  @Nullable String alpn() {
    return alpn;
  }

  @Nullable String serverName() {
    return serverName;
  }

  /** Groups for which the client sent a share. */
  Set<Integer> sharedGroups() throws IOException {
    Set<Integer> groups = new HashSet<>();
    Vector<?> shares = TlsExtensionsUtils.getKeyShareClientHello(table());
    if (shares != null) {
      for (Object share : shares) {
        groups.add(((KeyShareEntry) share).getNamedGroup());
      }
    }
    return groups;
  }

  private Hashtable<Integer, byte[]> table() {
    return new Hashtable<>(extensions);
  }
}
