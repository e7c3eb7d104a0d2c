package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import tech.kwik.agent15.NewSessionTicket;
import tech.kwik.agent15.ProtectionKeysType;
import tech.kwik.agent15.TlsConstants.CipherSuite;
import tech.kwik.agent15.TlsConstants.NamedGroup;
import tech.kwik.agent15.TlsConstants.SignatureScheme;
import tech.kwik.agent15.TlsProtocolException;
import tech.kwik.agent15.alert.ErrorAlert;
import tech.kwik.agent15.engine.CertificateWithPrivateKey;
import tech.kwik.agent15.engine.ClientMessageSender;
import tech.kwik.agent15.engine.ServerMessageSender;
import tech.kwik.agent15.engine.TlsClientEngine;
import tech.kwik.agent15.engine.TlsClientEngineFactory;
import tech.kwik.agent15.engine.TlsMessageParser;
import tech.kwik.agent15.engine.TlsServerEngine;
import tech.kwik.agent15.engine.TlsServerEngineFactory;
import tech.kwik.agent15.engine.TlsStatusEventHandler;
import tech.kwik.agent15.engine.TrafficSecrets;
import tech.kwik.agent15.extension.ApplicationLayerProtocolNegotiationExtension;
import tech.kwik.agent15.extension.EarlyDataExtension;
import tech.kwik.agent15.extension.Extension;
import tech.kwik.agent15.extension.UnknownExtension;
import tech.kwik.agent15.handshake.CertificateMessage;
import tech.kwik.agent15.handshake.CertificateVerifyMessage;
import tech.kwik.agent15.handshake.ClientHello;
import tech.kwik.agent15.handshake.EncryptedExtensions;
import tech.kwik.agent15.handshake.FinishedMessage;
import tech.kwik.agent15.handshake.HandshakeMessage;
import tech.kwik.agent15.handshake.NewSessionTicketMessage;
import tech.kwik.agent15.handshake.ServerHello;

