package dev.quic.handshaked.tls.gnutls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsOutcome;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * GnuTLS behind our own interface: a foreign peer in both roles. Confined to one thread. Its
 * transport parameters are given at construction, for a server as well. Whole messages reach
 * GnuTLS, however they were cut.
 */
public final class GnuTlsEngine implements TlsEngine, GnuTlsCallbacks.Listener {
  private static final int SERVER = 1;
  private static final int CLIENT = 1 << 1;
  private static final int NONBLOCK = 1 << 3;
  private static final int NO_TICKETS = 1 << 10;
  private static final int KEY_SHARE_TOP = 1 << 11;
  private static final int ENABLE_EARLY_DATA = 1 << 20;
  private static final int NO_AUTO_SEND_TICKET = 1 << 21;
  private static final int NO_END_OF_EARLY_DATA = 1 << 22;
  private static final int CERT_REQUEST = 1;
  private static final int CERT_REQUIRE = 2;
  private static final int ALPN_MANDATORY = 1;
  private static final int NAME_DNS = 1;
  private static final int CRD_PSK = 4;
  private static final int SESSION_TICKET_RECEIVED = 1 << 7;
  private static final int EARLY_DATA = 1 << 10;

  /** Calls of gnutls_handshake in a row that may ask to be called again. */
  private static final int MAX_CALLS = 20;

  private static final int HEADER = 4;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment session;
  private final GnuTlsCredentials credentials;
  private final GnuTlsCallbacks callbacks;
  private final boolean client;
  private final boolean sendsTickets;
  private final List<TlsEvent> events = new ArrayList<>();
  private final ByteArrayOutputStream input = new ByteArrayOutputStream();
  private byte @Nullable [] resumable;
  private boolean complete;
  private boolean failed;
  private boolean closed;

  public GnuTlsEngine(GnuTlsSettings settings) {
    client = settings.client;
    sendsTickets = !client && settings.ticketKey != null;
    MemorySegment out = arena.allocate(ADDRESS);
    GnuTls.check("gnutls_init", out, flags(settings));
    session = out.get(ADDRESS, 0);
    GnuTls.check(
        "gnutls_priority_set_direct",
        session,
        arena.allocateFrom(settings.priority()),
        MemorySegment.NULL);
    callbacks = new GnuTlsCallbacks(session, settings.transportParameters, this, arena);
    credentials = new GnuTlsCredentials(session, settings, arena);
    alpn(settings.alpn);
    verification(settings);
    if (!settings.pskOnly || settings.ticketKey != null) {
      resumption(settings);
    }
  }

  private static int flags(GnuTlsSettings settings) {
    int flags =
        (settings.client ? CLIENT | KEY_SHARE_TOP : SERVER)
            | NONBLOCK
            | NO_AUTO_SEND_TICKET
            | NO_END_OF_EARLY_DATA;
    if (!settings.client && settings.ticketKey == null) {
      flags |= NO_TICKETS;
    }
    if (settings.offerEarlyData || settings.earlyData != null) {
      flags |= ENABLE_EARLY_DATA;
    }
    return flags;
  }

  private void alpn(List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    long each = GnuTls.DATUM.byteSize();
    MemorySegment protocols = arena.allocate(GnuTls.DATUM, names.size());
    for (int i = 0; i < names.size(); i++) {
      byte[] name = names.get(i).getBytes(StandardCharsets.UTF_8);
      protocols.asSlice(i * each, each).copyFrom(GnuTls.datum(arena, name));
    }
    GnuTls.check("gnutls_alpn_set_protocols", session, protocols, names.size(), ALPN_MANDATORY);
  }

  private void verification(GnuTlsSettings settings) {
    String name = settings.peerName;
    MemorySegment host = name == null ? MemorySegment.NULL : arena.allocateFrom(name);
    if (name != null) {
      GnuTls.check("gnutls_server_name_set", session, NAME_DNS, host, (long) name.length());
    }
    // GnuTLS's own check fails without a certificate, even one that was only asked for.
    if (settings.trust != null && !settings.requestCertificate) {
      GnuTls.run("gnutls_session_set_verify_cert", session, host, 0);
    }
    if (settings.requestCertificate || settings.requireCertificate) {
      int how = settings.requireCertificate ? CERT_REQUIRE : CERT_REQUEST;
      GnuTls.run("gnutls_certificate_server_set_request", session, how);
    }
  }

