package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.cert.ChainValidator;
import dev.quic.handshaked.tls.cert.PeerName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsProtocol;
import org.jspecify.annotations.Nullable;

/** TLS 1.3 client for QUIC. */
public final class BcClientEngine extends BcEngine {
  private final TlsConfig.Client config;
  private final byte[] transportParameters;
  private final @Nullable PeerName name;
  private final @Nullable ChainValidator validator;
  private final ClientProtocol protocol = new ClientProtocol(this);
  private @Nullable String alpn;
  private List<byte[]> peerCertificates = List.of();

  public BcClientEngine(TlsConfig.Client config, byte[] transportParameters) {
    this.config = config;
    this.transportParameters = transportParameters.clone();
    this.name = config.peerName() == null ? null : PeerName.of(config.peerName());
    this.validator =
        config.verify()
            ? new ChainValidator(config.trust(), ChainValidator.Purpose.SERVER, name)
            : null;
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
      emit(new TlsEvent.Complete(alpn, serverName(), peerCertificates));
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
  void encryptedExtensions(@Nullable ProtocolName selected, byte @Nullable [] parameters)
      throws IOException {
    fired(Hook.CLIENT_SERVER_EXTENSIONS);
    // RFC 9001 section 8.2.
    if (parameters == null) {
      throw new Refusal(
          AlertDescription.missing_extension, "the server sent no quic_transport_parameters");
    }
    // RFC 9001 section 8.1.
    if (selected == null && !config.alpn().isEmpty()) {
      throw new Refusal(
          AlertDescription.no_application_protocol, "the server chose no application protocol");
    }
    if (selected != null) {
      String chosen = new String(selected.getBytes(), StandardCharsets.UTF_8);
      if (!config.alpn().contains(chosen)) {
        throw new Refusal(
            AlertDescription.illegal_parameter, "the server chose a protocol that was not offered");
      }
      alpn = chosen;
    }
    emit(new TlsEvent.PeerTransportParameters(parameters));
  }

  void serverCertificate(Certificate chain) throws IOException {
    fired(Hook.CLIENT_CERTIFICATE);
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
  public void completing(SecurityParameters parameters) {
    // Complete follows once bctls has returned.
  }
}
