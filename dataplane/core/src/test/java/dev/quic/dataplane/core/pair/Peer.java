package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** A program at one end: handshakes, sends what it was given, collects what comes. */
final class Peer {
  final World world;
  final Sock sock;
  final FakeTls tls;
  final Map<Long, ByteArrayOutputStream> received = new TreeMap<>();
  final Map<Long, Boolean> finished = new TreeMap<>();
  final java.util.List<byte[]> events = new java.util.ArrayList<>();
  private final Map<Long, byte[]> toSend = new LinkedHashMap<>();
  private final Map<Long, Integer> sent = new LinkedHashMap<>();
  private final Msg msg = new Msg();
  private final byte[] buf = new byte[65_536];
  int lastError;

  Peer(World world, Sock sock, boolean server) {
    this.world = world;
    this.sock = sock;
    tls = new FakeTls(sock, server);
    tls.cipher = world.cipher;
    tls.certificateBytes = world.certificateBytes;
    tls.early = server && world.serverTakesEarly;
    if (sock.deliversEarly() && !world.ownHandshake) {
      sock.handshakeOwnedElsewhere(true);
    }
    sock.watch((s, mask) -> ready());
  }

  void send(long stream, byte[] data) {
    toSend.put(stream, data);
    sent.put(stream, 0);
    ready();
  }

  void ready() {
    tls.step(world.now);
    pump();
    read();
  }

  private void pump() {
    if (sock.state() != QuicUapi.QUIC_SS_ESTABLISHED) {
      return;
    }
    for (Map.Entry<Long, byte[]> e : toSend.entrySet()) {
      long id = e.getKey();
      byte[] data = e.getValue();
      int at = sent.getOrDefault(id, 0);
      while (at >= 0) {
        int n = Math.min(16_384, data.length - at);
        boolean last = at + n == data.length;
        boolean peers = (id & 1) == 0 == tls.server;
        int flags = at == 0 && !peers ? QuicUapi.MSG_QUIC_STREAM_NEW : 0;
        msg.reset().stream(id, flags | (last ? QuicUapi.MSG_QUIC_STREAM_FIN : 0));
        int r = sock.sendmsg(world.now, msg, data, at, n);
        if (r < 0) {
          lastError = r;
          break;
        }
        at = r == n && last ? -1 : at + r;
      }
      sent.put(id, at);
    }
  }

  boolean allSent() {
    return sent.values().stream().allMatch(at -> at < 0);
  }

  private void read() {
    while (true) {
      msg.reset();
      int n = sock.recvmsg(world.now, msg, buf, 0, buf.length);
      if (n < 0) {
        if (n != -Errno.EAGAIN) {
          lastError = n;
        }
        return;
      }
      if ((msg.flags & QuicUapi.MSG_QUIC_NOTIFICATION) != 0) {
        events.add(java.util.Arrays.copyOf(buf, n));
      } else {
        received.computeIfAbsent(msg.streamId, k -> new ByteArrayOutputStream()).write(buf, 0, n);
        if ((msg.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0) {
          finished.put(msg.streamId, true);
        }
      }
    }
  }

  byte[] bytes(long stream) {
    ByteArrayOutputStream o = received.get(stream);
    return o == null ? new byte[0] : o.toByteArray();
  }

  boolean finished(long stream) {
    return finished.getOrDefault(stream, false);
  }
}
