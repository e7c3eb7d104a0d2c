package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.samples.AtExit;
import dev.quic.samples.ClientTlsOptions;
import dev.quic.samples.Keys;
import dev.quic.samples.TemporaryDirectory;
import dev.quic.samples.Transport;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * What {@code quic warm} has the JVM watch: everything that perf does, both ends in one process. A
 * connection begins several times, or the compilers would take its beginning for something that
 * never happens.
 */
@Command(name = "rehearse", hidden = true, description = "A little of everything.")
final class PerfRehearsal implements Callable<Integer> {
  private static final long BYTES = 24L << 20;
  private static final long WARMUP = 4L << 20;
  private static final int REQUESTS = 2_000;
  private static final int SMALL_MESSAGE = 1_024;

  /** How often, and with what protection of packets at the client. */
  private static final String[] ROUNDS = {"auto", "auto", "jdk", "auto"};

  @Override
  public Integer call() throws Exception {
    PerfLoad load = new PerfLoad();
    load.totLen = BYTES;
    load.warmup = WARMUP;
    load.numReqs = REQUESTS;
    new Comparison(load, new PerfTuning()).run();
    embedded();
    return 0;
  }

  private static void embedded() throws IOException {
    try (AtExit exit = new AtExit();
        QuicSockets sockets = Transport.inProcess().open();
        QuicSocket listener = sockets.socket(QuicUapi.AF_INET)) {
      Path keys = exit.make(() -> TemporaryDirectory.create("quic-rehearsal")).path();
      Keys.write(keys, Keys.LOCAL_NAMES);
      PerfServerCommand server = new PerfServerCommand();
      String cert = keys.resolve(Keys.SERVER_CERT).toString();
      String key = keys.resolve(Keys.SERVER_KEY).toString();
      new CommandLine(server).parseArgs("--cert", cert, "--pkey", key);
      server.listen(listener, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Thread.ofVirtual().start(() -> serve(server, listener));
      ClientTlsOptions tls = ClientTlsOptions.trusting(keys.resolve(Keys.CA_CERT));
      for (String aead : ROUNDS) {
        Transport transport = Transport.inProcess(aead, "auto");
        InetSocketAddress address = listener.getsockname();
        PerfClient client = new PerfClient(transport, address, tls, "localhost", new PerfTuning());
        PerfLoad load = new PerfLoad();
        load.totLen = BYTES;
        load.warmup = WARMUP;
        client.run(load);
        load.msgLen = SMALL_MESSAGE;
        load.totLen = WARMUP;
        client.run(load);
        load.mode = 1;
        load.numReqs = REQUESTS;
        client.run(load);
      }
    }
  }

  /** Until the listener is closed. */
  private static void serve(PerfServerCommand server, QuicSocket listener) {
    try {
      while (true) {
        server.serveNext(listener);
      }
    } catch (IOException e) {
      System.out.println("the rehearsal's server ends: " + e.getMessage());
    }
  }
}
