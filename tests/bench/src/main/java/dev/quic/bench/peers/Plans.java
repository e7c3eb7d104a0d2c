package dev.quic.bench.peers;

import dev.quic.bench.report.Chapter;
import dev.quic.bench.report.Goal;
import dev.quic.bench.report.Row;
import dev.quic.bench.report.Sample;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to measure, by the names of {@code --sets}. */
final class Plans {
  static final List<String> ALL =
      List.of(
          "peers", "sizes", "packets", "ciphers", "streams", "connections", "ways", "handshakes");

  private static final String PEERS = "One stream, writes of 64 KiB";
  private static final String SIZES = "By message size";
  private static final String WAYS = "Where the program is";

  private static final String OURS = "ours";
  private static final String OURS_JDK = "ours, AES of the JDK";
  private static final String OURS_NATIVE = "ours, AES of ipsec-mb";
  private static final String TLS = "JDK TLS over TCP";
  private static final String NETTY = "netty (quiche), GSO";
  private static final String WITHIN = "in the data plane's process";
  private static final String ACROSS = "in a process beside it";
  private static final String SMALL = "1 KiB";

  private static final int HANDSHAKES_AT_ONCE = 8;

  private final OwnRuns own;
  private final PreloadRuns preload;
  private final @Nullable PeerTools tools;
  private final long bytes;
  private final long warmup;
  private final int handshakes;

  Plans(
      OwnRuns own,
      PreloadRuns preload,
      @Nullable PeerTools tools,
      long bytes,
      long warmup,
      int handshakes) {
    this.own = own;
    this.preload = preload;
    this.tools = tools;
    this.bytes = bytes;
    this.warmup = warmup;
    this.handshakes = handshakes;
  }

  Plan of(String set) {
    return switch (set) {
      case "peers" -> peers();
      case "sizes" -> sizes();
      case "packets" -> packets();
      case "ciphers" -> ciphers();
      case "streams" -> streams();
      case "connections" -> connections();
      case "ways" -> ways();
      case "handshakes" -> handshakes();
      default -> throw new IllegalArgumentException("no set '" + set + "'");
    };
  }

  private Subject ours(String title, Load load, String reference) {
    return new Subject(load.key(), title, true, reference, () -> own.inProcess(load));
  }

  private void peer(List<Subject> to, String peer, String title, int msgLen, String reference) {
    PeerTools t = tools;
    if (t != null) {
      String key = peer + " " + msgLen;
      to.add(new Subject(key, title, false, reference, () -> t.bulk(peer, bytes, warmup, msgLen)));
    }
  }

  private Plan peers() {
    List<Subject> all = new ArrayList<>();
    all.add(ours(OURS, Load.USUAL, OURS));
    all.add(ours(OURS_NATIVE, Load.USUAL.withAead("ipsec-mb", "aes-128-gcm"), OURS));
    all.add(ours(OURS_JDK, Load.USUAL.withAead("jdk", "aes-128-gcm"), OURS));
    int msg = Load.USUAL.msgLen();
    peer(all, "tcp", "plain TCP, JDK", msg, OURS);
    peer(all, "tls", TLS, msg, OURS);
    peer(all, "netty-gso", NETTY, msg, OURS);
    peer(all, "netty-epoll", "netty (quiche), epoll", msg, OURS);
    peer(all, "netty-nio", "netty (quiche), NIO", msg, OURS);
    peer(all, "kwik", "kwik", msg, OURS);
    return Plan.bulk(
        PEERS,
        all,
        "One connection between two processes, AES-128-GCM, datagrams of at most 1452 bytes (kwik: 1252). Ours takes"
            + " the fastest AEAD it finds. kwik uploads a quarter of the bytes, since it stalls in long uploads.");
  }

  private Plan sizes() {
    List<Subject> all = new ArrayList<>();
    for (int kib : List.of(1, 4, 16, 64)) {
      int msg = kib << 10;
      String mine = kib + " KiB";
      all.add(ours(mine, Load.USUAL.withMsgLen(msg), mine));
      peer(all, "tls", mine + ", " + TLS, msg, mine);
      peer(all, "tcp", mine + ", plain TCP, JDK", msg, mine);
      peer(all, "netty-gso", mine + ", " + NETTY, msg, mine);
    }
    return Plan.bulk(SIZES, all, "");
  }

