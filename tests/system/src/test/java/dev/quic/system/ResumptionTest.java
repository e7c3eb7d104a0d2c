package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Report;
import dev.quic.resumption.Verdict;
import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.Cooperation;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import dev.quic.resumption.wire.UdpTarget;
import dev.quic.uapi.QuicUapi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real daemon and a real data plane over UDP, put through the cases by the resumption probe. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ResumptionTest {
  @TempDir Path dir;

  private static final String[] SERVER = {
    "[authenticate.server]",
    "x509.certificate=server.pem",
    "x509.private_key=server.key",
    "[session]"
  };

  private static String[] config(String... session) {
    List<String> lines = new ArrayList<>(Arrays.asList(SERVER));
    lines.addAll(Arrays.asList(session));
    return lines.toArray(new String[0]);
  }

  private void secret(String name, int fill) throws Exception {
    byte[] bytes = new byte[48];
    Arrays.fill(bytes, (byte) fill);
    Path file = Files.write(dir.resolve(name), bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** Accepts, has the daemon shake hands, answers one stream, until the listener is closed. */
  private static void serve(SplitHouse house, QuicSocket listener) {
    try {
      while (true) {
        QuicSocket sock = listener.accept();
        var unused = house.pool.submit(() -> answer(house, sock));
      }
    } catch (QuicException e) {
      // The listener was closed: the test is over.
    }
  }

  private static int answer(SplitHouse house, QuicSocket sock) throws Exception {
    try (sock) {
      if (house.serverHello(sock, SplitHouse.TIMEOUT_MS).await() != 0) {
        return 0;
      }
      byte[] buffer = new byte[1_024];
      QuicMsg msg = QuicMsg.plain();
      int n = QuicStreams.recvFully(sock, msg, buffer, 0, buffer.length);
      QuicStreams.sendAll(sock, msg.streamId, QuicUapi.MSG_QUIC_STREAM_FIN, buffer, 0, n);
      // Until the client has gone.
      return QuicStreams.recvFully(sock, QuicMsg.plain(), buffer, 0, buffer.length);
    }
  }

  @Test
  void aDaemonsTicketsAreAsTheyShouldBe() throws Exception {
    try (SplitHouse house = new SplitHouse(dir)) {
      secret("one.key", 1);
      secret("two.key", 2);
      String[] usual = config("ticket_keys=one.key", "early_data=yes");
      try (Handshaked daemon = house.daemonOf(Map.of(), usual);
          QuicSocket listener = house.listener(SplitHouse.ALPN)) {
        var unused = house.pool.submit(() -> serve(house, listener));
        Report report = probe(house, listener, new Hook(house, daemon, usual));
        assertThat(report.results())
            .as(report.table())
            .extracting(CaseResult::verdict)
            .containsOnly(Verdict.OK);
      }
    }
  }

  /** Other keys, and those of before again. */
  private record Hook(SplitHouse house, Handshaked daemon, String[] usual) implements Cooperation {
    @Override
    public boolean prepare(String name) {
      String[] lines =
          switch (name) {
            case "key-gone" -> config("ticket_keys=two.key", "early_data=yes");
            case "early-rejected" -> config("ticket_keys=one.key", "early_data=no");
            default -> usual;
          };
      long before = reloads();
      try {
        house.configure(lines);
        await().until(() -> reloads() > before);
      } catch (Exception e) {
        throw new IllegalStateException("the daemon did not take its configuration", e);
      }
      return true;
    }

    private long reloads() {
      return daemon.lines().stream().filter(l -> l.contains("configuration read again")).count();
    }
  }

  private static Report probe(SplitHouse house, QuicSocket listener, Cooperation hook)
      throws Exception {
    TlsConfig.Client tls =
        TlsConfig.Client.of(house.ca.trustStore(), SplitHouse.NAME)
            .withAlpn(List.of(SplitHouse.ALPN))
            .withQuicVersion(1);
    ProbeConfig config =
        ProbeConfig.of(
                "daemon", new UdpTarget(listener.getsockname()), tls, Requester.text("hello"))
            .withCooperation(hook);
    return new ServerProbe(config)
        .run(
            List.of(
                Case.FULL,
                Case.RESUMED,
                Case.RESUMED_AGAIN,
                Case.EARLY_ACCEPTED,
                Case.EARLY_UNREADABLE,
                Case.EARLY_STALE,
                Case.REPLAYED,
                Case.PARAMS_RAISED,
                Case.WRONG_SNI,
                Case.WRONG_ALPN,
                Case.EARLY_REJECTED,
                Case.KEY_GONE),
            result -> {});
  }
}
