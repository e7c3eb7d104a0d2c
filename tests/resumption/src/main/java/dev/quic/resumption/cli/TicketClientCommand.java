package dev.quic.resumption.cli;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.resumption.Report;
import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.Cooperation;
import dev.quic.resumption.client.HookCommand;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import dev.quic.resumption.wire.Target;
import dev.quic.resumption.wire.UdpTarget;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bin/quic ticket client}. */
@Command(
    name = "client",
    mixinStandardHelpOptions = true,
    description = "Plays the client: puts a server through the cases and prints a table.",
    footerHeading = "%nThe hook%n",
    footer = {
      "is run with a case's name as its last argument after that case got its ticket and before it",
      "uses it, and with 'restore' after the case, also when it failed itself. Exit code 0: done;",
      "77: cannot be had; else the run ends. It is asked for:",
      "  early-rejected   take no early data any more (keep the ticket keys)",
      "  expired          make the tickets issued so far expire (unless --wait is enough)",
      "  params-lowered   restart with lower transport parameters (keep the ticket keys)",
      "  key-previous     rotate the ticket keys once",
      "  key-gone         rotate them until the ticket's key is forgotten"
    })
final class TicketClientCommand implements Callable<Integer> {
  private static final int QUIC_V1 = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "HOST:PORT", description = "The server.")
  private String server = "";

  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      description = "Protocol (default: ${DEFAULT-VALUE}).")
  private String alpn = "hq-interop";

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      description = "SNI, and the name the certificate must carry (default: the host).")
  private @Nullable String name;

  @Option(
      names = "--ca",
      paramLabel = "PEM",
      description = "Whom to trust (default: the JDK's own authorities).")
  private @Nullable Path ca;

  @Option(names = "--insecure", description = "Take any certificate.")
  private boolean insecure;

  @Option(
      names = "--request",
      paramLabel = "TEXT",
      description =
          "Sent on a stream of its own, a line break added; as HTTP/3 when --alpn is h3."
              + " Default: 'GET /' for hq-* and h3, else nothing, which leaves early data out.")
  private @Nullable String request;

  @Option(
      names = "--cases",
      split = ",",
      paramLabel = "CASE",
      description = "Only these (default: all; see docs/resumption.md).")
  private List<String> cases = new ArrayList<>();

  @Option(
      names = "--groups",
      split = ",",
      paramLabel = "GROUP",
      description = "Key exchange: ${COMPLETION-CANDIDATES} (default: all, in this order).")
  private List<TlsGroup> groups = List.of(TlsGroup.values());

  @Option(
      names = "--other-alpn",
      paramLabel = "NAME",
      description = "Another protocol the server speaks.")
  private @Nullable String otherAlpn;

  @Option(
      names = "--shared",
      paramLabel = "HOST:PORT",
      description = "Another server that shares ticket keys and replay protection with the first.")
  private @Nullable String shared;

  @Option(
      names = "--unshared",
      paramLabel = "HOST:PORT",
      description = "Another server of that name that shares nothing with the first.")
  private @Nullable String unshared;

  @Option(
      names = "--hook",
      paramLabel = "CMD",
      description = "Shell command that changes the server; see below.")
  private @Nullable String hook;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "Wait that long for a ticket to expire (default: 0).")
  private long wait;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "For a handshake and its answer (default: ${DEFAULT-VALUE}).")
  private long timeout = 15;

  @Mixin private ReportOptions output = new ReportOptions();

  @Override
  public Integer call() throws Exception {
    List<Case> wanted;
    ProbeConfig config;
    try {
      wanted =
          cases.isEmpty() ? Arrays.asList(Case.values()) : cases.stream().map(Case::of).toList();
      config = config();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    Report report = new ServerProbe(config).run(wanted, output::progress);
    return output.print(report);
  }

  private ProbeConfig config() throws CredentialException {
    InetSocketAddress address = Address.remote(server);
    String host = name == null ? host() : name;
    TrustStore trust =
        ca != null
            ? TrustStore.ofPem(ca)
            : insecure ? TrustStore.of(List.of()) : TrustStore.runtime();
    TlsConfig.Client tls =
        TlsConfig.Client.of(trust, host)
            .withVerify(!insecure)
            .withAlpn(List.of(alpn))
            .withGroups(groups)
            .withQuicVersion(QUIC_V1);
    return ProbeConfig.of(server, new UdpTarget(address), tls, requester(host))
        .withOtherAlpn(otherAlpn)
        .withOthers(target(shared), target(unshared))
        .withCooperation(hook == null ? Cooperation.NONE : new HookCommand(hook))
        .withTimes(Seconds.of("--timeout", timeout, 1), Seconds.of("--wait", wait, 0));
  }

  private String host() {
    String host = server.substring(0, server.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static @Nullable Target target(@Nullable String text) {
    return text == null ? null : new UdpTarget(Address.remote(text));
  }

  private @Nullable Requester requester(String host) {
    boolean http3 = alpn.equals("h3") || alpn.startsWith("h3-");
    String text = request;
    if (text == null) {
      if (!http3 && !alpn.startsWith("hq")) {
        return null;
      }
      text = "GET /";
    }
    if (!http3) {
      return Requester.text(text.endsWith("\n") ? text : text + "\r\n");
    }
    if (!text.startsWith("GET /")) {
      throw new IllegalArgumentException("over HTTP/3 --request is 'GET /PATH'");
    }
    return Requester.h3(host, text.substring("GET ".length()).strip());
  }
}
