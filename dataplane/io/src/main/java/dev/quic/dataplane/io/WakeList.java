package dev.quic.dataplane.io;

import dev.quic.dataplane.core.socket.Sock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sockets to be told something after the turn, each once with all its bits. Grows to the number of
 * sockets at most. One thread.
 */
final class WakeList {
  private static final int FIRST_CAPACITY = 64;

  private @Nullable Sock[] socks = new Sock[FIRST_CAPACITY];
  private int[] masks = new int[FIRST_CAPACITY];

  /** Open addressing by cookie: index into {@link #socks} plus one, 0 for empty. */
  private int[] table = new int[FIRST_CAPACITY * 2];

  private int count;

  int count() {
    return count;
  }

  void add(Sock sock, int mask) {
    int slot = slot(sock);
    int at = table[slot] - 1;
    if (at >= 0) {
      masks[at] |= mask;
      return;
    }
    if (count == socks.length) {
      grow();
      slot = slot(sock);
    }
    socks[count] = sock;
    masks[count] = mask;
    table[slot] = ++count;
  }

  /** The slot that holds the socket, or the empty one where it belongs. */
  private int slot(Sock sock) {
    int wrap = table.length - 1;
    int slot = (int) (sock.cookie() * 0x9e3779b97f4a7c15L >>> 32) & wrap;
    while (table[slot] != 0 && socks[table[slot] - 1] != sock) {
      slot = slot + 1 & wrap;
    }
    return slot;
  }

  private void grow() {
    socks = Arrays.copyOf(socks, count * 2);
    masks = Arrays.copyOf(masks, count * 2);
    table = new int[count * 4];
    for (int i = 0; i < count; i++) {
      Sock s = socks[i];
      if (s != null) {
        table[slot(s)] = i + 1;
      }
    }
  }

  @Nullable Sock sock(int i) {
    return socks[i];
  }

  int mask(int i) {
    return masks[i];
  }

  void clear() {
    Arrays.fill(socks, 0, count, null);
    Arrays.fill(table, 0);
    count = 0;
  }
}
