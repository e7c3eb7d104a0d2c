package dev.quic.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.cli.StartException;
import dev.quic.uapi.QuicUapi;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * A data plane under fire: real AF_UNIX sockets, one shard, and everything it complains about.
 * Sockets of others than its own process are counted before and after.
 */
public final class House implements AutoCloseable {
  /** A port on which nobody answers. */
  private static final InetSocketAddress SILENT = new InetSocketAddress("127.0.0.1", 9);

  /** Bytes of heap that may stay when all is over. */
  private static final long KEPT = 64 << 20;

  private final Path dir;
  private final DataPlane plane;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final Complaints appender = new Complaints();
  private final int socketsBefore;
  private final long heapBefore;

  public House(Path dir) throws IOException, StartException {
    this.dir = dir.resolve("run");
    plane = DataPlane.builder().runDir(this.dir).shards(1).notices(this::notice).start();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    appender.setContext(root.getLoggerContext());
    appender.start();
    root.addAppender(appender);
    warmUp();
    socketsBefore = OpenDescriptors.sockets();
    heapBefore = heap();
  }

  /** What is opened once and for all must not be taken for a leak. */
  private void warmUp() throws IOException {
    for (SeqPacket end : SeqPacket.pair()) {
      end.close();
    }
    SeqPacket.connect(dir.resolve("netlink.sock")).close();
    // The JDK makes a pair of its own when the first channel is closed.
    SocketChannel.open().close();
  }

  /** Whatever an exception passed through on its way to a log. */
  private final class Complaints extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel().isGreaterOrEqual(Level.ERROR) || event.getThrowableProxy() != null) {
        complaints.add(event.getFormattedMessage());
      }
    }
  }

  private void notice(String line) {
    if (line.contains("threw") || line.contains("Exception")) {
      complaints.add(line);
    }
  }

  public Path dir() {
    return dir;
  }

  public DataPlane plane() {
    return plane;
  }

  /** A consumer's socket, connecting to nobody, and its request for a handshake. */
  public record Lonely(QuicSocket socket, CompletableFuture<Integer> done) {}

  /** Fails with EAGAIN, ESRCH and the like when the family takes no more. */
  public Lonely lonely() throws QuicException {
    QuicSocket s = plane.sockets().socket(QuicUapi.AF_INET);
    s.connect(SILENT);
    return new Lonely(s, plane.tls().clientHelloX509(s, "server.test", 60_000));
  }

  /** Nothing was thrown where nobody catches it on purpose. */
  public void checkQuiet() {
    if (!complaints.isEmpty()) {
      throw new AssertionError("escaped: " + complaints);
    }
  }

  /** All that was opened for programs that are gone is closed, and nothing is kept for them. */
  public void checkForgotten() throws IOException {
    checkQuiet();
    await().until(() -> plane.socketCount() == 0);
    try {
      await().until(() -> OpenDescriptors.sockets() <= socketsBefore);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(
          "descriptors leak: " + OpenDescriptors.lines() + ", before " + socketsBefore, e);
    }
    await().until(() -> heap() < heapBefore + KEPT);
    assertThat(plane.socketCount()).isZero();
    checkQuiet();
  }

  private static long heap() {
    System.gc();
    Runtime r = Runtime.getRuntime();
    return r.totalMemory() - r.freeMemory();
  }

  @Override
  public void close() {
    plane.close();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(appender);
    appender.stop();
  }
}
