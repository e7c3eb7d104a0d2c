package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.ExternalPsk;
import dev.quic.handshaked.tls.PskLookup;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.CertificateFault;
import dev.quic.handshaked.tls.cert.ChainValidator;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TicketState;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bouncycastle.tls.AlertDescription;
import org.jspecify.annotations.Nullable;

/**
 * The pre-shared key a server chooses of a ClientHello (RFC 8446 section 4.2.11), and the cipher
 * suite that goes with it.
 *
 * @param index place among the client's identities
 * @param suite the first one both have, of the key's hash
 * @param ticket the ticket's content, null for an external key
 */
record PskChoice(Psk psk, int index, int suite, @Nullable TicketState ticket) {
  /** Clocks of daemons that share ticket keys may differ by so much. */
  private static final long CLOCK_SKEW_MILLIS = 60_000;

  /**
   * @return null when no key fits: certificates must do then
   * @throws Refusal when there are no certificates
   */
  static @Nullable PskChoice of(
      HelloReader hello, TlsConfig.Server config, @Nullable ChainValidator validator)
      throws IOException {
    byte[] offered = hello.pskExtension();
    int[] own = Suites.of(config);
    int[] suites =
        IntStream.of(hello.cipherSuites()).filter(suite -> Suites.contains(own, suite)).toArray();
    List<PskExtension.Identity> identities =
        offered == null ? List.of() : PskExtension.identities(offered);
    PskLookup lookup = config.psks();
    TicketIssuer issuer = config.tickets();
    for (int i = 0; i < identities.size(); i++) {
      byte[] name = identities.get(i).name();
      PskChoice choice = lookup == null ? null : external(lookup, name, i, suites);
      if (choice == null && issuer != null) {
        choice = ticket(issuer, name, i, suites, hello, config, validator);
      }
      if (choice != null) {
        return choice;
      }
    }
    if (config.credentials().isEmpty()) {
      String reason =
          identities.isEmpty()
              ? "the client offers no pre-shared key"
              : "no key for the client's identity '"
                  + ExternalPsk.printable(identities.getFirst().name())
                  + "'";
      throw new Refusal(AlertDescription.unknown_psk_identity, reason);
    }
    return null;
  }

  private static @Nullable PskChoice external(
      PskLookup lookup, byte[] name, int index, int[] suites) {
    ExternalPsk found = lookup.find(name);
    if (found == null) {
      return null;
    }
    try {
      Psk psk = Psk.of(found);
      for (int suite : suites) {
        if (Suites.hash(suite) == psk.hash()) {
          return new PskChoice(psk, index, suite, null);
        }
      }
      psk.destroy();
      return null;
    } finally {
      found.destroy();
    }
  }

  private static @Nullable PskChoice ticket(
      TicketIssuer issuer,
      byte[] name,
      int index,
      int[] suites,
      HelloReader hello,
      TlsConfig.Server config,
      @Nullable ChainValidator validator) {
    byte[] bytes = issuer.keys().open(name);
    if (bytes == null) {
      return null;
    }
    TicketState state = TicketState.parse(bytes);
    Arrays.fill(bytes, (byte) 0);
    if (state == null) {
      return null;
    }
    int suite = suite(suites, state.suite());
    if (suite < 0
        || !isBoundTo(state, hello, config)
        || !isLive(state, issuer, config.clock().millis())
        || !isPeerStillGood(state, config, validator)) {
      state.destroy();
      return null;
    }
    PskChoice choice = new PskChoice(Psk.of(name, state), index, suite, state);
    state.destroy();
    return choice;
  }

  /** The ticket's own suite if it is offered, else another of its hash; -1 for none. */
  private static int suite(int[] suites, int wanted) {
    if (Suites.contains(suites, wanted)) {
      return wanted;
    }
    for (int suite : suites) {
      if (Suites.hash(suite) == Suites.hash(wanted)) {
        return suite;
      }
    }
    return -1;
  }

  private static boolean isBoundTo(TicketState state, HelloReader hello, TlsConfig.Server config) {
    return Objects.equals(state.serverName(), hello.serverName())
        && Objects.equals(state.alpn(), hello.alpn())
        && state.quicVersion() == config.quicVersion();
  }

  private static boolean isLive(TicketState state, TicketIssuer issuer, long now) {
    return now < state.authenticatedMillis() + issuer.lifetime().toMillis()
        && state.issuedMillis() <= now + CLOCK_SKEW_MILLIS;
  }

  /** The client's chain may have ended, or lost its authority, since the ticket was issued. */
  private static boolean isPeerStillGood(
      TicketState state, TlsConfig.Server config, @Nullable ChainValidator validator) {
    if (state.peerCertificates().isEmpty()) {
      return config.clientAuth() == TlsConfig.ClientAuth.NONE
          || config.clientAuth() == TlsConfig.ClientAuth.REQUEST;
    }
    if (validator == null) {
      return false;
    }
    try {
      validator.validate(state.peerCertificates(), config.clock().instant());
      return true;
    } catch (CertificateFault e) {
      // A full handshake will tell the client why.
      return false;
    }
  }

  /** Whether another ClientHello offers the key too. */
  boolean isOffered(HelloReader hello) throws IOException {
    byte[] offered = hello.pskExtension();
    if (offered != null) {
      for (PskExtension.Identity identity : PskExtension.identities(offered)) {
        if (Arrays.equals(identity.name(), psk.getIdentity())) {
          return true;
        }
      }
    }
    return false;
  }

  void destroy() {
    psk.destroy();
  }
}
