package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one end of a handshake is configured with. Immutable; any thread. */
public sealed interface TlsConfig {
  /** Protocol names, the most wanted first; empty for none. */
  List<String> alpn();

  /** {@code TLS_CIPHER_*}: 51, 52 or 54, or 0 for any of them. */
  int cipher();

  /** The most wanted first; a client sends a share for the first. */
  List<TlsGroup> groups();

  /** Tells whether certificates are within their validity. */
  Clock clock();

  TlsConfig withAlpn(List<String> names);

  TlsConfig withCipher(int type);

  /** Whether a server asks the client for a certificate. */
  enum ClientAuth {
    NONE,
    REQUEST,
    REQUIRE
  }

  /**
   * @param trust anchors of the server's chain
   * @param verify false accepts any certificate: for debugging only
   * @param peerName host name or IP literal the certificate must carry (RFC 9525) and, for a host
   *     name, the SNI; null leaves the name unchecked and sends no SNI
   * @param credentials for a server that asks for a certificate; null for none
   */
  record Client(
      TrustStore trust,
      boolean verify,
      @Nullable String peerName,
      @Nullable Credentials credentials,
      List<String> alpn,
      int cipher,
      List<TlsGroup> groups,
      Clock clock)
      implements TlsConfig {
    public Client {
      alpn = checkedAlpn(alpn);
      cipher = checkedCipher(cipher);
      groups = checkedGroups(groups);
    }

    /** Verifying, any cipher, all groups, no client certificate, no ALPN yet. */
    public static Client of(TrustStore trust, @Nullable String peerName) {
      return new Client(
          trust, true, peerName, null, List.of(), 0, List.of(TlsGroup.values()), Clock.systemUTC());
    }

    @Override
    public Client withAlpn(List<String> names) {
      return new Client(trust, verify, peerName, credentials, names, cipher, groups, clock);
    }

    @Override
    public Client withCipher(int type) {
      return new Client(trust, verify, peerName, credentials, alpn, type, groups, clock);
    }

    public Client withGroups(List<TlsGroup> wanted) {
      return new Client(trust, verify, peerName, credentials, alpn, cipher, wanted, clock);
    }

    public Client withClock(Clock time) {
      return new Client(trust, verify, peerName, credentials, alpn, cipher, groups, time);
    }

    public Client withVerify(boolean check) {
      return new Client(trust, check, peerName, credentials, alpn, cipher, groups, clock);
    }

    public Client withPeerName(@Nullable String name) {
      return new Client(trust, verify, name, credentials, alpn, cipher, groups, clock);
    }

    public Client withCredentials(@Nullable Credentials own) {
      return new Client(trust, verify, peerName, own, alpn, cipher, groups, clock);
    }
  }

  /**
   * @param credentials the server's own
   * @param clientAuth whether to ask for a client certificate
   * @param trust anchors of a client's chain; needed when {@code clientAuth} is not NONE
   */
  record Server(
      Credentials credentials,
      ClientAuth clientAuth,
      @Nullable TrustStore trust,
      List<String> alpn,
      int cipher,
      List<TlsGroup> groups,
      Clock clock)
      implements TlsConfig {
    public Server {
      alpn = checkedAlpn(alpn);
      cipher = checkedCipher(cipher);
      groups = checkedGroups(groups);
      if (clientAuth != ClientAuth.NONE && trust == null) {
        throw new IllegalArgumentException("client certificates need trust anchors");
      }
    }

    /** Any cipher, all groups, no client certificate asked for, no ALPN yet. */
    public static Server of(Credentials credentials) {
      return new Server(
          credentials,
          ClientAuth.NONE,
          null,
          List.of(),
          0,
          List.of(TlsGroup.values()),
          Clock.systemUTC());
    }

    @Override
    public Server withAlpn(List<String> names) {
      return new Server(credentials, clientAuth, trust, names, cipher, groups, clock);
    }

    @Override
    public Server withCipher(int type) {
      return new Server(credentials, clientAuth, trust, alpn, type, groups, clock);
    }

    public Server withGroups(List<TlsGroup> wanted) {
      return new Server(credentials, clientAuth, trust, alpn, cipher, wanted, clock);
    }

    public Server withClock(Clock time) {
      return new Server(credentials, clientAuth, trust, alpn, cipher, groups, time);
    }

    public Server withClientAuth(ClientAuth auth, @Nullable TrustStore anchors) {
      return new Server(credentials, auth, anchors, alpn, cipher, groups, clock);
    }
  }

  private static List<String> checkedAlpn(List<String> names) {
    for (String name : names) {
      // RFC 7301 section 3.1: a protocol name is 1 to 255 bytes.
      if (name.isEmpty() || name.length() > 255) {
        throw new IllegalArgumentException("a protocol name has 1 to 255 bytes");
      }
    }
    return List.copyOf(names);
  }

  private static int checkedCipher(int type) {
    if (type != 0 && type != 51 && type != 52 && type != 54) {
      throw new IllegalArgumentException("cipher type " + type + " is not 0, 51, 52 or 54");
    }
    return type;
  }

  private static List<TlsGroup> checkedGroups(List<TlsGroup> groups) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("at least one group");
    }
    return List.copyOf(groups);
  }
}
