package dev.quic.simnet;

import dev.quic.simnet.node.Corrupt;
import dev.quic.simnet.node.Delay;
import dev.quic.simnet.node.Drop;
import dev.quic.simnet.node.Duplicate;
import dev.quic.simnet.node.Mtu;
import dev.quic.simnet.node.TailDrop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A network's manners, the same in both directions.
 *
 * @param delay one way, nanoseconds
 * @param jitter up to so much more, which reorders, nanoseconds
 * @param loss share lost, 0 to 1
 * @param burst how many are lost in a row
 * @param duplicate share that arrives twice
 * @param corrupt share that arrives changed
 * @param bitsPerSecond rate of the link, 0 for no limit
 * @param queue bytes of the queue before a link with a rate
 * @param mtu largest UDP payload that passes
 */
public record Network(
    long delay,
    long jitter,
    double loss,
    int burst,
    double duplicate,
    double corrupt,
    long bitsPerSecond,
    int queue,
    int mtu) {

  private static final int MTU = 1_472;

  /** Delay and nothing else. */
  public static Network clean(long delay) {
    return new Network(delay, 0, 0, 1, 0, 0, 0, 0, MTU);
  }

  /** Anything from good to awful: up to 20 % loss, reordering, duplication, corruption. */
  public static Network random(SplittableRandom r) {
    long delay = (1L << r.nextInt(0, 8)) * Sim.MILLIS + r.nextLong(Sim.MILLIS);
    long jitter = r.nextInt(3) == 0 ? 0 : r.nextLong(delay / 2 + 2 * Sim.MILLIS);
    double loss = r.nextInt(5) == 0 ? 0 : r.nextDouble() * 0.2;
    int burst = r.nextInt(4) == 0 ? r.nextInt(2, 5) : 1;
    double duplicate = r.nextInt(2) == 0 ? 0 : r.nextDouble() * 0.1;
    double corrupt = r.nextInt(2) == 0 ? 0 : r.nextDouble() * 0.05;
    boolean limited = r.nextInt(3) == 0;
    long rate = limited ? (1L << r.nextInt(0, 8)) * 1_000_000 : 0;
    int queue = limited ? r.nextInt(20_000, 400_000) : 0;
    return new Network(delay, jitter, loss, burst, duplicate, corrupt, rate, queue, MTU);
  }

  public Network withLoss(double l) {
    return new Network(delay, jitter, l, burst, duplicate, corrupt, bitsPerSecond, queue, mtu);
  }

  public Network withMtu(int m) {
    return new Network(delay, jitter, loss, burst, duplicate, corrupt, bitsPerSecond, queue, m);
  }

  public Network withRate(long rate, int queueBytes) {
    return new Network(delay, jitter, loss, burst, duplicate, corrupt, rate, queueBytes, mtu);
  }

  /** The nodes of one direction. */
  public List<Node> nodes(SplittableRandom r) {
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Mtu(mtu));
    nodes.add(new Drop(loss, burst, r.split()));
    nodes.add(new Duplicate(duplicate, r.split()));
    nodes.add(new Corrupt(corrupt, r.split()));
    if (bitsPerSecond > 0) {
      nodes.add(new TailDrop(bitsPerSecond, queue));
    }
    nodes.add(new Delay(delay, jitter, r.split()));
    return nodes;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "delay %.1f ms, jitter %.1f ms, loss %.1f %% x%d, duplicate %.1f %%, corrupt %.1f %%,"
            + " %s, mtu %d",
        delay / 1e6,
        jitter / 1e6,
        loss * 100,
        burst,
        duplicate * 100,
        corrupt * 100,
        bitsPerSecond == 0 ? "no rate" : bitsPerSecond / 1_000_000 + " Mbit/s, queue " + queue,
        mtu);
  }
}
