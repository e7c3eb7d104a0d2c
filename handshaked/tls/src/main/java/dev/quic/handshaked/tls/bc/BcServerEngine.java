package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.cert.ChainValidator;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.handshaked.tls.session.RememberedParameters;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.TicketState;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsProtocol;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 server for QUIC. A ClientHello is held until our own transport parameters are there,
 * which may depend on the client's.
 */
public final class BcServerEngine extends BcEngine {
  private final TlsConfig.Server config;
  private final @Nullable ChainValidator validator;
  private final ServerProtocol protocol = new ServerProtocol(this);
  private @Nullable HelloReader hello;
  private byte @Nullable [] held;
  private byte @Nullable [] transportParameters;
  private byte @Nullable [] firstHello;
  private @Nullable PskChoice psk;
  private boolean pskTaken;
  private boolean earlyAccepted;
  private List<byte[]> peerCertificates = List.of();
  private @Nullable TlsOutcome outcome;
  private byte @Nullable [] newSessionTicket;

  public BcServerEngine(TlsConfig.Server config) {
    super(config);
    this.config = config;
    TrustStore trust = config.trust();
    this.validator =
        trust == null ? null : new ChainValidator(trust, ChainValidator.Purpose.CLIENT, null);
  }

  TlsConfig.Server config() {
    return config;
  }

  @Override
  TlsProtocol protocol() {
    return protocol;
  }

  @Override
  boolean isClient() {
    return false;
  }

  @Override
  void begin() throws IOException {
    protocol.accept(new ServerPeer(this));
  }

  @Override
  void message(int type, byte[] message) throws IOException {
    if (isComplete() || type == HandshakeType.end_of_early_data) {
      // RFC 9001 sections 6 and 8.3.
      throw new Refusal(
          AlertDescription.unexpected_message,
          switch (type) {
            case HandshakeType.key_update -> "the peer sent a TLS KeyUpdate";
            case HandshakeType.end_of_early_data -> "the peer sent EndOfEarlyData";
            default -> "the peer sent handshake message " + type + " after the handshake";
          });
    }
    if (held != null) {
      throw new Refusal(
          AlertDescription.unexpected_message, "the peer sent more behind its ClientHello");
    }
    switch (type) {
      case HandshakeType.client_hello -> {
        clientHello(message);
        return;
      }
      case HandshakeType.certificate -> checkCertificateLengths(message);
      case HandshakeType.certificate_verify -> {
        if (peerCertificates.isEmpty()) {
          throw new Refusal(
              AlertDescription.unexpected_message,
              "the client sent CertificateVerify without a certificate");
        }
        checkSignatureScheme(message);
      }
      default -> {}
    }
    forward(message);
  }

  private void clientHello(byte[] message) throws IOException {
    HelloReader first = hello;
    if (first != null) {
      HelloReader second = HelloReader.parse(message);
      first.checkSecond(second);
      PskChoice choice = psk;
      if (choice != null && !choice.isOffered(second)) {
        // RFC 8446 section 4.1.2: only keys that do not fit the suite may go.
        throw new Refusal(
            AlertDescription.illegal_parameter,
            "the client's second ClientHello lacks the pre-shared key that was chosen");
      }
      pskTaken = false;
      forward(message);
      return;
    }
    HelloReader parsed = HelloReader.parse(message);
    parsed.check(config.alpn());
    hello = parsed;
    held = message;
    emit(new TlsEvent.PeerTransportParameters(parsed.transportParameters()));
    String alpn = parsed.alpn();
    if (alpn != null) {
      emit(new TlsEvent.AlpnSelected(alpn));
    }
    emit(new TlsEvent.NeedLocalTransportParameters());
  }

  @Override
  public void localTransportParameters(byte[] body) {
    byte[] message = held;
    if (message == null || transportParameters != null) {
      if (hasFailed()) {
        return;
      }
      throw new IllegalStateException("nobody asked for transport parameters");
    }
    transportParameters = body.clone();
    held = null;
    firstHello = message;
    guarded(() -> {
      workingOn(HandshakeType.client_hello);
      psk = PskChoice.of(hello(), config, validator);
      forward(message);
    });
  }

  private void forward(byte[] message) throws IOException {
    offer(message);
    if (protocol.isConnected()) {
      completed();
      TlsOutcome done = outcome;
      if (done == null) {
        throw new Refusal(AlertDescription.internal_error, "the completion hook did not fire");
      }
      if (newSessionTicket != null) {
        emit(new TlsEvent.Crypto(CryptoLevel.APP, newSessionTicket));
      }
      emit(new TlsEvent.Complete(done));
    }
  }

  /**
   * The pre-shared key chosen of the first ClientHello, if bctls found it among those it looks at,
   * whose binder it checks at once; null for none. A key that is only named stands for nobody:
   * every observer of a connection can name its ticket.
   */
  @Nullable PskChoice pskChoice() {
    return pskTaken ? psk : null;
  }

