package dev.quic.uapi.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DoorCodecTest {
  @Test
  void callsComeBackAsTheyWere() {
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      List<DoorCall> calls = new ArrayList<>();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        byte[] tail = new byte[random.nextInt(70)];
        random.nextBytes(tail);
        calls.add(
            DoorCall.of(1 + random.nextInt(13), random.nextInt(), random.nextInt(), tail, 1, 2, 3));
      }
      byte[] packet = DoorCall.encode(calls);
      assertThat(packet.length % 8).isZero();
      List<DoorCall> back = DoorCall.parse(packet, packet.length);
      assertThat(back).usingRecursiveComparison().isEqualTo(calls);
    }
  }

  @Test
  void malformedPacketsAreRefusedAndNeverThrow() {
    Random random = new Random(4);
    byte[] good =
        DoorCall.encode(
            List.of(DoorCall.of(6, 1, 2, new byte[20], 288, 13), DoorCall.of(13, 2, 2)));
    int refused = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] b = good.clone();
      b[random.nextInt(b.length)] = (byte) random.nextInt(256);
      refused += DoorCall.parse(b, random.nextInt(b.length + 1)) == null ? 1 : 0;
    }
    assertThat(refused).isGreaterThan(1_000);
    assertThat(DoorCall.parse(new byte[0], 0)).isNull();
  }

  @Test
  void dataHeadersComeBackAsTheyWere() {
    Random random = new Random(5);
    for (int i = 0; i < 1_000; i++) {
      DoorData d = new DoorData().reset(1 + random.nextInt(5));
      d.cmsg = random.nextBoolean() ? Door.CMSG_NONE : random.nextInt(2);
      d.flags = random.nextInt();
      d.streamId = random.nextLong();
      d.streamFlags = random.nextInt();
      d.seq = random.nextInt();
      byte[] b = new byte[30];
      d.write(b, 3);
      DoorData e = new DoorData();
      assertThat(e.read(b, 3, 24)).isTrue();
      assertThat(e).usingRecursiveComparison().isEqualTo(d);
      assertThat(e.read(b, 3, 23)).isFalse();
    }
  }
}
