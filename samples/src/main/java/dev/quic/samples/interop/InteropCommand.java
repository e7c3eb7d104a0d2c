package dev.quic.samples.interop;

import dev.quic.consumer.QuicSockets;
import dev.quic.samples.Endpoint;
import dev.quic.samples.Transport;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Client or server of one test case, with the QUIC interop runner's environment and exit codes. */
@Command(
    name = "interop",
    mixinStandardHelpOptions = true,
    description = {
      "An endpoint for the QUIC interop runner: HTTP/0.9 over QUIC (ALPN hq-interop), HTTP/3 in the"
          + " case http3.",
      "What is not given is taken from the runner's environment: ROLE, TESTCASE, REQUESTS, and"
          + " SSLKEYLOGFILE, to which secrets are appended, QLOGDIR for qlog files. The data plane is in this process"
          + " unless --run-dir."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all files arrived",
      "1:failed",
      "2:wrong usage",
      "127:test case not supported"
    })
public final class InteropCommand implements Callable<Integer> {
  private static final int UNSUPPORTED = 127;

  /** Which end to be. */
  enum Role {
    CLIENT,
    SERVER
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      defaultValue = "${env:ROLE}",
      description = "client or server (default: $$ROLE).")
  private @Nullable String role;

  @Option(
      names = "--testcase",
      paramLabel = "NAME",
      defaultValue = "${env:TESTCASE}",
      description = "The runner's name of the case (default: $$TESTCASE).")
  private @Nullable String testcase;

  @Option(
      names = "--requests",
      paramLabel = "URLS",
      defaultValue = "${env:REQUESTS}",
      description = "Client: what to fetch, separated by blanks (default: $$REQUESTS).")
  private @Nullable String requests;

  @Option(
      names = "--certs",
      paramLabel = "DIR",
      defaultValue = "${env:CERTS:-/certs}",
      description = "cert.pem, priv.key and ca.pem (default: $$CERTS or /certs).")
  private Path certs = Path.of("/certs");

  @Option(
      names = "--www",
      paramLabel = "DIR",
      defaultValue = "${env:WWW:-/www}",
      description = "Server: files to serve (default: $$WWW or /www).")
  private Path www = Path.of("/www");

  @Option(
      names = "--downloads",
      paramLabel = "DIR",
      defaultValue = "${env:DOWNLOADS:-/downloads}",
      description = "Client: where files go (default: $$DOWNLOADS or /downloads).")
  private Path downloads = Path.of("/downloads");

  @Option(
      names = "--listen",
      paramLabel = "ADDR:PORT",
      defaultValue = "[::]:443",
      description = "Server: where to listen (default: ${DEFAULT-VALUE}).")
  private String listen = "[::]:443";

  @Option(
      names = "--preferred",
      paramLabel = "ADDR:PORT",
      description =
          "Server, case connectionmigration: the preferred address, of each family one (default: this"
              + " machine's, with the port after the one of --listen).")
  private List<String> preferred = List.of();

  @Option(
      names = "--connect",
      paramLabel = "ADDR",
      description = "Client: connect to this address, whatever the URL's host resolves to.")
  private @Nullable InetAddress connect;

  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      description =
          "Application protocol: h3, or any name for HTTP/0.9 (default: h3 in the case http3, else"
              + " hq-interop).")
  private @Nullable String alpn;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "Use the data plane of this run directory.")
  private @Nullable Path directory;

  @Override
  public Integer call() throws Exception {
    String name = given(testcase, "TESTCASE", "--testcase");
    Role end = role();
    InteropCase what = InteropCase.of(name);
    String protocol = alpn == null && what != null ? what.protocol() : alpn;
    if (what == null || protocol == null || !possible(what, end, protocol)) {
      spec.commandLine().getErr().println("test case not supported: " + name);
      return UNSUPPORTED;
    }
    try (QuicSockets sockets = transport().open()) {
      if (end == Role.SERVER) {
        new InteropServer(what, certs, www, protocol, Endpoint.parse(preferred))
            .run(sockets, listen, a -> System.out.println("listening on " + Endpoint.format(a)));
      } else {
        List<URI> urls = urls(given(requests, "REQUESTS", "--requests"));
        new InteropClient(what, certs, downloads, protocol, connect).run(sockets, urls);
      }
    }
    return 0;
  }

  /** A QuicClient sends no early data. */
  private static boolean possible(InteropCase what, Role end, String protocol) {
    return !(protocol.equals(InteropCase.H3) && what == InteropCase.ZERORTT && end == Role.CLIENT);
  }

  private Transport transport() {
    if (directory != null) {
      return Transport.at(directory);
    }
    String logs = System.getenv("QLOGDIR");
    return Transport.inProcess(logs == null || logs.isEmpty() ? null : Path.of(logs));
  }

  private Role role() {
    String text = given(role, "ROLE", "--role");
    for (Role value : Role.values()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException("the role is client or server, not '" + text + "'");
  }

  private static List<URI> urls(String text) {
    List<URI> urls = new ArrayList<>();
    for (String word : text.strip().split("\\s+")) {
      URI url = URI.create(word);
      if (!"https".equals(url.getScheme()) || url.getHost() == null || url.getPath().length() < 2) {
        throw new IllegalArgumentException("not https://HOST[:PORT]/PATH: '" + word + "'");
      }
      urls.add(url);
    }
    return urls;
  }

  private static String given(@Nullable String value, String variable, String option) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("set " + variable + ", or give " + option);
    }
    return value;
  }
}
