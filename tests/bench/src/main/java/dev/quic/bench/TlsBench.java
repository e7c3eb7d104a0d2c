package dev.quic.bench;

import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** TLS alone, to tell what the rest of the path costs, and how busy the machine is. */
@Command(
    name = "tls",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the TLS engine alone: both ends in one thread, no socket, in CPU time of that thread.",
      "What a machine that does other things makes slower here it makes slower in 'handshake', too."
    })
final class TlsBench implements Callable<Integer> {
  private static final String NAME = "bench.test";
  private static final Duration TICKET_LIFETIME = Duration.ofDays(1);

  /** A handshake takes three. */
  private static final int MAX_FLIGHTS = 10;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "3000",
      description = "Handshakes of each kind, after as many to warm up. Default: ${DEFAULT-VALUE}.")
  private int count = 3_000;

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      defaultValue = "X25519",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private TlsGroup group = TlsGroup.X25519;

  @Option(
      names = "--crypto",
      paramLabel = "WHICH",
      defaultValue = "auto",
      description =
          "Key exchange and ECDSA: auto (libcrypto where it can be used), bc, libcrypto."
              + " Default: ${DEFAULT-VALUE}.")
  private String crypto = "auto";

  private @Nullable TlsOutcome outcome;
  private byte @Nullable [] ticket;

  @Override
  public Integer call() throws Exception {
    LibCrypto library;
    try {
      library = CryptoMode.parse(crypto).open();
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      System.err.println("quic bench: --crypto " + crypto + ": " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    System.out.println("crypto: " + CryptoMode.name(library));
    CertificateAuthority ca = CertificateAuthority.create(NAME, Instant.now());
    Credentials credentials = ca.server(NAME);
    RotatingTicketKeys keys = RotatingTicketKeys.random(Clock.systemUTC(), TICKET_LIFETIME);
    TlsConfig.Server server =
        TlsConfig.Server.of(credentials)
            .withGroups(List.of(group))
            .withLibcrypto(library)
            .withTickets(TicketIssuer.of(keys, TICKET_LIFETIME));
    TlsConfig.Client client =
        TlsConfig.Client.of(ca.trustStore(), NAME)
            .withGroups(List.of(group))
            .withLibcrypto(library);
    measure("full", client, server);
    measure("resumed", client.withSession(session(client, server)), server);
    keys.destroy();
    return 0;
  }

  private void measure(String mode, TlsConfig.Client client, TlsConfig.Server server) {
    run(client, server);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    run(client, server);
    double each = (double) (threads.getCurrentThreadCpuTime() - start) / Math.max(1, count);
    System.out.println(
        String.format(
            Locale.ROOT,
            "%s: %.0f us of CPU for both ends, %.0f a second and processor, P-256 certificate, %s",
            mode,
            each / 1e3,
            1e9 / each,
            group.name().toLowerCase(Locale.ROOT)));
  }

  private void run(TlsConfig.Client client, TlsConfig.Server server) {
    for (int i = 0; i < count; i++) {
      TlsOutcome done = handshake(client, server);
      done.destroy();
    }
  }

  private TlsSession session(TlsConfig.Client client, TlsConfig.Server server) {
    TlsOutcome done = handshake(client, server);
    SessionMaker maker = done.sessions();
    byte[] raw = ticket;
    TlsSession session = maker == null || raw == null ? null : maker.session(raw);
    done.destroy();
    if (session == null) {
      throw new IllegalStateException("the server gave no ticket");
    }
    return session;
  }

  /**
   * @return the client's outcome
   */
  private TlsOutcome handshake(TlsConfig.Client clientConfig, TlsConfig.Server serverConfig) {
    outcome = null;
    try (TlsEngine client = TlsEngines.client(clientConfig, new byte[0]);
        TlsEngine server = TlsEngines.server(serverConfig)) {
      client.start();
      server.start();
      for (int i = 0; i < MAX_FLIGHTS && !(client.isComplete() && server.isComplete()); i++) {
        carry(client, server, true);
        carry(server, client, false);
      }
      // The ticket is on its way.
      carry(server, client, false);
      carry(client, server, true);
      TlsOutcome done = outcome;
      if (done == null) {
        throw new IllegalStateException("the handshake did not finish");
      }
      return done;
    }
  }

  private void carry(TlsEngine from, TlsEngine to, boolean client) {
    for (TlsEvent event : from.drain()) {
      switch (event) {
        case TlsEvent.Crypto c -> to.receive(c.level(), c.bytes(), 0, c.bytes().length);
        case TlsEvent.NeedLocalTransportParameters need -> {
          from.localTransportParameters(new byte[0]);
          carry(from, to, client);
        }
        case TlsEvent.Secret s -> Arrays.fill(s.secret(), (byte) 0);
        case TlsEvent.Complete c when client -> outcome = c.outcome();
        case TlsEvent.Complete c -> c.outcome().destroy();
        case TlsEvent.Ticket t -> ticket = t.raw();
        case TlsEvent.Alert a -> throw new IllegalStateException(a.reason());
        default -> {}
      }
    }
  }
}