  private void resumption(GnuTlsSettings settings) {
    byte[] data = settings.session;
    if (data != null) {
      MemorySegment copy = GnuTls.datum(arena, data).get(ADDRESS, 0);
      GnuTls.check("gnutls_session_set_data", session, copy, (long) data.length);
    }
    if (settings.ticketKey != null) {
      MemorySegment key = GnuTls.datum(arena, settings.ticketKey);
      GnuTls.check("gnutls_session_ticket_enable_server", session, key);
    }
    if (settings.earlyData != null) {
      GnuTls.run("gnutls_anti_replay_enable", session, settings.earlyData.pointer());
      // RFC 9001 section 4.6.1.
      GnuTls.check("gnutls_record_set_max_early_data_size", session, 0xffffffffL);
    }
  }

  /** A key for {@link GnuTlsSettings#tickets}. */
  public static byte[] newTicketKey() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment datum = arena.allocate(GnuTls.DATUM);
      GnuTls.check("gnutls_session_ticket_key_generate", datum);
      return GnuTls.takeOver(datum);
    }
  }

  // ---- TlsEngine

  @Override
  public void start() {
    if (client) {
      advance();
    }
  }

  @Override
  public void receive(CryptoLevel level, byte[] bytes, int off, int len) {
    input.write(bytes, off, len);
    while (!failed) {
      byte[] all = input.toByteArray();
      int length = all.length < HEADER ? Integer.MAX_VALUE : messageLength(all);
      if (length > all.length) {
        return;
      }
      input.reset();
      input.write(all, length, all.length - length);
      write(level, Arrays.copyOf(all, length));
    }
  }

  private static int messageLength(byte[] b) {
    return HEADER + ((b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | (b[3] & 0xff));
  }

  private void write(CryptoLevel level, byte[] message) {
    int number =
        switch (level) {
          case INITIAL -> 0;
          case EARLY -> 1;
          case HANDSHAKE -> 2;
          case APP -> 3;
        };
    int result;
    try (Arena call = Arena.ofConfined()) {
      MemorySegment copy = GnuTls.datum(call, message).get(ADDRESS, 0);
      result = GnuTls.call("gnutls_handshake_write", session, number, copy, (long) message.length);
    }
    callbacks.rethrow();
    if (result < 0 && result != GnuTls.E_AGAIN) {
      fail(result);
    } else if (!complete) {
      advance();
    } else {
      afterHandshake(message);
    }
  }

  private void afterHandshake(byte[] message) {
    events.add(new TlsEvent.Ticket(message));
    if (hasFlag(SESSION_TICKET_RECEIVED)) {
      try (Arena call = Arena.ofConfined()) {
        MemorySegment datum = call.allocate(GnuTls.DATUM);
        GnuTls.check("gnutls_session_get_data2", session, datum);
        resumable = GnuTls.takeOver(datum);
      }
    }
  }

  private void advance() {
    for (int i = 0; i < MAX_CALLS; i++) {
      int result = GnuTls.call("gnutls_handshake", session);
      callbacks.rethrow();
      if (result == 0) {
        completed();
        return;
      }
      if (result == GnuTls.E_AGAIN || result == GnuTls.E_INTERRUPTED) {
        return;
      }
      if (GnuTls.call("gnutls_error_is_fatal", result) != 0) {
        fail(result);
        return;
      }
    }
    throw new AssertionError("gnutls_handshake does not end");
  }

  private void completed() {
    complete = true;
    events.add(new TlsEvent.Complete(outcome()));
    if (sendsTickets) {
      GnuTls.check("gnutls_session_ticket_send", session, 1, 0);
      callbacks.rethrow();
    }
  }

  private TlsOutcome outcome() {
    return new TlsOutcome(
        selectedAlpn(),
        serverName(),
        peerCertificates(),
        cipher("gnutls_cipher_get"),
        group(),
        pskIdentity(),
        resumed(),
        earlyDataAccepted(),
        new GnuTlsExporter(session),
        null);
  }

  private void fail(int error) {
    failed = true;
    complete = false;
    boolean told = events.stream().anyMatch(TlsEvent.Alert.class::isInstance);
    int alert = GnuTls.call("gnutls_error_to_alert", error, MemorySegment.NULL);
    events.removeIf(event -> !(event instanceof TlsEvent.Alert));
    if (!told) {
      events.add(new TlsEvent.Alert(alert, GnuTls.error(error)));
    }
  }

  @Override
  public void localTransportParameters(byte[] body) {
    throw new IllegalStateException("nobody asked");
  }

  @Override
  public List<TlsEvent> drain() {
    List<TlsEvent> out = List.copyOf(events);
    events.clear();
    return out;
  }

  @Override
  public boolean isComplete() {
    return complete;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      GnuTls.run("gnutls_deinit", session);
      credentials.close();
      arena.close();
    }
  }

  // ---- what GnuTLS knows

  /** Whether the session was resumed or used an external pre-shared key. */
  public boolean resumed() {
    return GnuTls.call("gnutls_session_is_resumed", session) != 0;
  }

  /** Whether early data was accepted. */
  public boolean earlyDataAccepted() {
    return hasFlag(EARLY_DATA);
  }

  /** A client's for the next time; null before a ticket came. */
  public byte @Nullable [] session() {
    return resumable == null ? null : resumable.clone();
  }

  private int cipher(String function) {
    return switch (GnuTls.call(function, session)) {
      case 10 -> 51;
      case 11 -> 52;
      case 23 -> 54;
      default -> throw new AssertionError("a cipher that was not offered");
    };
  }

  /** NamedGroup of the key exchange. */
  private int group() {
    return switch (GnuTls.call("gnutls_group_get", session)) {
      case 2 -> 0x17;
      case 3 -> 0x18;
      case 6 -> 0x1d;
      default -> throw new AssertionError("a group that was not offered");
    };
  }

  /** A server's, empty for none; a client's was told by the test. */
  private byte[] pskIdentity() {
    if (client || GnuTls.call("gnutls_auth_get_type", session) != CRD_PSK) {
      return new byte[0];
    }
    MemorySegment name = GnuTls.pointer("gnutls_psk_server_get_username", session);
    return name.address() == 0 ? new byte[0] : name.getString(0).getBytes(StandardCharsets.UTF_8);
  }

  private boolean hasFlag(int flag) {
    return (GnuTls.call("gnutls_session_get_flags", session) & flag) != 0;
  }

  private @Nullable String selectedAlpn() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment datum = call.allocate(GnuTls.DATUM);
      return GnuTls.call("gnutls_alpn_get_selected_protocol", session, datum) < 0
          ? null
          : new String(GnuTls.bytes(datum), StandardCharsets.UTF_8);
    }
  }

  private @Nullable String serverName() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment name = call.allocate(256);
      MemorySegment length = call.allocate(JAVA_LONG);
      length.set(JAVA_LONG, 0, name.byteSize());
      MemorySegment type = call.allocate(JAVA_INT);
      return GnuTls.call("gnutls_server_name_get", session, name, length, type, 0) < 0
          ? null
          : name.getString(0);
    }
  }

  private List<byte[]> peerCertificates() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment count = call.allocate(JAVA_INT);
      MemorySegment list = GnuTls.pointer("gnutls_certificate_get_peers", session, count);
      List<byte[]> chain = new ArrayList<>();
      if (list.address() != 0) {
        for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
          chain.add(GnuTls.bytes(list.asSlice(i * GnuTls.DATUM.byteSize())));
        }
      }
      return chain;
    }
  }

  // ---- callbacks

  @Override
  public void message(int level, byte[] bytes) {
    events.add(new TlsEvent.Crypto(level(level), bytes));
  }

  @Override
  public void secrets(int level, byte @Nullable [] read, byte @Nullable [] write) {
    int cipher = cipher(level == 1 ? "gnutls_early_cipher_get" : "gnutls_cipher_get");
    if (write != null) {
      events.add(new TlsEvent.Secret(level(level), true, cipher, write));
    }
    if (read != null) {
      events.add(new TlsEvent.Secret(level(level), false, cipher, read));
    }
  }

  @Override
  public void alert(int description) {
    events.add(new TlsEvent.Alert(description, "GnuTLS said so"));
  }

  @Override
  public void transportParameters(byte[] body) {
    events.add(new TlsEvent.PeerTransportParameters(body));
  }

  private static CryptoLevel level(int number) {
    return switch (number) {
      case 0 -> CryptoLevel.INITIAL;
      case 1 -> CryptoLevel.EARLY;
      case 2 -> CryptoLevel.HANDSHAKE;
      default -> CryptoLevel.APP;
    };
  }
}