  private Plan packets() {
    List<Subject> all = new ArrayList<>();
    String usual = "IPv4, 1452 bytes";
    for (String address : List.of("127.0.0.1", "::1")) {
      for (int payload : List.of(1_200, 1_452, 8_952)) {
        String family = address.equals("::1") ? "IPv6, " : "IPv4, ";
        String title = family + payload + " bytes";
        all.add(ours(title, Load.USUAL.withPayload(address, payload), usual));
      }
    }
    return Plan.bulk(
        "By address family and size of datagrams",
        all,
        "Both ends were told of so many bytes (--max-datagram, --payload); what the search for the path's MTU arrived at"
            + " is beside it. 8952 is what an interface with an MTU of 9000 leaves over IPv6; the other figures are for"
            + " Ethernet's datagrams.");
  }

  private Plan ciphers() {
    List<Subject> all = new ArrayList<>();
    String usual = "aes-128-gcm, ipsec-mb";
    for (String aead : List.of("ipsec-mb", "jdk")) {
      for (String cipher : List.of("aes-128-gcm", "aes-256-gcm", "chacha20-poly1305")) {
        all.add(ours(cipher + ", " + aead, Load.USUAL.withAead(aead, cipher), usual));
      }
    }
    return Plan.bulk(
        "By cipher",
        all,
        "ipsec-mb has AES only; ChaCha20 comes from the JDK either way. There is no row without encryption, since"
            + " disable_1rtt_encryption takes both ends' consent and has no place between programs that do TLS.");
  }

  private Plan streams() {
    List<Subject> all = new ArrayList<>();
    for (int n : List.of(1, 10, 100)) {
      all.add(ours(many(n, "stream"), Load.USUAL.withMany(n, 1), "1 stream"));
    }
    return Plan.bulk("By streams of one connection", all, "");
  }

  private Plan connections() {
    List<Subject> all = new ArrayList<>();
    for (int n : List.of(1, 10, 100)) {
      all.add(ours(many(n, "connection"), Load.USUAL.withMany(1, n), "1 connection"));
    }
    return Plan.bulk(
        "By connections",
        all,
        "All together move as many bytes; each has a thread of its own at both ends.");
  }

  private static String many(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  private Plan ways() {
    List<Subject> all = new ArrayList<>();
    all.add(ours(WITHIN, Load.USUAL, WITHIN));
    all.add(new Subject("across", ACROSS, true, WITHIN, () -> own.acrossProcesses(Load.USUAL)));
    all.add(new Subject("preload", "in C, by the preload library", true, WITHIN, preload::run));
    return Plan.bulk(
        WAYS,
        all,
        "Each end has a data plane of its own. The CPU of a data plane beside the program is counted with it.");
  }

  private Plan handshakes() {
    List<Subject> all = new ArrayList<>();
    all.add(
        new Subject(
            "own handshakes",
            OURS,
            true,
            OURS,
            () -> own.handshakes(6 * handshakes, HANDSHAKES_AT_ONCE)));
    PeerTools t = tools;
    if (t != null) {
      for (String peer : List.of("tls", "netty-epoll", "kwik")) {
        all.add(
            new Subject(
                peer + " handshakes",
                peer.equals("tls") ? TLS : peer,
                false,
                OURS,
                () -> t.handshakes(peer, handshakes, HANDSHAKES_AT_ONCE)));
      }
    }
    return new Plan(
        "Full handshakes, 8 at a time, both ends on all processors",
        "a second",
        "ms each",
        all,
        "Ours are whole: consumer, bus, daemon, packets, with a data plane and a daemon for each end.");
  }

  /** What must hold, as far as the chapters tell. */
  static List<Goal> goals(List<Chapter> chapters) {
    double jdk = value(chapters, PEERS, OURS_JDK);
    double fast = value(chapters, PEERS, OURS_NATIVE);
    double tls = value(chapters, PEERS, TLS);
    double netty = value(chapters, PEERS, NETTY);
    return List.of(
        new Goal("AES of the JDK ÷ JDK TLS over TCP", 1, jdk / tls),
        new Goal("AES of the JDK ÷ netty with GSO", 4, jdk / netty),
        new Goal("AES of ipsec-mb ÷ JDK TLS over TCP", 1.5, fast / tls),
        new Goal("AES of ipsec-mb ÷ netty with GSO", 6, fast / netty),
        new Goal(
            "a process beside the data plane ÷ within it",
            0.7,
            value(chapters, WAYS, ACROSS) / value(chapters, WAYS, WITHIN)),
        new Goal("messages of 1 KiB, Gbit/s", 2, value(chapters, SIZES, SMALL)));
  }

  private static double value(List<Chapter> chapters, String chapter, String title) {
    for (Chapter c : chapters) {
      for (Row row : c.rows()) {
        Sample s = row.median();
        if (c.title().equals(chapter) && row.title().equals(title) && s != null) {
          return s.value();
        }
      }
    }
    return Double.NaN;
  }
}
