package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One handshake of the daemon with itself at start, in memory and with throw-away keys: the first
 * one in a fresh JVM loads a thousand classes and takes about a second, which the first request
 * would otherwise pay.
 */
public final class WarmUp {
  private static final String NAME = "warm-up.invalid";

  /** A TLS 1.3 handshake takes three; the rest is for the day it does not. */
  private static final int MAX_FLIGHTS = 10;

  private WarmUp() {}

  /**
   * Starts it in the background.
   *
   * @param library what requests are to be served with
   */
  public static void start(DaemonLog log, @Nullable LibCrypto library) {
    Thread.ofPlatform().daemon().name("warm-up").start(() -> run(log, library));
  }

  private static void run(DaemonLog log, @Nullable LibCrypto library) {
    long start = System.nanoTime();
    try {
      handshake(library);
      log.debug("warmed up in " + (System.nanoTime() - start) / 1_000_000 + " ms");
    } catch (CredentialException | RuntimeException e) {
      // Only speed is lost, and the next request tells what is wrong.
      log.debug("not warmed up: " + e.getMessage());
    }
  }

  /**
   * @return whether both ends finished
   */
  static boolean handshake(@Nullable LibCrypto library) throws CredentialException {
    CertificateAuthority ca = CertificateAuthority.create(NAME, Instant.now());
    try (TlsEngine client =
            TlsEngines.client(
                TlsConfig.Client.of(ca.trustStore(), NAME).withLibcrypto(library), new byte[0]);
        TlsEngine server =
            TlsEngines.server(TlsConfig.Server.of(ca.server(NAME)).withLibcrypto(library))) {
      client.start();
      server.start();
      for (int i = 0; i < MAX_FLIGHTS && !(client.isComplete() && server.isComplete()); i++) {
        carry(client, server);
        carry(server, client);
      }
      return client.isComplete() && server.isComplete();
    }
  }

  private static void carry(TlsEngine from, TlsEngine to) {
    for (TlsEvent event : from.drain()) {
      switch (event) {
        case TlsEvent.Crypto c -> to.receive(c.level(), c.bytes(), 0, c.bytes().length);
        case TlsEvent.NeedLocalTransportParameters need ->
            from.localTransportParameters(new byte[0]);
        case TlsEvent.Secret s -> java.util.Arrays.fill(s.secret(), (byte) 0);
        default -> {}
      }
    }
  }
}
