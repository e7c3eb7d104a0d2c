package dev.quic.dataplane.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

class AddrCacheTest {
  private static final long LOOPBACK = 0x0000_ffff_7f00_0001L;

  @Test
  void theTwoEndsOfAConnectionStayWhateverTheirPorts() {
    AddrCache cache = new AddrCache();
    for (int port = 1; port < 65_536; port++) {
      SockAddr local = get(cache, 4433);
      SockAddr remote = get(cache, port);
      assertThat(get(cache, 4433)).as("beside port %d", port).isSameAs(local);
      assertThat(get(cache, port)).as("port %d", port).isSameAs(remote);
      assertThat(remote.port()).isEqualTo(port);
    }
  }

  private static SockAddr get(AddrCache cache, int port) {
    return cache.get(QuicUapi.AF_INET, 0, LOOPBACK, port, 0);
  }
}
