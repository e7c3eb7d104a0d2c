package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.family.SockAddr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** UDP ports in use, each shared by all sockets bound to its address (as in the kernel). */
final class Ports {
  private static final class Entry {
    final SockAddr address;
    final int port;
    int shares = 1;

    Entry(SockAddr address, int port) {
      this.address = address;
      this.port = port;
    }
  }

  private final Host host;
  private final List<@Nullable Entry> byPort = new ArrayList<>();

  Ports(Host host) {
    this.host = host;
  }

  /** Takes a share of the port at an address; port 0 always opens a new one. */
  int bind(SockAddr local, boolean reusePort) {
    if (local.port() != 0) {
      for (Entry e : byPort) {
        if (e != null && e.address.family() == local.family() && e.address.sameEndpoint(local)) {
          e.shares++;
          return e.port;
        }
      }
    }
    int port = host.bindUdp(local, reusePort);
    if (port < 0) {
      return port;
    }
    while (byPort.size() <= port) {
      byPort.add(null);
    }
    byPort.set(port, new Entry(host.udpAddress(port), port));
    return port;
  }

  /** Takes another share of an open port. */
  void share(int port) {
    Entry e = byPort.get(port);
    if (e != null) {
      e.shares++;
    }
  }

  void unbind(int port) {
    Entry e = port < byPort.size() ? byPort.get(port) : null;
    if (e != null && --e.shares == 0) {
      byPort.set(port, null);
      host.unbindUdp(port);
    }
  }
}
