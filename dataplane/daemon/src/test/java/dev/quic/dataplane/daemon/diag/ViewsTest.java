package dev.quic.dataplane.daemon.diag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicSocket;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.RunDir;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables, through diag.sock and socket.sock. */
final class ViewsTest {
  private static final int MANY = 1_500;

  @TempDir Path dir;
  private DataPlane plane;
  private DoorClient look;
  private final List<QuicSocket> open = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    plane = DataPlane.builder().runDir(dir).shards(2).start();
    look = DoorClient.connectToLook(new RunDir(dir));
  }

  @AfterEach
  void stop() {
    look.close();
    open.forEach(QuicSocket::close);
    plane.close();
  }

  private QuicSocket bound(String address, int port) throws Exception {
    QuicSocket s =
        plane.sockets().socket(address.equals("::1") ? QuicUapi.AF_INET6 : QuicUapi.AF_INET);
    open.add(s);
    s.bind(new InetSocketAddress(address, port));
    return s;
  }

  private QuicSocket listener(String address) throws Exception {
    QuicSocket s = bound(address, 0);
    s.setsockopt(
        QuicUapi.SOL_QUIC,
        QuicUapi.QUIC_SOCKOPT_ALPN,
        "smbd, h\t3".getBytes(StandardCharsets.US_ASCII));
    s.listen(4);
    return s;
  }

  @Test
  void countersInTheKernelsOrder() throws Exception {
    List<String> lines = look.view("snmp").lines().toList();
    assertThat(lines).hasSizeGreaterThanOrEqualTo(19);
    assertThat(lines.get(0)).isEqualTo("QuicConnCurrentEstabs           \t0");
    assertThat(lines.get(3)).startsWith("QuicPktRcvFastpaths");
    assertThat(lines.get(18)).startsWith("QuicFrmInCloses");
  }

  @Test
  void endpointsAndConnections() throws Exception {
    int four = listener("127.0.0.1").getsockname().getPort();
    int six = listener("::1").getsockname().getPort();
    QuicSocket client = plane.sockets().socket(QuicUapi.AF_INET);
    open.add(client);
    client.connect(new InetSocketAddress("127.0.0.1", four));
    List<String> eps = look.view("eps").lines().toList();
    assertThat(eps).hasSize(3);
    assertThat(eps.get(0)).isEqualTo("SOCK\tSTATE\tLOCAL_ADDRESS\tUDP_ADDRESS\tUID\tINODE");
    assertThat(eps)
        .anyMatch(l -> l.contains("\t10\t127.0.0.1:" + four + "\t127.0.0.1:" + four + "\t0\t"));
    assertThat(eps).anyMatch(l -> l.contains("\t10\t[::1]:" + six + "\t[::1]:" + six + "\t0\t"));
    List<String> conns = look.view("conns").lines().toList();
    assertThat(conns).hasSize(2);
    assertThat(conns.get(0).split("\t")).hasSize(14).startsWith("SOCK", "STATE");
    String[] conn = conns.get(1).split("\t");
    assertThat(conn).hasSize(14);
    assertThat(conn[1]).isEqualTo("3");
    assertThat(conn[3]).isEqualTo("127.0.0.1:" + four);
    String all = look.view("sockets");
    assertThat(all).contains("\tlistener\t127.0.0.1:" + four).contains("\tsmbd,h?3\t");
    assertThat(all).contains("ESTABLISHING\tclient\t");
  }

  /** More than one packet can carry. */
  @Test
  void longTables() throws Exception {
    int port = bound("127.0.0.1", 0).getsockname().getPort();
    for (int i = 1; i < MANY; i++) {
      bound("127.0.0.1", port);
    }
    String eps = look.view("eps");
    assertThat(eps.length()).isGreaterThan(65_536);
    assertThat(eps.lines()).hasSize(1 + MANY);
    assertThat(eps).endsWith("\n");
    assertThat(look.view("eps")).isEqualTo(eps);
    try (DoorClient door = DoorClient.connect(new RunDir(dir))) {
      assertThat(door.view("eps")).isEqualTo(eps);
    }
  }

  @Test
  void lookersOnlyLook() throws Exception {
    assertThatThrownBy(() -> look.socket(QuicUapi.AF_INET, 2, QuicUapi.IPPROTO_QUIC))
        .hasMessageContaining("EPERM");
    assertThatThrownBy(() -> look.view("secrets")).hasMessageContaining("ENOENT");
    DoorCall beyond =
        new DoorCall(Door.OP_PROC, look.nextSeq(), 1, "snmp".getBytes(StandardCharsets.US_ASCII));
    assertThat(look.call(beyond).value()).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void addressesAsTheKernelPrintsThem() {
    assertThat(Views.address(SockAddr.v6(0x2001_0db8_0000_0000L, 1, 443, 0)))
        .isEqualTo("[2001:db8::1]:443");
    assertThat(Views.address(SockAddr.v6(0, 0, 1, 0))).isEqualTo("[::]:1");
    assertThat(Views.address(SockAddr.v6(0x0001_0000_0002_0003L, 0x0004_0005_0006_0007L, 1, 0)))
        .isEqualTo("[1:0:2:3:4:5:6:7]:1");
    assertThat(Views.address(SockAddr.v6(1L << 48, 0, 1, 0))).isEqualTo("[1::]:1");
    assertThat(Views.address(SockAddr.v4(0xc0000201, 80))).isEqualTo("192.0.2.1:80");
    assertThat(Views.address(null)).isEqualTo("-");
  }
}
