package dev.quic.bench.rooms;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** That each room does what it is to measure. */
final class RoomsTest {
  @Test
  void sealedPacketsOpen() {
    ProtectionRoom room = new ProtectionRoom();
    room.layOut();
    assertThat(room.open()).isEqualTo(ProtectionRoom.PACKETS * (1_452 - 9 - 4 - 16));
    assertThat(room.open()).isPositive();
    room.wipe();
  }

  @Test
  void whatIsReadIsThere() {
    CodecRoom room = new CodecRoom();
    assertThat(room.varintRead())
        .isEqualTo(16 * ((1L << 3) + (1L << 10) + (1L << 25) + (1L << 50)));
    assertThat(room.varintWrite()).isEqualTo(16 * (1 + 2 + 4 + 8));
    assertThat(room.streamFrameRead()).isZero();
    assertThat(room.ackFrameRead()).isZero();
    assertThat(room.ackFrameWrite()).isPositive();
    assertThat(room.headerRead()).isPositive();
  }

  @Test
  void everyPacketIsAcknowledgedOnce() {
    RecoveryRoom room = new RecoveryRoom();
    long once = room.sentAndAcknowledged();
    assertThat(once).isPositive();
    assertThat(room.sentAndAcknowledged()).isEqualTo(2 * once);
  }

  @Test
  void everyPacketFindsItsConnection() {
    DemuxRoom room = new DemuxRoom();
    room.connections = 100;
    room.fill();
    assertThat(room.demux()).isEqualTo(64);
  }

  @Test
  void wrongUsageIs2() {
    assertThat(new CommandLine(new RoomsBench()).execute("--forks", "11")).isEqualTo(2);
    assertThat(new CommandLine(new RoomsBench()).execute("--millis", "0")).isEqualTo(2);
  }
}