  /** bctls takes the chosen key if it is one of these. */
  @Nullable PskChoice takePsk(Vector<?> identities) {
    PskChoice choice = psk;
    pskTaken =
        choice != null && identities.contains(new PskIdentity(choice.psk().getIdentity(), 0));
    return pskChoice();
  }

  /**
   * Decides on early data, once its binder was checked; if it is taken, its secret goes out before
   * anything else of our flight.
   */
  boolean takesEarlyData() throws IOException {
    PskChoice choice = pskChoice();
    byte[] hello = firstHello;
    if (choice == null || hello == null || !hello().offersEarlyData() || !mayTake(choice)) {
      return false;
    }
    earlyAccepted = true;
    earlySecret(false, choice.psk(), choice.suite(), hello);
    return true;
  }

  // RFC 8446 sections 4.2.10 and 8.
  private boolean mayTake(PskChoice choice) throws IOException {
    TicketState ticket = choice.ticket();
    ReplayGuard guard = config.replayGuard();
    byte[] offered = hello().pskExtension();
    if (ticket == null || guard == null || offered == null) {
      return false;
    }
    boolean same =
        choice.index() == 0
            && !wasRetried()
            && choice.suite() == ticket.suite()
            && ticket.replayGuard() == guard.id()
            && RememberedParameters.areKept(ticket.transportParameters(), transportParameters());
    if (!same) {
      return false;
    }
    long now = config.clock().millis();
    long told = PskExtension.identities(offered).getFirst().age() - ticket.ageAdd();
    long error = (told & 0xffff_ffffL) - ((now - ticket.issuedMillis()) & 0xffff_ffffL);
    return Math.abs(error) <= guard.windowMillis()
        && guard.firstSeen(PskExtension.firstBinder(offered), now);
  }

  HelloReader hello() {
    HelloReader read = hello;
    if (read == null) {
      throw new IllegalStateException("no ClientHello yet");
    }
    return read;
  }

  byte[] transportParameters() {
    byte[] own = transportParameters;
    if (own == null) {
      throw new IllegalStateException("no transport parameters yet");
    }
    return own;
  }

  void clientCertificate(Certificate chain) throws IOException {
    if (chain.isEmpty()) {
      if (config.clientAuth() == TlsConfig.ClientAuth.REQUIRE) {
        throw new Refusal(
            AlertDescription.certificate_required, "the client showed no certificate");
      }
      return;
    }
    ChainValidator check = validator;
    if (check == null) {
      throw new Refusal(AlertDescription.internal_error, "no trust anchors for clients");
    }
    validate(check, chain, config.clock());
    peerCertificates = der(chain);
  }

  @Override
  public void applicationSecrets(SecurityParameters parameters) throws IOException {
    // The client's comes with its Finished: until then nothing may be read (RFC 9001 section 5.7).
    secret(CryptoLevel.APP, true, parameters);
  }

  @Override
  public void completing(SecurityParameters parameters) throws IOException {
    secret(CryptoLevel.APP, false, parameters);
    PskChoice choice = pskChoice();
    TicketState ticket = choice == null ? null : choice.ticket();
    if (ticket != null) {
      peerCertificates = ticket.peerCertificates();
    }
    HelloReader read = hello();
    outcome =
        new TlsOutcome(
            read.alpn(),
            read.serverName(),
            peerCertificates,
            Suites.type(parameters.getCipherSuite()),
            parameters.getNegotiatedGroup(),
            choice == null || ticket != null ? null : choice.psk().getIdentity(),
            ticket != null,
            earlyAccepted,
            exporter(parameters),
            null);
    // A ticket stands for certificates: an external key needs none.
    if (config.tickets() != null && read.takesTickets() && (choice == null || ticket != null)) {
      newSessionTicket = ticket(parameters, ticket);
    }
    forgetKeys();
  }

  private byte @Nullable [] ticket(SecurityParameters parameters, @Nullable TicketState last)
      throws IOException {
    byte[] master = resumptionMaster(parameters);
    try {
      return TicketWriter.write(
          new TicketWriter.Session(
              parameters.getCipherSuite(),
              last == null ? config.clock().millis() : last.authenticatedMillis(),
              hello().serverName(),
              hello().alpn(),
              transportParameters(),
              peerCertificates),
          master,
          config.withQuicVersion(
              VersionInformation.chosen(transportParameters(), config.quicVersion())),
          QuicCrypto.SHARED.getSecureRandom());
    } finally {
      Arrays.fill(master, (byte) 0);
    }
  }

  private void forgetKeys() {
    PskChoice choice = psk;
    if (choice != null) {
      choice.destroy();
    }
  }

  @Override
  public void close() {
    forgetKeys();
    super.close();
  }
}
