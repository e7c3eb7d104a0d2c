package dev.quic.uds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uds.linux.Descriptor;
import dev.quic.uds.linux.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SdNotifyTest {
  @TempDir Path dir;

  private static String received(Descriptor d) {
    byte[] buf = new byte[256];
    int n = d.receive(buf);
    return new String(buf, 0, Math.max(n, 0), StandardCharsets.UTF_8);
  }

  @Test
  void theManagerHearsEachState() throws Exception {
    String abstractName = "@quic-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    for (String name : new String[] {dir.resolve("notify").toString(), abstractName}) {
      Descriptor manager = UnixSocket.bindDatagram(name);
      SdNotify notify = SdNotify.to(name);
      assertThat(notify.ready()).isTrue();
      assertThat(received(manager)).isEqualTo("READY=1");
      assertThat(notify.status("two\nlines")).isTrue();
      assertThat(received(manager)).isEqualTo("STATUS=two lines");
      assertThat(notify.reloading()).isTrue();
      assertThat(received(manager)).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
      assertThat(notify.stopping()).isTrue();
      assertThat(received(manager)).isEqualTo("STOPPING=1");
      assertThat(notify.watchdog()).isTrue();
      assertThat(received(manager)).isEqualTo("WATCHDOG=1");
      manager.close();
      assertThat(notify.ready()).isFalse();
    }
  }

  @Test
  void theWatchdogIsOursOrNobodys() {
    assertThat(SdNotify.watchdogMicros(Map.of(), 5)).isZero();
    assertThat(SdNotify.watchdogMicros(Map.of("WATCHDOG_USEC", "3000"), 5)).isEqualTo(3000);
    assertThat(SdNotify.watchdogMicros(Map.of("WATCHDOG_USEC", "9", "WATCHDOG_PID", "5"), 5))
        .isEqualTo(9);
    assertThat(SdNotify.watchdogMicros(Map.of("WATCHDOG_USEC", "9", "WATCHDOG_PID", "6"), 5))
        .isZero();
    assertThat(SdNotify.watchdogMicros(Map.of("WATCHDOG_USEC", "often"), 5)).isZero();
  }

  @Test
  void withoutAManagerNothingHappens() {
    assertThat(SdNotify.to(null).ready()).isFalse();
    assertThat(SdNotify.to("").ready()).isFalse();
    assertThat(SdNotify.to("vsock:2:1").ready()).isFalse();
  }
}
