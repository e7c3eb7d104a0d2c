package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsClient;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CertificateStatusRequest;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsPSK;
import org.bouncycastle.tls.TlsServerCertificate;
import org.jspecify.annotations.Nullable;

/** bctls' questions to a client, answered from the configuration. */
final class ClientPeer extends AbstractTlsClient {
  static final Integer QUIC_TRANSPORT_PARAMETERS = 0x39;

  private final BcClientEngine engine;
  private final TlsConfig.Client config;

  ClientPeer(BcClientEngine engine) {
    super(engine.crypto());
    this.engine = engine;
    this.config = engine.config();
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    // RFC 9001 section 4.2.
    return ProtocolVersion.TLSv13.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return Suites.of(config);
  }

  @Override
  public boolean shouldUseCompatibilityMode() {
    // An empty legacy_session_id (RFC 9001 section 8.4).
    return false;
  }

  @Override
  public int getMaxHandshakeMessageSize() {
    return BcEngine.MAX_MESSAGE;
  }

  @Override
  public int getMaxCertificateChainLength() {
    return BcEngine.MAX_CHAIN;
  }

  @Override
  protected @Nullable CertificateStatusRequest getCertificateStatusRequest() {
    return null;
  }

  @Override
  protected @Nullable Vector<ProtocolName> getProtocolNames() {
    return names(config.alpn());
  }

  static @Nullable Vector<ProtocolName> names(List<String> alpn) {
    if (alpn.isEmpty()) {
      return null;
    }
    Vector<ProtocolName> names = new Vector<>();
    for (String name : alpn) {
      names.add(ProtocolName.asUtf8Encoding(name));
    }
    return names;
  }

  @Override
  protected @Nullable Vector<ServerName> getSNIServerNames() {
    String name = engine.serverName();
    if (name == null) {
      return null;
    }
    Vector<ServerName> names = new Vector<>();
    names.add(new ServerName(NameType.host_name, name.getBytes(StandardCharsets.US_ASCII)));
    return names;
  }

  @Override
  @SuppressWarnings("rawtypes")
  protected Vector<Integer> getSupportedGroups(Vector namedGroupRoles) {
    Vector<Integer> groups = new Vector<>();
    for (TlsGroup group : config.groups()) {
      groups.add(group.codePoint());
    }
    return groups;
  }

  @Override
  public Vector<Integer> getEarlyKeyShareGroups() {
    Vector<Integer> shares = new Vector<>();
    for (TlsGroup group : engine.shares()) {
      shares.add(group.codePoint());
    }
    return shares;
  }

  @Override
  protected Vector<SignatureAndHashAlgorithm> getSupportedSignatureAlgorithms() {
    return Signers.offered();
  }

  @Override
  @SuppressWarnings("unchecked")
  public Hashtable<Integer, byte[]> getClientExtensions() throws IOException {
    Hashtable<Integer, byte[]> extensions = new Extensions(super.getClientExtensions());
    if (engine.offersEarlyData()) {
      // RFC 8446 section 4.2.10: empty in a ClientHello.
      extensions.put(ExtensionType.early_data, new byte[0]);
    }
    extensions.put(QUIC_TRANSPORT_PARAMETERS, engine.transportParameters());
    // Without it a server would never send a ticket (RFC 8446 section 4.2.9).
    TlsExtensionsUtils.addPSKKeyExchangeModesExtension(
        extensions, new short[] {PskKeyExchangeMode.psk_dhe_ke});
    engine.fired(Hook.CLIENT_EXTENSIONS);
    return extensions;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public void processServerExtensions(Hashtable extensions) throws IOException {
    super.processServerExtensions(extensions);
    engine.encryptedExtensions(
        context.getSecurityParametersHandshake().getApplicationProtocol(),
        (byte[]) extensions.get(QUIC_TRANSPORT_PARAMETERS),
        extensions.containsKey(ExtensionType.early_data));
  }

  @Override
  public @Nullable Vector<Psk> getExternalPSKs() {
    return engine.psks().isEmpty() ? null : new Vector<>(engine.psks());
  }

  @Override
  public void notifySelectedPSK(@Nullable TlsPSK selectedPSK) {
    engine.selected(selectedPSK);
  }

  /** bctls writes every ticket's age as 0: the right one is put in where it files the extension. */
  private final class Extensions extends Hashtable<Integer, byte[]> {
    private static final long serialVersionUID = 1L;

    Extensions(Hashtable<Integer, byte[]> from) {
      super(from);
    }

    @Override
    public synchronized byte @Nullable [] put(Integer type, byte[] body) {
      if (type != ExtensionType.pre_shared_key) {
        return super.put(type, body);
      }
      engine.fired(Hook.CLIENT_TICKET_AGE);
      try {
        return super.put(type, PskExtension.withAges(body, identity -> engine.obfuscatedAge()));
      } catch (IOException e) {
        throw new IllegalStateException("bctls made a malformed pre_shared_key", e);
      }
    }
  }

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate certificate) throws IOException {
        engine.serverCertificate(certificate.getCertificate());
      }

      @Override
      public @Nullable TlsCredentials getClientCredentials(CertificateRequest request)
          throws IOException {
        Credentials own = config.credentials();
        return own == null
            ? null
            : Signers.signer(context, own, request.getSupportedSignatureAlgorithms(), null);
      }
    };
  }
}
