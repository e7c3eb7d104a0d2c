package dev.quic.dataplane.io;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.Errno;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The UDP ports of a shard by handle. One thread. */
final class PortTable {
  private @Nullable UdpPort[] ports = new UdpPort[8];
  private int used;
  private final Poller poller;

  PortTable(Poller poller) {
    this.poller = poller;
  }

  /** A handle, or a negated errno. */
  int bind(SockAddr local, boolean reusePort, boolean v6only) {
    int handle = 0;
    while (handle < used && ports[handle] != null) {
      handle++;
    }
    if (handle >= IoLimits.PORTS) {
      return -Errno.EMFILE;
    }
    if (handle == ports.length) {
      ports = Arrays.copyOf(ports, ports.length * 2);
    }
    try {
      ports[handle] = poller.bind(local, reusePort, v6only, handle);
    } catch (BindException e) {
      return -e.errno();
    }
    used = Math.max(used, handle + 1);
    return handle;
  }

  @Nullable UdpPort get(int handle) {
    return handle >= 0 && handle < used ? ports[handle] : null;
  }

  int used() {
    return used;
  }

  void close(int handle) {
    UdpPort port = get(handle);
    if (port != null) {
      ports[handle] = null;
      port.close();
      while (used > 0 && ports[used - 1] == null) {
        used--;
      }
    }
  }

  /** The port that is bound to where a datagram of another shard was sent; -1 for none. */
  int find(SockAddr local) {
    for (int i = 0; i < used; i++) {
      UdpPort port = ports[i];
      if (port != null && port.local().accepts(local)) {
        return i;
      }
    }
    return -1;
  }

  void closeAll() {
    for (int i = 0; i < used; i++) {
      UdpPort port = ports[i];
      if (port != null) {
        port.close();
      }
    }
    used = 0;
    ports = new UdpPort[8];
  }
}
