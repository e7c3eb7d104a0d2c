package dev.quic.consumer.split;

import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a server brings to {@link QuicHandshake#server}. Immutable; every {@code with} gives a new
 * value. Clients are not asked for a certificate unless {@link #withClientTrustFile} or {@link
 * #withClientTrustAnchors} says whom to trust.
 */
public final class QuicServerTls {
  /** Whether a client must show a certificate. */
  public enum ClientAuth {
    NONE,
    REQUEST,
    REQUIRE
  }

  /** Time a session may be resumed unless {@link #withTicketLifetime} was asked for. */
  public static final Duration DEFAULT_TICKET_LIFETIME = Duration.ofHours(6);

  private static final Duration MAX_TICKET_LIFETIME = TicketIssuer.MAX_LIFETIME;

  private final TlsIdentity identity;
  private final TlsTrust trust;
  private final ClientAuth clientAuth;
  private final List<String> alpn;
  private final int cipher;
  private final Duration timeout;
  private final ServerTickets tickets;
  private final boolean keyLog;

  private QuicServerTls(
      TlsIdentity identity,
      TlsTrust trust,
      ClientAuth clientAuth,
      List<String> alpn,
      int cipher,
      Duration timeout,
      ServerTickets tickets,
      boolean keyLog) {
    this.identity = identity;
    this.trust = trust;
    this.clientAuth = clientAuth;
    this.alpn = alpn;
    this.cipher = cipher;
    this.timeout = timeout;
    this.tickets = tickets;
    this.keyLog = keyLog;
  }

  private static QuicServerTls first(TlsIdentity identity, String... alpn) {
    return new QuicServerTls(
        identity,
        TlsTrust.SYSTEM,
        ClientAuth.NONE,
        List.of(alpn),
        0,
        QuicHandshake.DEFAULT_TIMEOUT,
        ServerTickets.DEFAULT,
        false);
  }

  /**
   * A server with PEM files, read anew for each handshake, so that renewed ones are picked up.
   *
   * @param alpn protocols served, best first; none leaves the choice to the socket's own ALPN
   *     option
   */
  public static QuicServerTls of(Path chain, Path privateKey, String... alpn) {
    return first(TlsIdentity.files(chain, privateKey), alpn);
  }

  /** A server with a certificate chain (leaf first) and its key. */
  public static QuicServerTls of(
      List<X509Certificate> chain, PrivateKey privateKey, String... alpn) {
    return first(TlsIdentity.of(chain, privateKey), alpn);
  }

  /**
   * A server that takes pre-shared keys and nothing else.
   *
   * @param keys of its clients; they stay the caller's
   */
  public static QuicServerTls ofPsk(List<QuicPsk> keys, String... alpn) {
    return first(new TlsIdentity.PreShared(keys), alpn);
  }

  /** Asks clients for a certificate of the authorities of a PEM bundle. */
  public QuicServerTls withClientTrustFile(Path pem, ClientAuth auth) {
    return copy(TlsTrust.file(pem), auth, cipher, timeout);
  }

  /** Asks clients for a certificate of these authorities. */
  public QuicServerTls withClientTrustAnchors(List<X509Certificate> anchors, ClientAuth auth) {
    return copy(TlsTrust.anchors(anchors), auth, cipher, timeout);
  }

  /**
   * Accepts a single cipher suite.
   *
   * @param type TLS_CIPHER_AES_GCM_128 (51), TLS_CIPHER_AES_GCM_256 (52) or
   *     TLS_CIPHER_CHACHA20_POLY1305 (54); 0 for the socket's CONFIG option, else all of them
   */
  public QuicServerTls withCipher(int type) {
    return copy(trust, clientAuth, type, timeout);
  }

  /** Time the whole handshake may take; {@link QuicHandshake#DEFAULT_TIMEOUT} unless set. */
  public QuicServerTls withTimeout(Duration limit) {
    return copy(trust, clientAuth, cipher, Objects.requireNonNull(limit));
  }

  /**
   * Seals tickets with these keys. Without them a server uses the key of its socket's
   * SESSION_TICKET option, as kernel programs do: unless the program has set one it is good for one
   * listener and one client address.
   */
  public QuicServerTls withTicketKeys(QuicTicketKeys keys) {
    return copy(tickets.withKeys(Objects.requireNonNull(keys)));
  }

  /** Seals tickets with keys of this configuration and its copies. */
  public QuicServerTls withTickets() {
    return withTicketKeys(QuicTicketKeys.random());
  }

  /**
   * How long a session may be resumed after certificates were last checked.
   *
   * @param limit 1 second to 7 days; of tickets under own keys
   */
  public QuicServerTls withTicketLifetime(Duration limit) {
    if (limit.toSeconds() < 1 || limit.compareTo(MAX_TICKET_LIFETIME) > 0) {
      throw new IllegalArgumentException("a ticket lives for 1 second to 7 days");
    }
    return copy(tickets.withLifetime(limit));
  }

  /**
   * Takes early data (RFC 9001 section 4.6), which becomes readable when the handshake is over. A
   * register that this configuration shares with its copies refuses copies of a first flight, so
   * one configuration is to serve all connections of a process. Off by default.
   */
  public QuicServerTls withEarlyData(boolean accept) {
    StrikeRegister register =
        accept
            ? new StrikeRegister(StrikeRegister.DEFAULT_WINDOW, StrikeRegister.DEFAULT_ENTRIES)
            : null;
    return copy(tickets.withGuard(register));
  }

  /**
   * Gives out early data as it comes, during the handshake, instead of after it; together with
   * {@link #withEarlyData}. What has not been read when the handshake ends is received as usual.
   */
  public QuicServerTls withEarlyDelivery(EarlyDataReceiver receiver) {
    return copy(tickets.withEarly(Objects.requireNonNull(receiver)));
  }

  /** As {@link QuicClientTls#withKeyLog}. */
  public QuicServerTls withKeyLog(boolean on) {
    return new QuicServerTls(identity, trust, clientAuth, alpn, cipher, timeout, tickets, on);
  }

  private QuicServerTls copy(TlsTrust t, ClientAuth auth, int cipherType, Duration limit) {
    return new QuicServerTls(identity, t, auth, alpn, cipherType, limit, tickets, keyLog);
  }

  private QuicServerTls copy(ServerTickets changed) {
    return new QuicServerTls(identity, trust, clientAuth, alpn, cipher, timeout, changed, keyLog);
  }

  TlsIdentity identity() {
    return identity;
  }

  TlsTrust trust() {
    return trust;
  }

  ClientAuth clientAuth() {
    return clientAuth;
  }

  List<String> alpn() {
    return alpn;
  }

  int cipher() {
    return cipher;
  }

  Duration timeout() {
    return timeout;
  }

  ServerTickets tickets() {
    return tickets;
  }

  boolean keyLog() {
    return keyLog;
  }
}
