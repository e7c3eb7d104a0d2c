package dev.quic.dataplane.io;

import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.RxBatch;

/**
 * What the duty cycle drives: a {@link QuicNet}, a fake in tests, or bare UDP to measure against.
 * All on the shard's thread.
 */
public interface Engine {
  void onDatagrams(long now, RxBatch batch);

  void onTimer(long now);

  void endOfTurn(long now);

  long nextDeadline();

  void run(ShardTask task, long now);

  /** The real one. */
  static Engine of(QuicNet net) {
    return new Engine() {
      @Override
      public void onDatagrams(long now, RxBatch batch) {
        net.onDatagrams(now, batch);
      }

      @Override
      public void onTimer(long now) {
        net.onTimer(now);
      }

      @Override
      public void endOfTurn(long now) {
        net.endOfTurn(now);
      }

      @Override
      public long nextDeadline() {
        return net.nextDeadline();
      }

      @Override
      public void run(ShardTask task, long now) {
        task.run(net, now);
      }
    };
  }
}
