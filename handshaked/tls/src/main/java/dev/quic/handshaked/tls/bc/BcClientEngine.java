package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.cert.CertificateFault;
import dev.quic.handshaked.tls.cert.ChainValidator;
import dev.quic.handshaked.tls.cert.PeerName;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TlsSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsPSK;
import org.bouncycastle.tls.TlsProtocol;
import org.jspecify.annotations.Nullable;

/** TLS 1.3 client for QUIC. */
public final class BcClientEngine extends BcEngine {
  private final TlsConfig.Client config;
  private final byte[] transportParameters;
  private final @Nullable PeerName name;
  private final @Nullable ChainValidator validator;
  private final ClientProtocol protocol = new ClientProtocol(this);
  private final @Nullable TlsSession session;
  private final List<Psk> psks = new ArrayList<>();
  private final boolean earlyOffered;
  private @Nullable Psk selected;
  private @Nullable String alpn;
  private int negotiatedVersion;
  private boolean earlyAccepted;
  private List<byte[]> peerCertificates = List.of();
  private @Nullable TlsOutcome outcome;

  public BcClientEngine(TlsConfig.Client config, byte[] transportParameters) {
    super(config);
    this.config = config;
    this.transportParameters = transportParameters.clone();
    this.name = config.peerName() == null ? null : PeerName.of(config.peerName());
    this.validator =
        config.verify()
            ? new ChainValidator(config.trust(), ChainValidator.Purpose.SERVER, name)
            : null;
    int[] suites = Suites.of(config);
    this.session = usable(config, suites);
    if (session != null) {
      psks.add(Psk.of(session));
    } else {
      for (ExternalPsk psk : config.psks()) {
        if (Suites.anyOf(suites, Psk.hash(psk.hash()))) {
          psks.add(Psk.of(psk));
        }
      }
    }
    this.earlyOffered =
        session != null
            && config.earlyData()
            && session.earlyData()
            && Suites.contains(suites, session.suite());
  }

  /** The configured session if it fits the handshake to come, else null. */
  private static @Nullable TlsSession usable(TlsConfig.Client config, int[] suites) {
    TlsSession last = config.session();
    if (last == null || !config.psks().isEmpty() || !last.isLive(config.clock().millis())) {
      return null;
    }
    // RFC 8446 section 4.6.1: for the name the certificate was checked for, and no other. A session
    // without that check must not stand in for one with it.
    boolean sameServer = Objects.equals(last.serverName(), config.peerName());
    boolean checked = !config.verify() || last.verified() && trusted(last, config);
    boolean sameProtocol =
        last.alpn() == null ? config.alpn().isEmpty() : config.alpn().contains(last.alpn());
    // RFC 9369 section 5.
    boolean sameVersion =
        last.quicVersion() == 0
            || config.quicVersion() == 0
            || last.quicVersion() == config.quicVersion();
    boolean sameHash = Suites.anyOf(suites, Suites.hash(last.suite()));
    boolean fits = sameServer && checked && sameProtocol && sameVersion && sameHash;
    return fits && (!config.wholeChain() || holdsChain(last, config)) ? last : null;
  }

  /**
   * Whether its chain leads to one of our anchors: it did if they are those it was checked under.
   */
  private static boolean trusted(TlsSession last, TlsConfig.Client config) {
    return MessageDigest.isEqual(last.anchors(), config.trust().fingerprint())
        || holdsChain(last, config);
  }

  /** What a session had no room for leaves a path that leads to no anchor. */
  private static boolean holdsChain(TlsSession last, TlsConfig.Client config) {
    try {
      new ChainValidator(config.trust(), ChainValidator.Purpose.SERVER, null)
          .validate(last.peerCertificates(), config.clock().instant());
      return true;
    } catch (CertificateFault e) {
      // A full handshake shows the chain again.
      return false;
    }
  }

  /** Pre-shared keys to offer: a ticket's, or external ones. */
  List<Psk> psks() {
    return psks;
  }

