package dev.quic.dataplane.core.protocol;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** UDP ports in use, each shared by all sockets bound to its address (as in the kernel). */
final class Ports {
  private static final class Entry {
    final SockAddr address;
    final int port;
    final boolean v6only;
    final boolean ephemeral;
    int shares = 1;

    Entry(SockAddr address, int port, boolean v6only, boolean ephemeral) {
      this.address = address;
      this.port = port;
      this.v6only = v6only;
      this.ephemeral = ephemeral;
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

  /** Those of clients that did not bind; connection ids tell apart who shares one. */
  private final ArrayList<Entry> ephemeral = new ArrayList<>();

  private int lastEphemeral = -1;

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
    return port < 0 ? port : opened(port, v6only, false).port;
  }

  private Entry opened(int port, boolean v6only, boolean isEphemeral) {
    while (byPort.size() <= port) {
      byPort.add(null);
    }
    Entry e = new Entry(host.udpAddress(port), port, v6only, isEphemeral);
    byPort.set(port, e);
    return e;
  }

  /**
   * Takes a share of a port that the system chooses: a new one while there are few, then those
   * there are in turn; they serve, too, when the system has no more to give.
   */
  int bindEphemeral(SockAddr any, boolean v6only) {
    int port = -Errno.EMFILE;
    if (ephemeral.size() < Limits.EPHEMERAL_PORTS) {
      port = host.bindUdp(any, false, v6only);
      if (port >= 0) {
        ephemeral.add(opened(port, v6only, true));
        return port;
      }
    }
    for (int i = 0; i < ephemeral.size(); i++) {
      lastEphemeral = (lastEphemeral + 1) % ephemeral.size();
      Entry e = ephemeral.get(lastEphemeral);
      if (e.address.family() == any.family() && e.v6only == v6only) {
        e.shares++;
        return e.port;
      }
    }
    // All are of the other family.
    return ephemeral.size() < Limits.EPHEMERAL_PORTS ? port : bind(any, false, v6only);
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
      if (e.ephemeral) {
        ephemeral.remove(e);
      }
      host.unbindUdp(port);
    }
  }
}
