package dev.quic.uds.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlAcks;
import dev.quic.uapi.netlink.NlError;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlParser;
import dev.quic.uapi.netlink.NlReplies;
import dev.quic.uapi.netlink.NlRequest;
import dev.quic.uds.SeqPacket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetlinkClientTest {
  private static final AcceptReply REQUEST =
      new AcceptReply(
          99, Nl.MSG_TYPE_CLIENTHELLO, "server.test", 3_000, 0, Nl.AUTH_X509, List.of(), 0, 0);

  @TempDir Path dir;
  private final ConcurrentLinkedQueue<NlRequest> seen = new ConcurrentLinkedQueue<>();

  /** The inode of what is passed with the request, as 64-bit number. */
  private volatile long granted;

  private final AtomicInteger pending = new AtomicInteger(1);

  /** A bus that puts a notification before each answer, and answers in batches. */
  private void answer(SeqPacket from, byte[] packet, int descriptor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SeqPacket along = null;
    for (NlRequest r : NlParser.parse(packet, packet.length)) {
      seen.add(r);
      out.writeBytes(NlReplies.ready(Nl.HANDLER_CLASS_TLSHD));
      int errno = 0;
      switch (r) {
        case NlRequest.GetFamily g -> out.writeBytes(NlReplies.family(g.message()));
        case NlRequest.Membership m -> errno = m.group() == 99 ? Errno.EINVAL : 0;
        case NlRequest.Accept a -> {
          if (pending.getAndDecrement() > 0) {
            SeqPacket[] p = SeqPacket.pair();
            p[0].close();
            along = p[1];
            granted = along.inode();
            out.writeBytes(REQUEST.encode(a.message().seq(), a.message().pid()));
          } else {
            errno = Errno.EAGAIN;
          }
        }
        case NlRequest.Done d ->
            errno =
                descriptor < 0
                    ? Errno.EBADF
                    : SeqPacket.inode(descriptor) == granted ? 0 : Errno.EBUSY;
        case NlRequest.Noop n -> {}
        case NlRequest.Bad b -> errno = b.errno();
      }
      byte[] result = NlReplies.result(r, errno, new NlAcks(true, false));
      if (result != null) {
        out.writeBytes(result);
      }
    }
    if (descriptor >= 0) {
      SeqPacket.closeDescriptor(descriptor);
    }
    byte[] bytes = out.toByteArray();
    from.send(bytes, 0, bytes.length, along == null ? -1 : along.number());
    if (along != null) {
      along.close();
    }
  }

  @Test
  void aHandshakeIsTakenAndEnded() throws Exception {
    try (ScriptedServer server = new ScriptedServer(dir.resolve("netlink.sock"), this::answer);
        NetlinkClient client = NetlinkClient.connect(new RunDir(dir))) {
      assertThat(client.extendedAcks()).isZero();
      assertThat(client.resolve("handshake")).isEqualTo(Nl.GENL_ID_HANDSHAKE);
      assertThat(client.resolve("nfsd")).isEqualTo(-Errno.ENOENT);
      assertThat(client.join(Nl.HANDSHAKE_GROUP_TLSHD)).isZero();
      assertThat(client.join(99)).isEqualTo(-Errno.EINVAL);
      NetlinkClient.Accepted accepted = Objects.requireNonNull(client.accept());
      assertThat(accepted.request()).isEqualTo(REQUEST.withSockfd(accepted.grant()));
      assertThat(SeqPacket.inode(accepted.grant())).isEqualTo(granted);
      assertThat(client.accept()).isNull();
      assertThat(client.done(0, accepted.grant(), List.of(7))).isZero();
      assertThat(client.done(5, -1, List.of())).isEqualTo(-Errno.EBADF);
      SeqPacket[] other = SeqPacket.pair();
      assertThat(client.done(5, other[0].number(), List.of())).isEqualTo(-Errno.EBUSY);
      other[0].close();
      other[1].close();
      SeqPacket.closeDescriptor(accepted.grant());
      assertThat(client.leave(Nl.HANDSHAKE_GROUP_TLSHD)).isZero();
      for (int i = 0; i < seen.size(); i++) {
        NlMessage m = Objects.requireNonNull(client.awaitNotification());
        assertThat(m.command()).isEqualTo(Nl.HANDSHAKE_CMD_READY);
      }
      server.hangUp();
      assertThat(client.awaitNotification()).isNull();
      assertThatThrownBy(() -> client.join(1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void errorsCarryTheKernelsWords() throws Exception {
    byte[] b = {
      36, 0, 0, 0, 0x21, 0, 5, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 8, 0, 2, 0, 9, 0, 0, 0, 8, 0,
      3, 0, 0, 0, 0, 0
    };
    NlRequest r = NlParser.parse(b, b.length).get(0);
    byte[] e = Objects.requireNonNull(NlReplies.result(r, 0, new NlAcks(true, false)));
    NlError error = NlError.decode(NlMessage.split(e, e.length).get(0));
    assertThat(Objects.requireNonNull(error).toString())
        .isEqualTo("ERANGE: integer out of range at 20");
    for (int len = 0; len < e.length; len++) {
      byte[] cut = java.util.Arrays.copyOf(e, Math.max(len, 4));
      cut[0] = (byte) len;
      NlMessage.split(cut, len).forEach(NlError::decode);
    }
  }

  @Test
  void withoutADataPlaneThereIsOneClearLine() {
    assertThatThrownBy(() -> NetlinkClient.connect(new RunDir(dir)))
        .hasMessage("no data plane at " + dir.resolve("netlink.sock") + ": no such socket");
  }
}
