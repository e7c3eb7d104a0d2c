package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a socket that receives a little now and then keeps. */
class ChannelMemoryTest {
  private static final int MESSAGE = 64;

  private final ThreadLink link = new ThreadLink();
  private final FakeSock here = new FakeSock(link);
  private final FakeSock there = new FakeSock(link);
  private final Channel channel = new Channel(Channel.Mode.EAGER, new FakeUser(), new ChunkPool());

  @AfterEach
  void stop() {
    link.close();
  }

  @Test
  void aReaderThatKeepsUpIsServedFromOneSmallChunk() {
    FakeSock.join(here, there);
    byte[] buf = new byte[MESSAGE];
    byte[] chunk = {};
    for (int i = 0; i < 1_000; i++) {
      buf[0] = (byte) i;
      assertThat(there.sendmsg(0, new Msg().stream(0, 0), buf, 0, MESSAGE)).isEqualTo(MESSAGE);
      channel.service(here, link, 0, false);
      assertThat(channel.rx().read(new Msg(), buf, 0, MESSAGE, false)).isEqualTo(MESSAGE);
      assertThat(buf[0]).isEqualTo((byte) i);
      chunk = i == 0 ? channel.rx().writeBuffer() : chunk;
      assertThat(channel.rx().writeBuffer()).isSameAs(chunk);
    }
    assertThat(chunk).hasSize(ChunkPool.SMALL_CHUNK_BYTES);
  }
}
