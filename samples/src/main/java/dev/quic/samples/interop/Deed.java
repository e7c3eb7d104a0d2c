package dev.quic.samples.interop;

import dev.quic.consumer.QuicSocket;
import dev.quic.samples.hq.ActiveMigration;
import dev.quic.samples.hq.KeyUpdate;
import java.io.IOException;

/** What a case wants a client to do once while files arrive. */
final class Deed {
  private final InteropCase what;
  private final KeyUpdate update;
  private final ActiveMigration move;

  Deed(InteropCase what, QuicSocket sock) {
    this.what = what;
    update = new KeyUpdate(sock);
    move = new ActiveMigration(sock);
  }

  /** Tries it, unless it is done. */
  void attempt() throws IOException {
    if (what == InteropCase.KEYUPDATE) {
      update.attempt();
    } else if (what == InteropCase.CONNECTIONMIGRATION) {
      move.attempt();
    }
  }

  /** At the end, when it has to be done. */
  void require() throws IOException {
    if (what == InteropCase.KEYUPDATE && !update.done()) {
      throw new IOException("all files came before the keys could be updated");
    }
    if (what == InteropCase.CONNECTIONMIGRATION && !move.done()) {
      throw new IOException("all files came before the client could move");
    }
  }
}