/** agent15, an unrelated TLS for QUIC, behind our own interface: a foreign peer. */
final class Agent15Engine
    implements TlsEngine, TlsStatusEventHandler, ClientMessageSender, ServerMessageSender {
  private final List<TlsEvent> events = new ArrayList<>();
  private final TlsMessageParser parser = new TlsMessageParser();
  private final byte[] parameters;
  private final @Nullable TlsClientEngine client;
  private final @Nullable TlsServerEngine server;
  private final @Nullable NamedGroup group;
  private final CipherSuite suite;
  private @Nullable NewSessionTicket received;
  private boolean earlyData;
  private boolean earlySecret;
  private boolean earlyAccepted;
  private boolean complete;

  private static final class TransportParameters extends Extension {
    private final byte[] body;

    TransportParameters(byte[] body) {
      this.body = body;
    }

    @Override
    public byte[] getBytes() {
      ByteBuffer out = ByteBuffer.allocate(4 + body.length);
      return out.putShort((short) 0x39).putShort((short) body.length).put(body).array();
    }
  }

  private Agent15Engine(NamedGroup group, CipherSuite suite, @Nullable Credentials credentials) {
    parameters = EnginePair.clientParameters();
    server = null;
    this.group = group;
    this.suite = suite;
    TlsClientEngine engine = TlsClientEngineFactory.createClientEngine(this, this);
    client = engine;
    engine.setServerName(TestCertificates.HOST);
    engine.addSupportedCiphers(List.of(suite));
    engine.add(new ApplicationLayerProtocolNegotiationExtension("sample"));
    engine.add(new TransportParameters(parameters));
    engine.setTrustManager(new TrustAll());
    engine.setHostnameVerifier((host, certificate) -> true);
    if (credentials != null) {
      engine.setClientCertificateCallback(
          authorities -> new CertificateWithPrivateKey(credentials.leaf(), credentials.key()));
    }
  }

  private Agent15Engine(TlsServerEngineFactory factory, CipherSuite suite) {
    parameters = EnginePair.serverParameters();
    client = null;
    group = null;
    this.suite = suite;
    TlsServerEngine engine = factory.createServerEngine(this, this);
    server = engine;
    engine.addSupportedCiphers(List.of(suite));
  }

  /** Makes servers that take one another's tickets. */
  static TlsServerEngineFactory factory(Credentials credentials)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] password = "password".toCharArray();
    store.setKeyEntry(
        "server", credentials.key(), password, credentials.chain().toArray(Certificate[]::new));
    return new TlsServerEngineFactory(store, "server", password);
  }

  static Agent15Engine client(
      NamedGroup group, CipherSuite suite, @Nullable Credentials credentials) {
    return new Agent15Engine(group, suite, credentials);
  }

  static Agent15Engine server(Credentials credentials, CipherSuite suite) {
    try {
      return server(factory(credentials), suite);
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  static Agent15Engine server(TlsServerEngineFactory factory, CipherSuite suite) {
    return new Agent15Engine(factory, suite);
  }

  @Override
  public void start() {
    if (client != null) {
      try {
        client.startHandshake(
            Objects.requireNonNull(group),
            List.of(
                SignatureScheme.ecdsa_secp256r1_sha256,
                SignatureScheme.ecdsa_secp384r1_sha384,
                SignatureScheme.rsa_pss_rsae_sha256));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void receive(CryptoLevel level, byte[] bytes, int off, int len) {
    ProtectionKeysType keys =
        switch (level) {
          case INITIAL -> ProtectionKeysType.None;
          case HANDSHAKE -> ProtectionKeysType.Handshake;
          default -> ProtectionKeysType.Application;
        };
    ByteBuffer in = ByteBuffer.wrap(bytes, off, len);
    try {
      while (in.hasRemaining()) {
        parser.parseAndProcessHandshakeMessage(
            in.slice().limit(length(in)),
            client != null ? client : Objects.requireNonNull(server),
            keys);
        in.position(in.position() + length(in));
      }
    } catch (ErrorAlert e) {
      String reason = e.getMessage();
      events.add(new TlsEvent.Alert(e.alertDescription().value, reason == null ? "" : reason));
    } catch (TlsProtocolException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int length(ByteBuffer in) {
    return 4 + (in.getInt(in.position()) & 0xffffff);
  }

  @Override
  public void localTransportParameters(byte[] body) {
    throw new IllegalStateException("nobody asked");
  }

  @Override
  public List<TlsEvent> drain() {
    List<TlsEvent> out = List.copyOf(events);
    events.clear();
    return out;
  }

  @Override
  public boolean isComplete() {
    return complete;
  }

  @Override
  public void close() {}

  private TrafficSecrets traffic() {
    return client != null ? client : Objects.requireNonNull(server);
  }

  private static int cipher(CipherSuite suite) {
    return switch (suite) {
      case TLS_AES_128_GCM_SHA256 -> 51;
      case TLS_AES_256_GCM_SHA384 -> 52;
      case TLS_CHACHA20_POLY1305_SHA256 -> 54;
      default -> throw new AssertionError(suite);
    };
  }

  private void secrets(CryptoLevel level) {
    TrafficSecrets all = traffic();
    int cipher =
        cipher(
            client != null
                ? client.getSelectedCipher()
                : Objects.requireNonNull(server).getSelectedCipher());
    byte[] ofClient =
        level == CryptoLevel.HANDSHAKE
            ? all.getClientHandshakeTrafficSecret()
            : all.getClientApplicationTrafficSecret();
    byte[] ofServer =
        level == CryptoLevel.HANDSHAKE
            ? all.getServerHandshakeTrafficSecret()
            : all.getServerApplicationTrafficSecret();
    events.add(new TlsEvent.Secret(level, true, cipher, client != null ? ofClient : ofServer));
    events.add(new TlsEvent.Secret(level, false, cipher, client != null ? ofServer : ofClient));
  }

  @Override
  public void earlySecretsKnown() {
    // A client is told of it by its own ClientHello, and once more by the ServerHello.
    if (earlyData && !earlySecret) {
      earlySecret = true;
      byte[] secret = traffic().getClientEarlyTrafficSecret();
      events.add(new TlsEvent.Secret(CryptoLevel.EARLY, client != null, cipher(suite), secret));
    }
  }

  @Override
  public void handshakeSecretsKnown() {
    secrets(CryptoLevel.HANDSHAKE);
  }

  @Override
  public void handshakeFinished() {
    secrets(CryptoLevel.APP);
    complete = true;
  }

  @Override
  public void newSessionTicketReceived(NewSessionTicket ticket) {
    received = ticket;
  }

  /** A client's last ticket, which must have come. */
  NewSessionTicket ticket() {
    return Objects.requireNonNull(received);
  }

  /** A client offers this ticket. */
  Agent15Engine resuming(NewSessionTicket ticket) {
    Objects.requireNonNull(client).setNewSessionTicket(ticket);
    return this;
  }

  /** A client that resumes sends early data; a server takes it. */
  Agent15Engine withEarlyData() {
    earlyData = true;
    if (client != null) {
      client.add(new EarlyDataExtension());
    }
    return this;
  }

  /** Whether a client's early data was taken. */
  boolean earlyAccepted() {
    return earlyAccepted;
  }

  @Override
  public void extensionsReceived(List<Extension> extensions) {
    for (Extension extension : extensions) {
      earlyAccepted |= extension instanceof EarlyDataExtension;
      if (extension instanceof UnknownExtension unknown && unknown.getType() == 0x39) {
        byte[] data = unknown.getData();
        // Its own header is part of it.
        events.add(new TlsEvent.PeerTransportParameters(Arrays.copyOfRange(data, 4, data.length)));
      }
    }
    if (server != null) {
      server.setSelectedApplicationLayerProtocol("sample");
      server.addServerExtensions(new ApplicationLayerProtocolNegotiationExtension("sample"));
      server.addServerExtensions(new TransportParameters(parameters));
    }
  }

  @Override
  public boolean isEarlyDataAccepted() {
    return earlyData;
  }

  private void emit(CryptoLevel level, HandshakeMessage message) {
    events.add(new TlsEvent.Crypto(level, message.getBytes()));
  }

  @Override
  public void send(ClientHello message) {
    emit(CryptoLevel.INITIAL, message);
  }

  @Override
  public void send(ServerHello message) {
    emit(CryptoLevel.INITIAL, message);
  }

  @Override
  public void send(EncryptedExtensions message) {
    emit(CryptoLevel.HANDSHAKE, message);
  }

  @Override
  public void send(CertificateMessage message) {
    emit(CryptoLevel.HANDSHAKE, message);
  }

  @Override
  public void send(CertificateVerifyMessage message) {
    emit(CryptoLevel.HANDSHAKE, message);
  }

  @Override
  public void send(FinishedMessage message) {
    emit(CryptoLevel.HANDSHAKE, message);
  }

  @Override
  public void send(NewSessionTicketMessage message) {
    emit(CryptoLevel.APP, message);
  }

  /** Our side does the checking that counts. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
