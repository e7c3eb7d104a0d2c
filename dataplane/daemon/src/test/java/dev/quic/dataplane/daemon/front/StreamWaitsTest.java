package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream without credit lets the other streams of the same descriptor pass. */
class StreamWaitsTest {
  private static final int STALLED = 4;
  private static final int OTHER = 8;

  private final ThreadLink link = new ThreadLink();
  private final FakeSock here = new FakeSock(link);
  private final FakeSock there = new FakeSock(link);
  private final Channel channel = new Channel(Channel.Mode.EAGER, new FakeUser(), new ChunkPool());

  StreamWaitsTest() {
    FakeSock.join(here, there);
    here.starved = STALLED;
    there.limit = 1 << 20;
  }

  @AfterEach
  void stop() {
    link.close();
  }

  private boolean send(long stream, int first, int bytes, int kind, int seq) {
    byte[] b = new byte[bytes];
    b[0] = (byte) first;
    return channel.tx().offer(new Msg().stream(stream, 0), kind, seq, b, 0, bytes);
  }

  /** First bytes of what came for a stream, in order. */
  private List<Integer> arrived(long stream) {
    List<Integer> found = new ArrayList<>();
    byte[] buf = new byte[70_000];
    Msg m = new Msg();
    while (there.recvmsg(0, m.reset(), buf, 0, buf.length) > 0) {
      if (m.streamId == stream) {
        found.add((int) buf[0]);
      }
    }
    return found;
  }

  @Test
  void otherStreamsPassAndOrderWithinAStreamIsKept() {
    send(STALLED, 1, 10, Channel.WAIT, 0);
    send(OTHER, 2, 10, Channel.WAIT, 0);
    send(STALLED, 3, 10, Channel.WAIT, 0);
    send(OTHER, 4, 10, Channel.WAIT, 0);
    channel.service(here, link, 0, false);
    assertThat(arrived(OTHER)).containsExactly(2, 4);
    assertThat(channel.isParked()).isTrue();
    assertThat(channel.waitingToSend()).isEqualTo(20);

    here.starved = -1;
    send(STALLED, 5, 10, Channel.WAIT, 0);
    channel.service(here, link, 0, false);
    assertThat(arrived(STALLED)).containsExactly(1, 3, 5);
    assertThat(channel.isParked()).isFalse();
    assertThat(channel.waitingToSend()).isZero();
  }

  @Test
  void whoDoesNotWaitIsAnsweredForItsOwnStream() {
    send(STALLED, 1, 10, Channel.WAIT, 0);
    send(STALLED, 2, 10, Channel.WANT_RESULT, 7);
    send(OTHER, 3, 10, Channel.WANT_RESULT, 8);
    channel.service(here, link, 0, false);
    long first = channel.results().take();
    assertThat(ResultRing.seq(first)).isEqualTo(7);
    assertThat(ResultRing.result(first)).isEqualTo(-Errno.ENOSPC);
    long second = channel.results().take();
    assertThat(ResultRing.seq(second)).isEqualTo(8);
    assertThat(ResultRing.result(second)).isEqualTo(10);
  }

  @Test
  void aMessagePutAsideIsAnsweredWhenItWent() {
    send(STALLED, 1, 10, Channel.WAIT | Channel.WANT_RESULT, 3);
    channel.service(here, link, 0, false);
    assertThat(channel.results().isEmpty()).isTrue();
    here.starved = -1;
    channel.service(here, link, 0, false);
    assertThat(ResultRing.result(channel.results().take())).isEqualTo(10);
  }

  @Test
  void whatIsPutAsideIsBounded() {
    int sent = 0;
    while (sent < 100 && send(STALLED, 1, 60_000, Channel.WAIT, 0)) {
      channel.service(here, link, 0, false);
      sent++;
    }
    assertThat(sent).isLessThan(100);
    assertThat(channel.waitingToSend())
        .isLessThanOrEqualTo(StreamWaits.BYTES + Channel.CHUNKS * 65_536L);
    here.starved = -1;
    for (int i = 0; i < 100 && channel.isParked(); i++) {
      channel.service(here, link, 0, false);
    }
    assertThat(arrived(STALLED)).hasSize(sent);
  }
}
