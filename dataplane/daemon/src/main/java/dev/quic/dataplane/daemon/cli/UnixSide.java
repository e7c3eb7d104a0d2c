package dev.quic.dataplane.daemon.cli;

import dev.quic.dataplane.daemon.door.Conductor;
import dev.quic.dataplane.daemon.door.DescriptorTable;
import dev.quic.dataplane.daemon.door.DoorServer;
import dev.quic.dataplane.daemon.front.Fronts;
import dev.quic.dataplane.daemon.front.IoLink;
import dev.quic.dataplane.daemon.front.ShardLink;
import dev.quic.dataplane.daemon.handshake.AcceptPolicy;
import dev.quic.dataplane.daemon.handshake.BusServer;
import dev.quic.dataplane.daemon.handshake.HandshakeFamily;
import dev.quic.dataplane.daemon.handshake.HandshakeTrace;
import dev.quic.dataplane.io.MonotonicClock;
import dev.quic.uds.FileReason;
import dev.quic.uds.SeqPacketServer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The AF_UNIX half of a data plane: the conductor with the bus and the syscall door. */
final class UnixSide implements AutoCloseable {
  /** Connections that may wait for the conductor. */
  private static final int BACKLOG = 128;

  /** Anyone may connect; what one may do depends on who one is. */
  private static final String MODE = "rw-rw-rw-";

  /** Up to so many, a thread of its own takes from the shard and the programs what it gains. */
  private static final int FEW_PROCESSORS = 2;

  /** {@code own} or {@code shard}: on whose thread descriptors are served. */
  private static final String CONDUCTOR = "dev.quic.dataplane.conductor";

  private final Conductor conductor;
  private final DoorServer door;
  private final BusServer bus;
  private final HandshakeFamily family;
  private final Teardown servers = new Teardown();

  /**
   * @throws StartException when the sockets cannot be made
   */
  UnixSide(
      RunDir dir,
      DataPlaneConfig config,
      Fronts fronts,
      List<ShardLink> shards,
      HandshakeTrace trace)
      throws StartException {
    boolean made = false;
    try {
      conductor = new Conductor(MonotonicClock::now);
      door =
          new DoorServer(conductor, new DescriptorTable(fronts), shards, config.privilegedPorts());
      AcceptPolicy policy =
          new AcceptPolicy(Credentials.effectiveUid(), config.acceptUids(), config.acceptGids());
      bus = new BusServer(conductor, door, policy);
      family = new HandshakeFamily(config.handshake(), bus, trace, MonotonicClock::now);
      bus.serve(family);
      conductor.timers(new FamilyTimers(family));
      conductor.serve(listen(dir, "netlink.sock"), bus::connected);
      conductor.serve(listen(dir, "socket.sock"), door::connected);
      conductor.serve(listen(dir, "diag.sock"), door::connectedToLook);
      made = true;
    } catch (IOException e) {
      throw new StartException("cannot listen in " + dir.dir() + ": " + FileReason.of(e), e);
    } finally {
      if (!made) {
        servers.close();
      }
    }
  }

  private SeqPacketServer listen(RunDir dir, String name) throws IOException {
    return servers.add(SeqPacketServer.listen(dir.fresh(name), BACKLOG, MODE));
  }

  /** The family's deadlines on the conductor's clock. */
  private record FamilyTimers(HandshakeFamily family) implements Conductor.Timers {
    @Override
    public long nextDeadline() {
      return family.nextDeadline();
    }

    @Override
    public void onTimer(long now) {
      family.onTimer(now);
    }
  }

  HandshakeFamily family() {
    return family;
  }

  BusServer bus() {
    return bus;
  }

  /**
   * Starts the conductor, where processors are few on a shard's thread.
   *
   * @param home that shard
   */
  void start(IoLink home) {
    boolean few = Runtime.getRuntime().availableProcessors() <= FEW_PROCESSORS;
    String place = System.getProperty(CONDUCTOR, few ? "shard" : "own");
    if (!place.equals("shard") || !conductor.startOn(home)) {
      conductor.start();
    }
  }

  /** Whether the conductor does what it is asked within so many nanoseconds. */
  boolean answers(long nanos) throws InterruptedException {
    CountDownLatch answered = new CountDownLatch(1);
    conductor.execute(answered::countDown);
    return answered.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  /** Stops the conductor; every descriptor is closed, so that programs see the hang-up. */
  @Override
  public void close() {
    conductor.execute(() -> {
      bus.closeAll();
      door.closeAll();
    });
    conductor.close();
    servers.close();
  }
}