  boolean offersEarlyData() {
    return earlyOffered;
  }

  /** {@code obfuscated_ticket_age} of an offered key (RFC 8446 section 4.2.11.1). */
  long obfuscatedAge() {
    TlsSession last = session;
    return last == null
        ? 0
        : (config.clock().millis() - last.receivedMillis() + last.ageAdd()) & 0xffff_ffffL;
  }

  /** The groups to send shares for. */
  List<TlsGroup> shares() {
    List<TlsGroup> wanted = config.groups();
    TlsSession last = session;
    for (TlsGroup group : wanted) {
      if (last != null && group.codePoint() == last.group()) {
        return List.of(group);
      }
    }
    TlsGroup first = wanted.getFirst();
    if (!first.isHybrid()) {
      return List.of(first);
    }
    // A share of a classic group beside it saves a round trip with a server that lacks ML-KEM.
    for (TlsGroup group : wanted) {
      if (!group.isHybrid()) {
        return List.of(first, group);
      }
    }
    return List.of(first);
  }

  void selected(@Nullable TlsPSK psk) {
    selected = psk instanceof Psk ours ? ours : null;
  }

  TlsConfig.Client config() {
    return config;
  }

  byte[] transportParameters() {
    return transportParameters;
  }

  @Nullable String serverName() {
    return name == null ? null : name.serverName();
  }

  @Override
  public void localTransportParameters(byte[] body) {
    throw new IllegalStateException("a client's parameters are given at construction");
  }

  @Override
  TlsProtocol protocol() {
    return protocol;
  }

  @Override
  boolean isClient() {
    return true;
  }

  @Override
  void begin() throws IOException {
    protocol.connect(new ClientPeer(this));
  }

  @Override
  void message(int type, byte[] message) throws IOException {
    if (isComplete()) {
      afterHandshake(type, message);
      return;
    }
    switch (type) {
      case HandshakeType.certificate -> checkCertificateLengths(message);
      case HandshakeType.certificate_verify -> checkSignatureScheme(message);
      case HandshakeType.new_session_ticket, HandshakeType.key_update ->
          throw new Refusal(
              AlertDescription.unexpected_message,
              "the peer sent a message that belongs after the handshake");
      default -> {}
    }
    offer(message);
    if (protocol.isConnected()) {
      completed();
      TlsOutcome done = outcome;
      if (done == null) {
        throw new Refusal(AlertDescription.internal_error, "the completion hook did not fire");
      }
      emit(new TlsEvent.Complete(done));
    }
  }

  private void afterHandshake(int type, byte[] message) throws IOException {
    if (type != HandshakeType.new_session_ticket) {
      throw new Refusal(
          AlertDescription.unexpected_message,
          type == HandshakeType.key_update
              ? "the peer sent a TLS KeyUpdate"
              : "the peer sent handshake message " + type + " after the handshake");
    }
    emit(new TlsEvent.Ticket(message));
  }

  /** EncryptedExtensions arrived. */
  void encryptedExtensions(
      @Nullable ProtocolName protocolName, byte @Nullable [] parameters, boolean early)
      throws IOException {
    fired(Hook.CLIENT_SERVER_EXTENSIONS);
    earlyData(early);
    // RFC 9001 section 8.2.
    if (parameters == null) {
      throw new Refusal(
          AlertDescription.missing_extension, "the server sent no quic_transport_parameters");
    }
    // RFC 9001 section 8.1.
    if (protocolName == null && !config.alpn().isEmpty()) {
      throw new Refusal(
          AlertDescription.no_application_protocol, "the server chose no application protocol");
    }
    if (protocolName != null) {
      String chosen = new String(protocolName.getBytes(), StandardCharsets.UTF_8);
      if (!config.alpn().contains(chosen)) {
        throw new Refusal(
            AlertDescription.illegal_parameter, "the server chose a protocol that was not offered");
      }
      alpn = chosen;
    }
    TlsSession last = session;
    if (earlyAccepted && last != null && !Objects.equals(alpn, last.alpn())) {
      // RFC 8446 section 4.2.10.
      throw new Refusal(
          AlertDescription.illegal_parameter,
          "the server took early data under another application protocol");
    }
    negotiatedVersion = VersionInformation.chosen(parameters, config.quicVersion());
    emit(new TlsEvent.PeerTransportParameters(parameters));
  }

