package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one end of a handshake is configured with. Immutable; any thread. */
public sealed interface TlsConfig {
  /** What both roles have. */
  Shared shared();

  /** The same with another shared part. */
  TlsConfig withShared(Shared changed);

  /** Protocol names, the most wanted first; empty for none. */
  default List<String> alpn() {
    return shared().alpn();
  }

  /** {@code TLS_CIPHER_*}: 51, 52 or 54, or 0 for any of them. */
  default int cipher() {
    return shared().cipher();
  }

  /**
   * {@code TLS_CIPHER_*} in the order of preference, none but these; empty for all. {@link #cipher}
   * goes before it.
   */
  default List<Integer> ciphers() {
    return shared().ciphers();
  }

  /** The most wanted first. */
  default List<TlsGroup> groups() {
    return shared().groups();
  }

  /** Tells whether certificates and tickets are within their validity. */
  default Clock clock() {
    return shared().clock();
  }

  /** QUIC version a session is bound to, 0 when unknown. */
  default int quicVersion() {
    return shared().quicVersion();
  }

  default KeyLog keyLog() {
    return shared().keyLog();
  }

  /** Does key exchange and ECDSA; null leaves them to Bouncy Castle. */
  default @Nullable LibCrypto libcrypto() {
    return shared().libcrypto();
  }

  TlsConfig withAlpn(List<String> names);

  TlsConfig withCipher(int type);

  TlsConfig withQuicVersion(int version);

  /** Whether a server asks the client for a certificate. */
  enum ClientAuth {
    NONE,
    REQUEST,
    REQUIRE
  }

  /**
   * What both roles are configured with; see the accessors of {@link TlsConfig}.
   *
   * @param alpn protocol names of 1 to 255 bytes (RFC 7301 section 3.1)
   * @param cipher 0, 51, 52 or 54
   * @param ciphers each 51, 52 or 54
   * @param groups at least one
   * @param libcrypto null for Bouncy Castle
   */
  record Shared(
      List<String> alpn,
      int cipher,
      List<Integer> ciphers,
      List<TlsGroup> groups,
      Clock clock,
      int quicVersion,
      KeyLog keyLog,
      @Nullable LibCrypto libcrypto) {
    /** Any cipher, all groups, no ALPN yet, no key log, Bouncy Castle. */
    static final Shared DEFAULT =
        new Shared(
            List.of(),
            0,
            List.of(),
            List.of(TlsGroup.values()),
            Clock.systemUTC(),
            0,
            KeyLog.NONE,
            null);

    public Shared {
      for (String name : alpn) {
        if (name.isEmpty() || name.length() > 255) {
          throw new IllegalArgumentException("a protocol name has 1 to 255 bytes");
        }
      }
      if (cipher != 0) {
        check(cipher);
      }
      ciphers.forEach(Shared::check);
      if (groups.isEmpty()) {
        throw new IllegalArgumentException("at least one group");
      }
      alpn = List.copyOf(alpn);
      ciphers = List.copyOf(ciphers);
      groups = List.copyOf(groups);
    }

    private static void check(int cipher) {
      if (cipher != 51 && cipher != 52 && cipher != 54) {
        throw new IllegalArgumentException("cipher type " + cipher + " is not 51, 52 or 54");
      }
    }

    Shared withCiphers(List<Integer> types) {
      return new Shared(alpn, cipher, types, groups, clock, quicVersion, keyLog, libcrypto);
    }

    Shared withAlpn(List<String> names) {
      return new Shared(names, cipher, ciphers, groups, clock, quicVersion, keyLog, libcrypto);
    }

    Shared withCipher(int type) {
      return new Shared(alpn, type, ciphers, groups, clock, quicVersion, keyLog, libcrypto);
    }

    Shared withGroups(List<TlsGroup> wanted) {
      return new Shared(alpn, cipher, ciphers, wanted, clock, quicVersion, keyLog, libcrypto);
    }

    Shared withClock(Clock time) {
      return new Shared(alpn, cipher, ciphers, groups, time, quicVersion, keyLog, libcrypto);
    }

    Shared withQuicVersion(int version) {
      return new Shared(alpn, cipher, ciphers, groups, clock, version, keyLog, libcrypto);
    }

    Shared withKeyLog(KeyLog log) {
      return new Shared(alpn, cipher, ciphers, groups, clock, quicVersion, log, libcrypto);
    }

    Shared withLibcrypto(@Nullable LibCrypto library) {
      return new Shared(alpn, cipher, ciphers, groups, clock, quicVersion, keyLog, library);
    }
  }

