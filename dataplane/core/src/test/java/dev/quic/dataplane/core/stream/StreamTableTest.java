package dev.quic.dataplane.core.stream;

import static dev.quic.uapi.Errno.EAGAIN;
import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.ENOSTR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.ChunkPool;
import dev.quic.uapi.QuicUapi;
import org.junit.jupiter.api.Test;

class StreamTableTest {
  private final StreamTable table = new StreamTable(false, new ChunkPool(), new ChunkPool(), 0);

  StreamTableTest() {
    table.local(new StreamTable.Windows(100, 200, 300), 2, 2);
    table.remote(new StreamTable.Windows(1_000, 2_000, 3_000), 2, 2);
  }

  private Stream need(long id) {
    Stream s = table.get(id);
    if (s == null) {
      throw new AssertionError("no stream " + id);
    }
    return s;
  }

  @Test
  void windowsFollowTypeAndOpener() {
    assertThat(table.open(0)).isZero();
    assertThat(table.open(2)).isZero();
    assertThat(table.admit(1, true)).isZero();
    assertThat(table.admit(3, true)).isZero();
    // RFC 9000 section 18.2: "remote" is who did not send the parameter.
    assertThat(need(0).sendCredit()).isEqualTo(2_000);
    assertThat(need(0).maxRecv()).isEqualTo(100);
    assertThat(need(1).sendCredit()).isEqualTo(1_000);
    assertThat(need(1).maxRecv()).isEqualTo(200);
    assertThat(need(2).sendCredit()).isEqualTo(3_000);
    assertThat(need(2).canRecv()).isFalse();
    assertThat(need(3).maxRecv()).isEqualTo(300);
    assertThat(need(3).canSend()).isFalse();
  }

  @Test
  void openingOpensAllLowerOnes() {
    assertThat(table.open(4)).isZero();
    assertThat(table.get(0)).isNotNull();
    assertThat(table.open(8)).isEqualTo(-EAGAIN);
    assertThat(table.open(1)).isEqualTo(-EINVAL);
    assertThat(table.raise(false, 3)).isTrue();
    assertThat(table.open(8)).isZero();
  }

  @Test
  void framesThatDoNotFitTheStream() {
    int state = QuicUapi.QUIC_TRANSPORT_ERROR_STREAM_STATE;
    assertThat(table.admit(0, true)).isEqualTo(state);
    assertThat(table.admit(2, true)).isEqualTo(state);
    assertThat(table.admit(3, false)).isEqualTo(state);
    assertThat(table.admit(9, true)).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_STREAM_LIMIT);
    assertThat(table.admit(5, true)).isZero();
  }

  @Test
  void closingReturnsCredit() {
    assertThat(table.admit(5, true)).isZero();
    assertThat(table.canAdvertise(false)).isFalse();
    Stream s = need(5);
    s.receive(0, new byte[3], 0, 3, true);
    s.in().read(new byte[3], 0, 3);
    assertThat(s.atEnd()).isTrue();
    s.onEndRead();
    assertThat(s.done()).isFalse();
    s.write(new byte[2], 0, 2, true);
    s.out().send(new byte[2], 0, 2);
    s.onFinSent();
    assertThat(s.onAcked(0, 2, true)).isEqualTo(2);
    assertThat(s.sendState()).isEqualTo(QuicUapi.QUIC_STREAM_SEND_STATE_RECVD);
    assertThat(s.done()).isTrue();
    assertThat(table.reclaim(s)).isTrue();
    assertThat(table.advertise(false)).isEqualTo(3);
    assertThat(table.admit(5, true)).isZero();
    assertThat(table.get(5)).isNull();
    assertThat(table.open(0)).isZero();
    table.reclaim(need(0));
    assertThat(table.open(0)).isEqualTo(-ENOSTR);
  }

  @Test
  void finalSizeNeverChanges() {
    assertThat(table.admit(1, true)).isZero();
    Stream s = need(1);
    assertThat(s.checkEnd(10, true)).isZero();
    s.receive(5, new byte[5], 0, 5, true);
    assertThat(s.recvState()).isEqualTo(QuicUapi.QUIC_STREAM_RECV_STATE_SIZE_KNOWN);
    assertThat(s.checkEnd(11, false)).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_FINAL_SIZE);
    assertThat(s.checkEnd(9, true)).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_FINAL_SIZE);
    assertThat(s.checkEnd(9, false)).isZero();
    s.receive(0, new byte[5], 0, 5, false);
    assertThat(s.recvState()).isEqualTo(QuicUapi.QUIC_STREAM_RECV_STATE_RECVD);
    assertThat(s.receiveReset(1, 10)).isFalse();
  }

  @Test
  void resetStopsSending() {
    assertThat(table.open(0)).isZero();
    Stream s = need(0);
    s.write(new byte[50], 0, 50, false);
    s.out().send(new byte[20], 0, 20);
    assertThat(s.reset(7)).isTrue();
    assertThat(s.sentFinal()).isEqualTo(20);
    assertThat(s.sendPending()).isFalse();
    assertThat(s.reset(8)).isFalse();
    s.onResetAcked();
    assertThat(s.sendDone()).isTrue();
    assertThat(s.reset(9)).isFalse();
  }
}
