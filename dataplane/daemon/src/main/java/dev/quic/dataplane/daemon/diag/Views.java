package dev.quic.dataplane.daemon.diag;

import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.SockInfo;
import dev.quic.dataplane.daemon.front.ShardLink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tables as text: {@code snmp}, {@code conns} and {@code eps} as the kernel has them under
 * /proc/net/quic, and {@code sockets}, ours, with all that {@link SockInfo} tells. Any thread.
 */
public final class Views {
  /** The views there are. */
  public static final List<String> NAMES = List.of("snmp", "conns", "eps", "sockets");

  private final List<ShardLink> shards;

  public Views(List<ShardLink> shards) {
    this.shards = List.copyOf(shards);
  }

  /**
   * Takes a view.
   *
   * @param name one of {@link #NAMES}
   * @param then gets the text, on a shard's thread
   */
  public void text(String name, Consumer<byte[]> then) {
    Snapshot.take(
        shards,
        !name.equals("snmp"),
        s -> then.accept(write(name, s).getBytes(StandardCharsets.US_ASCII)));
  }

  private static String write(String name, Snapshot s) {
    StringBuilder out = new StringBuilder();
    switch (name) {
      case "snmp" -> snmp(out, s);
      case "conns" -> {
        out.append(
            "SOCK\tSTATE\tLOCAL_ADDRESS\tREMOTE_ADDRESS\tUDP_ADDRESS\tWINDOW\tMSS\tIN_FLIGHT");
        out.append("\tTX_QUEUE\tRX_QUEUE\tSNDBUF\tRCVBUF\tUID\tINODE\n");
        s.forEach(i -> conn(out, i));
      }
      case "eps" -> {
        out.append("SOCK\tSTATE\tLOCAL_ADDRESS\tUDP_ADDRESS\tUID\tINODE\n");
        s.forEach(i -> endpoint(out, i));
      }
      default -> {
        out.append(
            "cookie\tstate\trole\tlocal\tremote\tudp\talpn\tnames\tscid\tdcid\tversion\trtt_us");
        out.append(
            "\trttvar_us\tcwnd\tmss\tin_flight\ttx_queue\trx_queue\tsndbuf\trcvbuf\tuid\tpid\n");
        s.forEach(i -> socket(out, i));
      }
    }
    return out.toString();
  }

  /** Names of 32 columns, as in the kernel's other tables of this kind. */
  private static void snmp(StringBuilder out, Snapshot s) {
    for (int m = 0; m < Mib.COUNT; m++) {
      String name = Mib.name(m);
      out.append(name).repeat(' ', Math.max(0, 32 - name.length())).append('\t');
      out.append(s.counter(m)).append('\n');
    }
  }

  private static void conn(StringBuilder out, SockInfo i) {
    if (!i.isConnection()) {
      return;
    }
    start(out, i);
    tab(out, address(i.local()));
    tab(out, address(i.remote()));
    tab(out, address(i.udp()));
    tab(out, i.cwnd());
    tab(out, i.mss());
    tab(out, i.inFlight());
    tab(out, i.txQueue());
    tab(out, i.rxQueue());
    tab(out, i.sndbuf());
    tab(out, i.rcvbuf());
    end(out, i);
  }

  private static void endpoint(StringBuilder out, SockInfo i) {
    if (i.isConnection() || i.local() == null) {
      return;
    }
    start(out, i);
    tab(out, address(i.local()));
    tab(out, address(i.udp()));
    end(out, i);
  }

  private static void start(StringBuilder out, SockInfo i) {
    String hex = Long.toHexString(i.cookie());
    out.repeat('0', 16 - hex.length()).append(hex).append('\t').append(i.state());
  }

  private static void end(StringBuilder out, SockInfo i) {
    tab(out, Math.max(0, i.uid()));
    tab(out, i.cookie());
    out.append('\n');
  }

  private static void socket(StringBuilder out, SockInfo i) {
    out.append(i.cookie());
    tab(out, state(i.state()));
    tab(
        out,
        i.isListener() ? "listener" : !i.isConnection() ? "-" : i.server() ? "server" : "client");
    tab(out, address(i.local()));
    tab(out, address(i.remote()));
    tab(out, address(i.udp()));
    tab(out, orDash(i.alpn()));
    tab(out, orDash(i.names()));
    tab(out, orDash(i.scid()));
    tab(out, orDash(i.dcid()));
    tab(out, i.version() == 0 ? "-" : String.format(Locale.ROOT, "0x%08x", i.version()));
    for (long n :
        new long[] {
          i.rtt() / 1_000,
          i.rttVariance() / 1_000,
          i.cwnd(),
          i.mss(),
          i.inFlight(),
          i.txQueue(),
          i.rxQueue(),
          i.sndbuf(),
          i.rcvbuf(),
          i.uid(),
          i.pid()
        }) {
      tab(out, n);
    }
    out.append('\n');
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String state(int state) {
    return switch (state) {
      case 1 -> "ESTABLISHED";
      case 3 -> "ESTABLISHING";
      case 10 -> "LISTENING";
      default -> "CLOSED";
    };
  }

  private static void tab(StringBuilder out, String text) {
    out.append('\t').append(text);
  }

  private static void tab(StringBuilder out, long n) {
    out.append('\t').append(n);
  }

  /** As the kernel prints them: {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}. */
  static String address(@Nullable SockAddr a) {
    if (a == null) {
      return "-";
    }
    if (a.isV4()) {
      return a.toString();
    }
    return '[' + compressed(a) + "]:" + a.port();
  }

  /** RFC 5952. */
  private static String compressed(SockAddr a) {
    byte[] b = ByteBuffer.allocate(16).putLong(a.hi()).putLong(a.lo()).array();
    int best = -1;
    int most = 1;
    for (int from = 0; from < 8; from++) {
      int n = 0;
      while (from + n < 8 && b[2 * (from + n)] == 0 && b[2 * (from + n) + 1] == 0) {
        n++;
      }
      if (n > most) {
        most = n;
        best = from;
      }
    }
    StringBuilder s = new StringBuilder();
    int i = 0;
    while (i < 8) {
      if (i == best) {
        s.append("::");
        i += most;
      } else {
        s.append(s.isEmpty() || s.charAt(s.length() - 1) == ':' ? "" : ":");
        s.append(Integer.toHexString((b[2 * i] & 0xff) << 8 | b[2 * i + 1] & 0xff));
        i++;
      }
    }
    return s.toString();
  }
}