  /**
   * @param trust anchors of the server's chain
   * @param verify false accepts any certificate: for debugging only
   * @param peerName host name or IP literal the certificate must carry (RFC 9525) and, for a host
   *     name, the SNI; null leaves the name unchecked and sends no SNI
   * @param credentials for a server that asks for a certificate; null for none
   * @param psks offered in this order; when there are any, a server that shows a certificate
   *     instead is refused
   * @param session to resume, if it fits the rest; null for none
   * @param earlyData offers early data when the session allows it
   * @param wholeChain takes a session only if it holds all of the server's chain, which somebody
   *     looks up in revocation lists after the handshake
   */
  record Client(
      Shared shared,
      TrustStore trust,
      boolean verify,
      @Nullable String peerName,
      @Nullable Credentials credentials,
      List<ExternalPsk> psks,
      @Nullable TlsSession session,
      boolean earlyData,
      boolean wholeChain)
      implements TlsConfig {
    /** Pre-shared keys offered at once. */
    public static final int MAX_PSKS = 5;

    public Client {
      psks = List.copyOf(psks);
      if (psks.size() > MAX_PSKS) {
        throw new IllegalArgumentException("at most " + MAX_PSKS + " pre-shared keys");
      }
    }

    /** Verifying, any cipher, all groups, no client certificate, no ALPN yet. */
    public static Client of(TrustStore trust, @Nullable String peerName) {
      return new Client(Shared.DEFAULT, trust, true, peerName, null, List.of(), null, false, false);
    }

    /**
     * A client that authenticates with a pre-shared key and nothing else.
     *
     * @param psks 1 to {@link #MAX_PSKS}, offered in this order
     * @param serverName SNI, null for none
     */
    public static Client psk(List<ExternalPsk> psks, @Nullable String serverName) {
      if (psks.isEmpty()) {
        throw new IllegalArgumentException("at least one pre-shared key");
      }
      TrustStore nobody = TrustStore.of(List.of());
      return new Client(Shared.DEFAULT, nobody, true, serverName, null, psks, null, false, false);
    }

    @Override
    public Client withShared(Shared changed) {
      return new Client(
          changed, trust, verify, peerName, credentials, psks, session, earlyData, wholeChain);
    }

    @Override
    public Client withAlpn(List<String> names) {
      return withShared(shared.withAlpn(names));
    }

    @Override
    public Client withCipher(int type) {
      return withShared(shared.withCipher(type));
    }

    @Override
    public Client withQuicVersion(int version) {
      return withShared(shared.withQuicVersion(version));
    }

    public Client withCiphers(List<Integer> types) {
      return withShared(shared.withCiphers(types));
    }

    public Client withGroups(List<TlsGroup> wanted) {
      return withShared(shared.withGroups(wanted));
    }

    public Client withClock(Clock time) {
      return withShared(shared.withClock(time));
    }

    public Client withKeyLog(KeyLog log) {
      return withShared(shared.withKeyLog(log));
    }

    public Client withLibcrypto(@Nullable LibCrypto library) {
      return withShared(shared.withLibcrypto(library));
    }

    public Client withVerify(boolean check) {
      return new Client(
          shared, trust, check, peerName, credentials, psks, session, earlyData, wholeChain);
    }

    public Client withPeerName(@Nullable String name) {
      return new Client(
          shared, trust, verify, name, credentials, psks, session, earlyData, wholeChain);
    }

    public Client withCredentials(@Nullable Credentials own) {
      return new Client(shared, trust, verify, peerName, own, psks, session, earlyData, wholeChain);
    }

    public Client withSession(@Nullable TlsSession last) {
      return new Client(
          shared, trust, verify, peerName, credentials, psks, last, earlyData, wholeChain);
    }

    public Client withEarlyData(boolean offer) {
      return new Client(
          shared, trust, verify, peerName, credentials, psks, session, offer, wholeChain);
    }

    public Client withWholeChain(boolean needed) {
      return new Client(
          shared, trust, verify, peerName, credentials, psks, session, earlyData, needed);
    }
  }

