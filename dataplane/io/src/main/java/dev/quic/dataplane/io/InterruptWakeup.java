package dev.quic.dataplane.io;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * Wakes a leader out of the poller when its thread is interrupted. In the form of a selector, the
 * one way the JDK has to be told of interrupts.
 */
final class InterruptWakeup extends AbstractSelector {
  private final Runnable wakeup;

  @SuppressWarnings("NullAway") // No provider made it; nobody asks for one.
  InterruptWakeup(Runnable wakeup) {
    super(null);
    this.wakeup = wakeup;
  }

  /** The calling thread is about to sleep; at once woken when it is interrupted already. */
  void sleeps() {
    begin();
  }

  void woken() {
    end();
  }

  @Override
  public Selector wakeup() {
    wakeup.run();
    return this;
  }

  @Override
  protected void implCloseSelector() {}

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
