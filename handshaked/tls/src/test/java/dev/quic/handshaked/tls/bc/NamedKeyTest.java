package dev.quic.handshaked.tls.bc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsConfig.ClientAuth;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsClient;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskKeyExchangeMode;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whoever names a pre-shared key without showing that it has it is nobody: tickets and identities
 * travel in clear (RFC 8446 section 4.2.11).
 */
class NamedKeyTest {
  private static final int CERTIFICATE = 11;

  private final TicketIssuer issuer =
      TicketIssuer.of(
          RotatingTicketKeys.random(TestCertificates.CLOCK, Duration.ofHours(12)),
          Duration.ofHours(10));

  private TlsConfig.Server server() {
    return TestCertificates.serverConfig()
        .withAlpn(List.of())
        .withTickets(issuer)
        .withClientAuth(ClientAuth.REQUEST, TestCertificates.TRUST);
  }

  private byte[] ticketOfAnother() {
    TlsConfig.Client known =
        TestCertificates.client()
            .withAlpn(List.of())
            .withPeerName("127.0.0.1")
            .withCredentials(TestCertificates.CLIENT);
    EnginePair first = new EnginePair(known, server()).run();
    assertThat(first.server.outcome().peerCertificates()).hasSize(1);
    EnginePair again = new EnginePair(known.withSession(first.session()), server()).run();
    assertThat(again.server.outcome().resumed()).isTrue();
    return first.session().ticket();
  }

  private static EnginePair pair(TlsConfig.Server server, byte[] named) {
    return new EnginePair(
            new Impostor(named), TlsEngines.server(server), Integer.MAX_VALUE, List::of)
        .run();
  }

  @Test
  void ticketWithoutItsKey() {
    EnginePair pair = pair(server(), ticketOfAnother());
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.server.sent(CERTIFICATE)).isTrue();
    assertThat(pair.server.outcome().resumed()).isFalse();
    assertThat(pair.server.outcome().peerCertificates()).isEmpty();
  }

  @Test
  void identityWithoutItsKey() {
    byte[] name = "alice".getBytes(StandardCharsets.UTF_8);
    TlsConfig.Server server =
        TlsConfig.Server.psk(identity -> ExternalPsk.of("alice", new byte[32]))
            .withClock(TestCertificates.CLOCK);
    EnginePair pair = pair(server, name);
    TlsEvent.Alert alert = pair.server.first(TlsEvent.Alert.class);
    assertThat(alert.alert()).isEqualTo(AlertDescription.unknown_psk_identity);
  }

  /** A client that names a key in a mode in which no binder of it is looked at. */
  private static final class Impostor extends BcEngine {
    private final ClientProtocol protocol = new ClientProtocol(this);
    private final byte[] named;

    Impostor(byte[] named) {
      super(TestCertificates.client());
      this.named = named;
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
      protocol.connect(new Peer(this));
    }

    @Override
    void message(int type, byte[] message) throws IOException {
      if (!isComplete()) {
        offer(message);
        if (protocol.isConnected()) {
          completed();
        }
      }
    }

    @Override
    public void localTransportParameters(byte[] body) {}

    @Override
    public void applicationSecrets(SecurityParameters parameters) {}

    @Override
    public void completing(SecurityParameters parameters) {}
  }

  private static final class Peer extends AbstractTlsClient {
    private final Impostor engine;

    Peer(Impostor engine) {
      super(engine.crypto());
      this.engine = engine;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.TLSv13.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return Suites.of(TestCertificates.client());
    }

    @Override
    public boolean shouldUseCompatibilityMode() {
      return false;
    }

    @Override
    protected @Nullable Vector<ProtocolName> getProtocolNames() {
      return null;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Hashtable<Integer, byte[]> getClientExtensions() throws IOException {
      Hashtable<Integer, byte[]> extensions = super.getClientExtensions();
      extensions.put(ClientPeer.QUIC_TRANSPORT_PARAMETERS, EnginePair.clientParameters());
      TlsExtensionsUtils.addPSKKeyExchangeModesExtension(
          extensions, new short[] {PskKeyExchangeMode.psk_ke});
      int identities = 2 + engine.named.length + 4;
      ByteBuffer body = ByteBuffer.allocate(2 + identities + 2 + 33);
      body.putShort((short) identities).putShort((short) engine.named.length).put(engine.named);
      body.putInt(0).putShort((short) 33).put((byte) 32);
      extensions.put(ExtensionType.pre_shared_key, body.array());
      return extensions;
    }

    @Override
    public TlsAuthentication getAuthentication() {
      return new TlsAuthentication() {
        @Override
        public void notifyServerCertificate(TlsServerCertificate certificate) {}

        @Override
        public @Nullable TlsCredentials getClientCredentials(CertificateRequest request) {
          return null;
        }
      };
    }
  }
}