  /**
   * @param credentials the server's own, the most wanted first: the first whose key fits what the
   *     client accepts is shown; empty for a server of pre-shared keys only
   * @param clientAuth whether to ask for a client certificate
   * @param trust anchors of a client's chain; needed when {@code clientAuth} is not NONE
   * @param psks finds pre-shared keys; null takes none
   * @param tickets issues and takes tickets; null does neither
   * @param replayGuard takes early data, offered with every ticket; null refuses it
   */
  record Server(
      Shared shared,
      List<Credentials> credentials,
      ClientAuth clientAuth,
      @Nullable TrustStore trust,
      @Nullable PskLookup psks,
      @Nullable TicketIssuer tickets,
      @Nullable ReplayGuard replayGuard)
      implements TlsConfig {
    public Server {
      credentials = List.copyOf(credentials);
      if (credentials.isEmpty() && psks == null) {
        throw new IllegalArgumentException("a server needs a certificate or pre-shared keys");
      }
      if (clientAuth != ClientAuth.NONE && trust == null) {
        throw new IllegalArgumentException("client certificates need trust anchors");
      }
    }

    /** Any cipher, all groups, no client certificate asked for, no tickets, no ALPN yet. */
    public static Server of(Credentials credentials) {
      return new Server(
          Shared.DEFAULT, List.of(credentials), ClientAuth.NONE, null, null, null, null);
    }

    /** A server that takes pre-shared keys and nothing else. */
    public static Server psk(PskLookup lookup) {
      return new Server(Shared.DEFAULT, List.of(), ClientAuth.NONE, null, lookup, null, null);
    }

    @Override
    public Server withShared(Shared changed) {
      return new Server(changed, credentials, clientAuth, trust, psks, tickets, replayGuard);
    }

    @Override
    public Server withAlpn(List<String> names) {
      return withShared(shared.withAlpn(names));
    }

    @Override
    public Server withCipher(int type) {
      return withShared(shared.withCipher(type));
    }

    @Override
    public Server withQuicVersion(int version) {
      return withShared(shared.withQuicVersion(version));
    }

    public Server withCiphers(List<Integer> types) {
      return withShared(shared.withCiphers(types));
    }

    public Server withGroups(List<TlsGroup> wanted) {
      return withShared(shared.withGroups(wanted));
    }

    public Server withClock(Clock time) {
      return withShared(shared.withClock(time));
    }

    public Server withKeyLog(KeyLog log) {
      return withShared(shared.withKeyLog(log));
    }

    public Server withLibcrypto(@Nullable LibCrypto library) {
      return withShared(shared.withLibcrypto(library));
    }

    public Server withClientAuth(ClientAuth auth, @Nullable TrustStore anchors) {
      return new Server(shared, credentials, auth, anchors, psks, tickets, replayGuard);
    }

    /** Other credentials, tried before those there are. */
    public Server withAlternatives(List<Credentials> wantedMore) {
      List<Credentials> all = new ArrayList<>(wantedMore);
      all.addAll(credentials);
      return new Server(shared, all, clientAuth, trust, psks, tickets, replayGuard);
    }

    public Server withTickets(@Nullable TicketIssuer issuer) {
      return new Server(shared, credentials, clientAuth, trust, psks, issuer, replayGuard);
    }

    /** Takes early data that the guard vouches for; null, the default, takes none. */
    public Server withEarlyData(@Nullable ReplayGuard guard) {
      return new Server(shared, credentials, clientAuth, trust, psks, tickets, guard);
    }
  }
}
