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
    final boolean v6only;
    int shares = 1;

    Entry(SockAddr address, int port, boolean v6only) {
      this.address = address;
      this.port = port;
      this.v6only = v6only;
    }

    /** Whether what is sent to an address comes in here anyway: the same one, or a wildcard. */
    boolean covers(SockAddr local, boolean only) {
      if (address.sameEndpoint(local)) {
        return address.family() == local.family() ? v6only == only : !v6only;
      }
      return address.isAny() && address.accepts(local) && !(v6only && local.isV4());
    }
  }

  private final Host host;
  private final List<@Nullable Entry> byPort = new ArrayList<>();

  Ports(Host host) {
    this.host = host;
  }

  /**
   * Takes a share of the port at an address; port 0 always opens a new one. An address under a
   * wildcard that is open already shares its port: datagrams tell where they were sent.
   */
  int bind(SockAddr local, boolean reusePort, boolean v6only) {
    if (local.port() != 0) {
      for (Entry e : byPort) {
        boolean told = e != null && (!e.address.isAny() || host.tellsDestination(e.port));
        if (e != null && (told || e.address.sameEndpoint(local)) && e.covers(local, v6only)) {
          e.shares++;
          return e.port;
        }
      }
    }
    int port = host.bindUdp(local, reusePort, v6only);
    if (port < 0) {
      return port;
    }
    while (byPort.size() <= port) {
      byPort.add(null);
    }
    byPort.set(port, new Entry(host.udpAddress(port), port, v6only));
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
