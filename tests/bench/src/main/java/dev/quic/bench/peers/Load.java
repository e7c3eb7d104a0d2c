package dev.quic.bench.peers;

import java.util.ArrayList;
import java.util.List;

/**
 * One kind of upload of ours.
 *
 * @param msgLen bytes a write
 * @param payload largest UDP payload, 1200 to 16383
 * @param address both ends'
 * @param aead {@code auto}, {@code jdk}, {@code ipsec-mb}
 * @param cipher {@code aes-128-gcm} ...
 */
record Load(
    int msgLen,
    int payload,
    String address,
    String aead,
    String cipher,
    int streams,
    int connections) {
  /** What everything is compared with. */
  static final Load USUAL = new Load(65_536, 1_452, "127.0.0.1", "auto", "aes-128-gcm", 1, 1);

  Load withMsgLen(int n) {
    return new Load(n, payload, address, aead, cipher, streams, connections);
  }

  Load withPayload(String to, int n) {
    return new Load(msgLen, n, to, aead, cipher, streams, connections);
  }

  Load withAead(String name, String withCipher) {
    return new Load(msgLen, payload, address, name, withCipher, streams, connections);
  }

  Load withMany(int manyStreams, int manyConnections) {
    return new Load(msgLen, payload, address, aead, cipher, manyStreams, manyConnections);
  }

  String key() {
    return "own " + this;
  }

  /** For {@code bin/quic perf --self}. */
  List<String> self(long bytes, long warmup) {
    List<String> a = new ArrayList<>(List.of("perf", "--self", "--aead", aead));
    a.addAll(List.of("--cipher", cipher, "--addr", address));
    a.addAll(List.of("--max-datagram", Integer.toString(payload)));
    a.addAll(common(bytes, warmup));
    return a;
  }

  /** What {@code --self} and {@code client} share. */
  List<String> common(long bytes, long warmup) {
    List<String> a = new ArrayList<>(List.of("--json", "--msg_len", Integer.toString(msgLen)));
    a.addAll(List.of("--tot_len", Long.toString(bytes), "--warmup", Long.toString(warmup)));
    a.addAll(List.of("--payload", Integer.toString(payload)));
    a.addAll(List.of("--streams", Integer.toString(streams)));
    a.addAll(List.of("--connections", Integer.toString(connections)));
    return a;
  }
}
