package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.keys.linux.TokenSlots;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.uapi.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server keys that never leave their token: SunPKCS11 with SoftHSM2. */
@Timeout(120)
final class TokenRequestTest {
  private static final String REASON = "SoftHSM2 is not installed (apt-get install softhsm2)";

  @TempDir static Path dir;

  private final MemoryGrant[] pair = MemoryGrant.pair();
  private final FakeBus clientBus = new FakeBus();
  private final FakeBus serverBus = new FakeBus();

  @BeforeAll
  static void tokens() throws Throwable {
    assumeThat(SoftHsm.isInstalled()).as(REASON).isTrue();
    SoftHsm hsm = SoftHsm.open(dir);
    hsm.token("first");
    hsm.token("second");
    // Which slot comes first is the library's choice: the labels tell, and they must be right.
    for (int slot = 0; slot < 2; slot++) {
      certificate("ec-" + slot, hsm.key(slot, "EC", 256, "SHA256withECDSA", "ec-" + slot));
      certificate("p384-" + slot, hsm.key(slot, "EC", 384, "SHA384withECDSA", "p384-" + slot));
      certificate("rsa-" + slot, hsm.key(slot, "RSA", 2048, "SHA256withRSA", "rsa-" + slot));
    }
    Files.writeString(dir.resolve("pin"), SoftHsm.PIN + "\n");
  }

  private static void certificate(String name, X509Certificate one) throws Exception {
    CertificateAuthority.writeCertificates(dir.resolve(name + ".pem"), List.of(one));
  }

  private static String uri(String token, String object, String query) {
    return "pkcs11:token="
        + token
        + ";object="
        + object
        + "?module-path="
        + SoftHsm.LIBRARY
        + query;
  }

  private static RequestWorker worker(String certificate, String key) throws Exception {
    Path config = dir.resolve("config");
    Files.write(
        config,
        List.of(
            "[authenticate.server]",
            "x509.certificate=" + certificate + ".pem",
            "x509.private_key=" + key));
    return new RequestWorker(
        ConfigSource.open(config),
        new TlsPolicy(new CredentialCache()),
        address -> null,
        CallTrace.NONE,
        new DaemonLog(true));
  }

  private static HandshakeRequest request(MemoryGrant end, int type, int auth) {
    return new HandshakeRequest(end, type, auth, 20_000, null);
  }

  private FakeBus.Done serve(String certificate, String key) throws Exception {
    RequestWorker worker = worker(certificate, key);
    serverBus.submit(request(pair[1], HandshakeRequest.SERVER_HELLO, HandshakeRequest.AUTH_X509));
    worker.serveOne(serverBus);
    return serverBus.done.getLast();
  }

  /** Label of the token that holds a key: keys are named by the index of the slot. */
  private static String tokenOf(String key) throws Exception {
    int slot = key.charAt(key.length() - 1) - '0';
    return TokenSlots.of(SoftHsm.LIBRARY).get(slot).label();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec-0", "ec-1", "p384-0", "rsa-0", "rsa-1"})
  void theTokenSigns(String key) throws Exception {
    signs(key, uri(tokenOf(key), key, "&pin-source=file:" + dir.resolve("pin")));
  }

  @Test
  void thePinMayBeInTheUri() throws Exception {
    signs("ec-0", uri(tokenOf("ec-0"), "ec-0", "&pin-value=" + SoftHsm.PIN));
  }

  private void signs(String certificate, String key) throws Exception {
    RequestWorker worker = worker(certificate, key);
    serverBus.submit(request(pair[1], HandshakeRequest.SERVER_HELLO, HandshakeRequest.AUTH_X509));
    Thread server = Thread.ofPlatform().start(() -> worker.serveOne(serverBus));
    // Nobody issued the certificate; that its key signs is checked all the same.
    clientBus.submit(request(pair[0], HandshakeRequest.CLIENT_HELLO, HandshakeRequest.AUTH_UNAUTH));
    worker.serveOne(clientBus);
    server.join();
    assertThat(clientBus.done.getLast().status()).isZero();
    assertThat(serverBus.done.getLast().status()).isZero();
  }

  @Test
  void whatDoesNotOpenIsAMissingKey() throws Exception {
    String pin = "&pin-source=" + dir.resolve("pin");
    String token = tokenOf("ec-0");
    for (String key :
        List.of(
            uri("third", "ec-0", pin),
            uri(token, "nobody", pin),
            uri(token, "rsa-0", pin),
            uri(token, "ec-0", "&pin-source=" + dir.resolve("no-pin")),
            "pkcs11:object=ec-0?module-path=" + SoftHsm.LIBRARY + pin,
            "pkcs11:token=first;object=ec-0?module-path=/no/such/library.so" + pin)) {
      assertThat(serve("ec-0", key).status()).as(key).isEqualTo(Errno.ENOKEY);
    }
    assertThat(pair[1].closeCode).isEqualTo(0x150);
  }
}
