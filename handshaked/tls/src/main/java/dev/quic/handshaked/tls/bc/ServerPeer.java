package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.util.Hashtable;
import java.util.Set;
import java.util.Vector;
import java.util.stream.IntStream;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.TlsUtils;
import org.jspecify.annotations.Nullable;

/** bctls' questions to a server, answered from the configuration. */
final class ServerPeer extends AbstractTlsServer {
  private final BcServerEngine engine;
  private final TlsConfig.Server config;

  ServerPeer(BcServerEngine engine) {
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
  public int getMaxHandshakeMessageSize() {
    return BcEngine.MAX_MESSAGE;
  }

  @Override
  public int getMaxCertificateChainLength() {
    return BcEngine.MAX_CHAIN;
  }

  /** The client's order decides, so that a phone without AES hardware gets ChaCha20. */
  @Override
  public int getSelectedCipherSuite() throws IOException {
    PskChoice choice = engine.pskChoice();
    if (choice != null) {
      // bctls does not see to it that the key's hash is the suite's.
      return choice.suite();
    }
    for (int offered : offeredCipherSuites) {
      if (IntStream.of(cipherSuites).anyMatch(suite -> suite == offered)) {
        return offered;
      }
    }
    throw new Refusal(AlertDescription.handshake_failure, "no common cipher suite");
  }

  @Override
  @SuppressWarnings("rawtypes")
  public @Nullable TlsPSKExternal getExternalPSK(Vector identities) {
    engine.fired(Hook.SERVER_PSK);
    PskChoice choice = engine.takePsk(identities);
    return choice == null ? null : choice.psk();
  }

  /**
   * bctls asks for another share although one of ours came, if the client prefers a third group: so
   * it is shown only groups with a share, when there are any.
   */
  @Override
  public int[] getSupportedGroups() throws IOException {
    int[] all = config.groups().stream().mapToInt(TlsGroup::codePoint).toArray();
    Set<Integer> shared = engine.hello().sharedGroups();
    int[] ready = IntStream.of(all).filter(shared::contains).toArray();
    return ready.length > 0 ? ready : all;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public void processClientExtensions(Hashtable extensions) {
    // HelloReader has done it; bctls' own would look at extensions of TLS 1.2.
    clientExtensions = extensions;
    engine.fired(Hook.SERVER_CLIENT_EXTENSIONS);
  }

  @Override
  public Hashtable<Integer, byte[]> getServerExtensions() {
    return new Hashtable<>();
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"})
  public void getServerExtensionsForConnection(Hashtable extensions) throws IOException {
    String alpn = engine.hello().alpn();
    if (alpn != null) {
      TlsExtensionsUtils.addALPNExtensionServer(extensions, ProtocolName.asUtf8Encoding(alpn));
    }
    if (engine.hello().serverName() != null) {
      // RFC 6066 section 3: an empty answer says that the name was used.
      TlsExtensionsUtils.addServerNameExtensionServer(extensions);
    }
    if (engine.takesEarlyData()) {
      extensions.put(ExtensionType.early_data, new byte[0]);
    }
    extensions.put(ClientPeer.QUIC_TRANSPORT_PARAMETERS, engine.transportParameters());
    engine.fired(Hook.SERVER_EXTENSIONS);
  }

  @Override
  public TlsCredentials getCredentials() throws IOException {
    Vector<?> accepted = context.getSecurityParametersHandshake().getClientSigAlgs();
    for (Credentials own : config.credentials()) {
      TlsCredentials signer =
          Signers.signer(context, own, accepted, engine.hello().wantsOcsp() ? own.ocsp() : null);
      if (signer != null) {
        return signer;
      }
    }
    if (config.credentials().isEmpty()) {
      throw new Refusal(
          AlertDescription.unknown_psk_identity, "the client's pre-shared keys cannot be used");
    }
    throw new Refusal(
        AlertDescription.handshake_failure, "the client accepts no signature of our key's kind");
  }

  @Override
  public @Nullable CertificateRequest getCertificateRequest() throws IOException {
    if (config.clientAuth() == TlsConfig.ClientAuth.NONE) {
      return null;
    }
    Vector<?> algorithms = Signers.offered();
    return new CertificateRequest(TlsUtils.EMPTY_BYTES, algorithms, null, null);
  }

  @Override
  public void notifyClientCertificate(Certificate chain) throws IOException {
    engine.clientCertificate(chain);
  }
}
