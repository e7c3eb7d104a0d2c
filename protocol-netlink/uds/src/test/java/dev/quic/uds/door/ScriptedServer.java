package dev.quic.uds.door;

import dev.quic.uds.SeqPacket;
import dev.quic.uds.SeqPacketServer;
import dev.quic.uds.UdsPoller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A data plane that answers each packet as a test says. Its thread runs the script. */
final class ScriptedServer implements AutoCloseable {
  /** What the test does with a packet. */
  interface Script {
    /**
     * @param descriptor that came along, -1 for none; the script closes it
     */
    void packet(SeqPacket from, byte[] packet, int descriptor) throws IOException;
  }

  private final SeqPacketServer server;
  private final UdsPoller poller = new UdsPoller();
  private final List<SeqPacket> lines = new ArrayList<>();
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];
  private final Script script;
  private final Thread thread;
  private volatile boolean stopping;

  ScriptedServer(Path path, Script script) throws IOException {
    this.script = script;
    server = SeqPacketServer.listen(path, 16, "rw-------");
    poller.add(server.number(), true, false, (r, w, h) -> accept(server.tryAccept()));
    thread = Thread.ofPlatform().start(this::run);
  }

  private void accept(@Nullable SeqPacket line) {
    if (line != null) {
      lines.add(line);
      poller.add(line.number(), true, false, (r, w, h) -> readable(line));
    }
  }

  private void readable(SeqPacket line) {
    int n = line.tryReceive(in);
    if (n <= 0) {
      drop(line);
      return;
    }
    try {
      script.packet(line, Arrays.copyOf(in, n), line.takeDescriptor());
    } catch (IOException e) {
      drop(line);
    }
  }

  private void drop(SeqPacket line) {
    poller.remove(line.number());
    line.close();
    lines.remove(line);
  }

  /** Hangs up on everyone. */
  void hangUp() {
    inbox.add(() -> List.copyOf(lines).forEach(this::drop));
    poller.wakeup();
  }

  private void run() {
    while (!stopping) {
      poller.poll(-1);
      for (Runnable r = inbox.poll(); r != null; r = inbox.poll()) {
        r.run();
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
    poller.wakeup();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    poller.close();
    List.copyOf(lines).forEach(SeqPacket::close);
    server.close();
  }
}
