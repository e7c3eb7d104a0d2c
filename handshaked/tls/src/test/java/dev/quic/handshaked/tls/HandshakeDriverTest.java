package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.HandshakeDriver.ConfigSource;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.PemFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandshakeDriverTest {
  private final FakeSocket client = new FakeSocket("sample", EnginePair.clientParameters());
  private final FakeSocket server = new FakeSocket("other, sample", EnginePair.serverParameters());
  private final List<String> trace = new ArrayList<>();
  private HandshakeResult clientResult = HandshakeResult.failure(-1, -1, "did not run");
  private HandshakeResult serverResult = HandshakeResult.failure(-1, -1, "did not run");

  HandshakeDriverTest() {
    client.connect(server);
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
  }

  private void run(
      ConfigSource<TlsConfig.Client> clientConfig, ConfigSource<TlsConfig.Server> serverConfig)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<HandshakeResult> serving =
          () -> {
            HandshakeResult result =
                HandshakeDriver.server(server, serverConfig, deadline(), HandshakeTrace.NONE);
            if (!result.ok()) {
              server.shut();
            }
            return result;
          };
      Future<HandshakeResult> future = threads.submit(serving);
      clientResult =
          HandshakeDriver.client(
              client,
              clientConfig,
              deadline(),
              (time, call, level, bytes, detail) -> trace.add(call + " " + detail));
      if (!clientResult.ok()) {
        client.shut();
      }
      serverResult = future.get();
    }
  }

  @Test
  void bothEndsFinish() throws Exception {
    run(TestCertificates::client, TestCertificates::serverConfig);

    assertThat(clientResult.reason()).isEmpty();
    assertThat(serverResult.reason()).isEmpty();
    assertThat(clientResult.ok()).isTrue();
    assertThat(serverResult.ok()).isTrue();
    assertThat(clientResult.alpn()).isEqualTo("sample");
    assertThat(serverResult.alpn()).isEqualTo("sample");
    assertThat(clientResult.serverName()).isEqualTo(TestCertificates.HOST);
    assertThat(serverResult.serverName()).isEqualTo(TestCertificates.HOST);
    assertThat(clientResult.peerCertificates()).hasSize(1);
    assertThat(client.options.get(-SocketOptions.TRANSPORT_PARAM_EXT))
        .isEqualTo(EnginePair.serverParameters());
    assertThat(server.options.get(-SocketOptions.TRANSPORT_PARAM_EXT))
        .isEqualTo(EnginePair.clientParameters());
    assertThat(server.options.get(SocketOptions.ALPN))
        .isEqualTo("sample".getBytes(StandardCharsets.US_ASCII));
    for (String level : List.of("handshake", "app")) {
      assertThat(secret(client, level + " send")).isEqualTo(secret(server, level + " recv"));
      assertThat(secret(client, level + " recv")).isEqualTo(secret(server, level + " send"));
    }
    assertThat(trace).last().isEqualTo("done ");
    assertThat(trace).contains("sendmsg ClientHello", "setsockopt CRYPTO_SECRET app send");
  }

  /** type and secret of a struct, which is 56 bytes long. */
  private static byte[] secret(FakeSocket socket, String which) {
    byte[] struct = Objects.requireNonNull(socket.secrets.get(which));
    assertThat(struct).hasSize(56);
    return Arrays.copyOfRange(struct, 4, 56);
  }

  private static List<String> traced(String role) {
    try (var in = HandshakeDriverTest.class.getResourceAsStream("/tlshd/" + role + "-order.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .collect(ArrayList::new, List::add, List::addAll);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void move(List<String> calls, String call, String behind) {
    assertThat(calls.remove(call)).isTrue();
    calls.add(calls.indexOf(behind) + 1, call);
  }

  @Test
  void clientCallsInTheOrderOfTlshd() throws Exception {
    run(TestCertificates::client, TestCertificates::serverConfig);
    List<String> expected = traced("client");
    // A secret comes after the CRYPTO bytes that precede it: Finished first.
    move(expected, "sendmsg handshake Finished", "recvmsg handshake Finished");
    assertThat(client.calls).containsExactlyElementsOf(expected);
  }

  @Test
  void serverCallsInTheOrderOfTlshd() throws Exception {
    run(TestCertificates::client, TestCertificates::serverConfig);
    List<String> expected = traced("server");
    // A secret comes after the CRYPTO bytes that precede it.
    move(expected, "setsockopt CRYPTO_SECRET handshake recv", "sendmsg initial ServerHello more");
    move(expected, "setsockopt CRYPTO_SECRET handshake send", "sendmsg initial ServerHello more");
    move(expected, "setsockopt CRYPTO_SECRET app send", "sendmsg handshake Finished");
    // No tickets yet.
    expected.remove("sendmsg app NewSessionTicket");
    assertThat(server.calls).containsExactlyElementsOf(expected);
  }

  @Test
  void cipherAndClientCertificateOfTheSocket() throws Exception {
    client.options.put(SocketOptions.CONFIG, FakeSocket.config(54, 0));
    server.options.put(SocketOptions.CONFIG, FakeSocket.config(0, 2));
    run(
        () -> TestCertificates.client().withCredentials(TestCertificates.CLIENT),
        () ->
            TestCertificates.serverConfig()
                .withClientAuth(TlsConfig.ClientAuth.NONE, TestCertificates.TRUST));
    assertThat(serverResult.reason()).isEmpty();
    assertThat(serverResult.peerCertificates()).hasSize(1);
    assertThat(secret(client, "app send")[0]).isEqualTo((byte) 54);
  }

  private void assertBoth(int status, int alert, boolean clientDetects) {
    HandshakeResult detecting = clientDetects ? clientResult : serverResult;
    HandshakeResult told = clientDetects ? serverResult : clientResult;
    assertThat(detecting.status()).as(detecting.reason()).isEqualTo(status);
    assertThat(detecting.alert()).isEqualTo(alert);
    assertThat(detecting.reason()).isNotBlank().doesNotContain("\n");
    assertThat(told.status()).isEqualTo(SocketOptions.EACCES);
    assertThat(told.alert()).isEqualTo(alert);
    assertThat(told.reason()).contains(TlsAlert.name(alert));
    FakeSocket socket = clientDetects ? client : server;
    byte[] close = Objects.requireNonNull(socket.options.get(SocketOptions.CONNECTION_CLOSE));
    assertThat(close).hasSize(72);
    assertThat(SocketOptions.closeError(close)).isEqualTo(0x100 + alert);
  }

  @Test
  void unknownAuthority() throws Exception {
    run(
        () -> TestCertificates.client(),
        () ->
            TestCertificates.serverConfig(TestCertificates.OTHER_CA.server(TestCertificates.HOST)));
    assertBoth(SocketOptions.EACCES, 48, true);
  }

  @Test
  void wrongHostName() throws Exception {
    run(
        () -> TestCertificates.client().withPeerName("elsewhere.test"),
        TestCertificates::serverConfig);
    assertBoth(SocketOptions.EACCES, 42, true);
  }

  @Test
  void expired() throws Exception {
    run(TestCertificates::client, () -> TestCertificates.serverConfig(TestCertificates.EXPIRED));
    assertBoth(SocketOptions.EKEYEXPIRED, 45, true);
  }

  @Test
  void noCommonProtocol() throws Exception {
    server.options.put(SocketOptions.ALPN, "h3".getBytes(StandardCharsets.US_ASCII));
    run(TestCertificates::client, TestCertificates::serverConfig);
    assertBoth(SocketOptions.EACCES, 120, false);
    assertThat(serverResult.reason()).contains("sample").contains("h3");
  }

  private static Credentials unreadable() throws CredentialException {
    Path key = Path.of("no-such-directory", "key.pem");
    return new Credentials(TestCertificates.SERVER.chain(), PemFiles.privateKey(key));
  }

  @Test
  void unreadableKeyOfAServer() throws Exception {
    run(TestCertificates::client, () -> TestCertificates.serverConfig(unreadable()));
    assertBoth(SocketOptions.ENOKEY, 80, false);
    assertThat(serverResult.reason()).contains("key.pem").contains("does not exist");
    byte[] close = Objects.requireNonNull(server.options.get(SocketOptions.CONNECTION_CLOSE));
    assertThat(new String(close, StandardCharsets.US_ASCII))
        .as("no path of ours on the wire")
        .doesNotContain("key.pem");
  }

  @Test
  void unreadableKeyOfAClientSaysNothing() {
    HandshakeResult result =
        HandshakeDriver.client(
            client,
            () -> TestCertificates.client().withCredentials(unreadable()),
            deadline(),
            HandshakeTrace.NONE);
    assertThat(result.status()).isEqualTo(SocketOptions.ENOKEY);
    assertThat(result.alert()).isEqualTo(HandshakeResult.NO_ALERT);
    assertThat(client.calls).isEmpty();
  }

  @Test
  void timeout() {
    HandshakeResult result =
        HandshakeDriver.client(
            client, TestCertificates::client, System.nanoTime() + 1_000_000, HandshakeTrace.NONE);
    assertThat(result.status()).isEqualTo(SocketOptions.ETIMEDOUT);
    assertThat(result.alert()).isEqualTo(HandshakeResult.NO_ALERT);
    assertThat(client.calls).doesNotContain("setsockopt CONNECTION_CLOSE");
  }

  @Test
  void errnoOfTheSocketPassesThrough() throws Exception {
    server.shut();
    HandshakeResult result =
        HandshakeDriver.client(client, TestCertificates::client, deadline(), HandshakeTrace.NONE);
    assertThat(result.status()).isEqualTo(SocketOptions.ENOTCONN);
    assertThat(result.alert()).isEqualTo(HandshakeResult.NO_ALERT);
  }

  @Test
  void cipherTheEngineLacks() {
    client.options.put(SocketOptions.CONFIG, FakeSocket.config(53, 0));
    HandshakeResult result =
        HandshakeDriver.client(client, TestCertificates::client, deadline(), HandshakeTrace.NONE);
    assertThat(result.status()).isEqualTo(SocketOptions.EOPNOTSUPP);
    assertThat(result.reason()).contains("53");
  }
}
