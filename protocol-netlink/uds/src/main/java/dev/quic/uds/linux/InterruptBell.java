package dev.quic.uds.linux;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a platform thread out of poll(2) when it is interrupted: a counter that becomes readable.
 * In the form of a selector, the one way the JDK has to be told of interrupts. Used by one thread
 * at a time.
 */
final class InterruptBell extends AbstractSelector {
  /** Bells kept for the next wait. */
  private static final int SPARE = 64;

  private static final ConcurrentLinkedQueue<InterruptBell> spare = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger spares = new AtomicInteger();

  private final Descriptor counter;
  private volatile boolean rung;

  @SuppressWarnings("NullAway") // No provider made it; nobody asks for one.
  private InterruptBell(Descriptor counter) {
    super(null);
    this.counter = counter;
  }

  /** One for a wait that begins now; null when the system has no more descriptors. */
  static @Nullable InterruptBell take() {
    InterruptBell b = spare.poll();
    if (b == null) {
      try {
        b = new InterruptBell(Descriptor.counter());
      } catch (IOException e) {
        return null;
      }
    } else {
      spares.decrementAndGet();
    }
    b.begin();
    return b;
  }

  /** The wait is over. */
  void give() {
    end();
    if (rung) {
      rung = false;
      counter.hush();
    }
    if (spares.incrementAndGet() <= SPARE) {
      spare.add(this);
    } else {
      spares.decrementAndGet();
      counter.close();
    }
  }

  /** Becomes readable with the interrupt. */
  int number() {
    return counter.number();
  }

  @Override
  public Selector wakeup() {
    // In this order: the JDK may come here when the wait is over, or it is another's. Who sees that
    // it was rung silences it for good; one that rang unseen would never let anybody wait.
    counter.ring();
    rung = true;
    return this;
  }

  @Override
  protected void implCloseSelector() {
    counter.close();
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel ch, int ops, Object att) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Set<SelectionKey> keys() {
    return Set.of();
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    return Set.of();
  }

  @Override
  public int selectNow() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int select(long timeout) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int select() {
    throw new UnsupportedOperationException();
  }
}