  private void earlyData(boolean accepted) throws IOException {
    if (!earlyOffered) {
      return;
    }
    Psk ticket = selected;
    if (accepted && (ticket == null || wasRetried())) {
      // RFC 8446 section 4.2.10.
      throw new Refusal(
          AlertDescription.illegal_parameter, "the server took early data without its ticket");
    }
    earlyAccepted = accepted;
    emit(new TlsEvent.EarlyData(accepted));
  }

  @Override
  void sent(byte[] message) throws IOException {
    TlsSession last = session;
    if (message[0] == HandshakeType.client_hello && earlyOffered && last != null && !wasRetried()) {
      fired(Hook.CLIENT_EARLY_SECRET);
      earlySecret(true, psks.getFirst(), last.suite(), message);
    }
  }

  void serverCertificate(Certificate chain) throws IOException {
    fired(Hook.CLIENT_CERTIFICATE);
    if (!config.psks().isEmpty()) {
      throw new Refusal(
          AlertDescription.unknown_psk_identity,
          "the server took none of our pre-shared keys and showed a certificate instead");
    }
    if (validator != null) {
      validate(validator, chain, config.clock());
    }
    peerCertificates = der(chain);
  }

  @Override
  public void applicationSecrets(SecurityParameters parameters) throws IOException {
    secret(CryptoLevel.APP, true, parameters);
    secret(CryptoLevel.APP, false, parameters);
  }

  @Override
  public void completing(SecurityParameters parameters) throws IOException {
    Psk psk = selected;
    TlsSession last = session;
    boolean resumed = psk != null && psk.isTicket() && last != null;
    if (resumed && last != null) {
      peerCertificates = last.peerCertificates();
    }
    if (!config.psks().isEmpty() && psk == null) {
      throw new Refusal(
          AlertDescription.unknown_psk_identity, "the server took none of our pre-shared keys");
    }
    outcome =
        new TlsOutcome(
            alpn,
            serverName(),
            peerCertificates,
            Suites.type(parameters.getCipherSuite()),
            parameters.getNegotiatedGroup(),
            psk == null || psk.isTicket() ? null : psk.getIdentity(),
            resumed,
            earlyAccepted,
            exporter(parameters),
            tickets(parameters, resumed && last != null ? last.expiresMillis() : notAfter()));
    forgetKeys();
  }

  /**
   * @param expiresMillis when the certificate ends that the session goes back to
   */
  private SessionMaker tickets(SecurityParameters parameters, long expiresMillis)
      throws IOException {
    return new TicketReader(
        new TicketReader.Context(
            parameters.getCipherSuite(),
            parameters.getNegotiatedGroup(),
            config.verify(),
            negotiatedVersion,
            config.peerName(),
            alpn,
            expiresMillis,
            config.verify() ? config.trust().fingerprint() : new byte[0],
            peerCertificates),
        resumptionMaster(parameters),
        config.clock());
  }

  private long notAfter() {
    List<byte[]> chain = peerCertificates;
    if (chain.isEmpty()) {
      return Long.MAX_VALUE;
    }
    try {
      return ((X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(chain.getFirst())))
          .getNotAfter()
          .getTime();
    } catch (CertificateException e) {
      // Taken unverified: a session of it ends with its ticket.
      return Long.MAX_VALUE;
    }
  }

  private void forgetKeys() {
    psks.forEach(Psk::destroy);
  }

  @Override
  public void close() {
    forgetKeys();
    super.close();
  }
}
