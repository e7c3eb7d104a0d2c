package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.KeyLog;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsExporter;
import dev.quic.handshaked.tls.cert.CertificateFault;
import dev.quic.handshaked.tls.cert.ChainValidator;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.HandshakeType;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsSecret;
import org.jspecify.annotations.Nullable;

/**
 * What both roles share: framing, the guard of levels, synthetic records, events, and the way from
 * an exception to an alert.
 */
abstract class BcEngine implements TlsEngine, ProtocolHooks {
  /** Bytes of a handshake message's body; longer ones are refused. */
  static final int MAX_MESSAGE = 1 << 16;

  /** Certificates in a peer's chain. */
  static final int MAX_CHAIN = 10;

  /** Bytes of handshake content in a record (RFC 8446 section 5.1). */
  private static final int MAX_RECORD = 1 << 14;

  private static final int RECORD_HEADER = 5;

  private static final int RANDOM = 32;

  /** Offset of the random in both hellos: header, legacy_version. */
  private static final int RANDOM_AT = MessageBuffer.HEADER + 2;

  /** The random of a HelloRetryRequest (RFC 8446 section 4.1.3). */
  private static final byte[] RETRY_RANDOM =
      HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

  private final ArrayDeque<TlsEvent> events = new ArrayDeque<>();
  private final EnumSet<Hook> fired = EnumSet.noneOf(Hook.class);
  private final MessageBuffer input = new MessageBuffer();
  private final MessageBuffer output = new MessageBuffer();
  private final Transcript transcript = new Transcript();
  private final KeyLog keyLog;
  private final QuicCrypto crypto;
  private byte[] clientRandom = new byte[RANDOM];
  private boolean retried;
  private CryptoLevel receiveLevel = CryptoLevel.INITIAL;
  private int currentType = -1;
  private boolean handshakeSecretsOut;
  private boolean complete;
  private boolean failed;
  private boolean closed;

  /** Those of a connection, whose traffic secrets bctls keeps for key updates. */
  private @Nullable SecurityParameters parameters;

  BcEngine(TlsConfig config) {
    this.keyLog = config.keyLog();
    this.crypto = QuicCrypto.of(config.libcrypto());
  }

  final QuicCrypto crypto() {
    return crypto;
  }

  /** The protocol object of the role. */
  abstract TlsProtocol protocol();

  /** Starts the protocol object. */
  abstract void begin() throws IOException;

  /** Takes a whole message that came at the right level and hands it to {@link #offer}. */
  abstract void message(int type, byte[] message) throws IOException;

  abstract boolean isClient();

  @Override
  public final void start() {
    guarded(this::begin);
  }

  @Override
  public final void receive(CryptoLevel level, byte[] bytes, int off, int len) {
    guarded(() -> take(level, bytes, off, len));
  }

  private void take(CryptoLevel level, byte[] bytes, int off, int len) throws IOException {
    checkLevel(level, len);
    input.add(bytes, off, len);
    while (!failed) {
      if (input.messageLength() > MessageBuffer.HEADER + MAX_MESSAGE) {
        throw new Refusal(
            AlertDescription.illegal_parameter, "the peer sent a handshake message above 64 KiB");
      }
      byte[] message = input.next();
      if (message == null) {
        return;
      }
      currentType = message[0] & 0xff;
      CryptoLevel before = receiveLevel;
      note(message);
      message(currentType, message);
      // RFC 8446 section 5.1: a message before a key change ends its flight.
      if (receiveLevel != before && !input.isEmpty()) {
        throw new Refusal(
            AlertDescription.unexpected_message, "the peer's message runs across a key change");
      }
      currentType = -1;
    }
  }

  /** Keeps the transcript; a malformed hello is left to bctls. */
  private void note(byte[] message) {
    if (complete) {
      return;
    }
    boolean hello = message.length >= RANDOM_AT + RANDOM + 3;
    if (hello && message[0] == HandshakeType.client_hello) {
      clientRandom = Arrays.copyOfRange(message, RANDOM_AT, RANDOM_AT + RANDOM);
    } else if (hello && message[0] == HandshakeType.server_hello) {
      int end = RANDOM_AT + RANDOM;
      boolean retry = Arrays.equals(message, RANDOM_AT, end, RETRY_RANDOM, 0, RANDOM);
      int suiteAt = end + 1 + (message[end] & 0xff);
      if (suiteAt + 2 <= message.length) {
        int suite = (message[suiteAt] & 0xff) << 8 | (message[suiteAt + 1] & 0xff);
        transcript.begin(Suites.hash(suite), retry);
        retried |= retry;
      }
    }
    transcript.add(message);
  }

  /** Whether a HelloRetryRequest was sent or came. */
  final boolean wasRetried() {
    return retried;
  }

  // RFC 9001 section 4.1.3.
  private void checkLevel(CryptoLevel level, int len) throws IOException {
    if (level != receiveLevel && len > 0) {
      throw new Refusal(
          AlertDescription.unexpected_message,
          "the peer sent handshake bytes at level " + level + ", expected " + receiveLevel);
    }
  }

  /** Says which message a step outside {@link #receive} works on, for the alert if it fails. */
  final void workingOn(int type) {
    currentType = type;
  }

  /** Wraps a whole message into records and gives it to bctls. */
  final void offer(byte[] message) throws IOException {
    boolean inner = receiveLevel != CryptoLevel.INITIAL;
    for (int off = 0; off < message.length; off += MAX_RECORD) {
      int len = Math.min(MAX_RECORD, message.length - off);
      byte[] record = new byte[RECORD_HEADER + len + (inner ? 1 : 0)];
      // bctls switches its read cipher when it first sees a protected record, hence type 23.
      record[0] = (byte) (inner ? ContentType.application_data : ContentType.handshake);
      record[1] = 3;
      record[2] = 3;
      int length = record.length - RECORD_HEADER;
      record[3] = (byte) (length >> 8);
      record[4] = (byte) length;
      System.arraycopy(message, off, record, RECORD_HEADER, len);
      if (inner) {
        record[record.length - 1] = (byte) ContentType.handshake;
      }
      protocol().offerInput(record);
    }
  }

  @Override
  public final List<TlsEvent> drain() {
    List<TlsEvent> out = new ArrayList<>(events);
    events.clear();
    return out;
  }

  @Override
  public final boolean isComplete() {
    return complete;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    failed = true;
    wipeSecrets();
    events.clear();
    try {
      protocol().close();
    } catch (IOException | RuntimeException e) {
      // It was never started, or failed before: nothing is left to wipe.
    }
    wipe(parameters);
    crypto.destroy();
  }

  private static void wipe(@Nullable SecurityParameters of) {
    if (of != null) {
      for (TlsSecret secret :
          new TlsSecret[] {of.getTrafficSecretClient(), of.getTrafficSecretServer()}) {
        if (secret != null) {
          secret.destroy();
        }
      }
    }
  }

  private void wipeSecrets() {
    for (TlsEvent event : events) {
      switch (event) {
        case TlsEvent.Secret secret -> secret.destroy();
        case TlsEvent.Complete done -> done.outcome().destroy();
        default -> {}
      }
    }
  }

  final void emit(TlsEvent event) {
    events.add(event);
  }

  final boolean hasFailed() {
    return failed;
  }

  final void completed() {
    complete = true;
    receiveLevel = CryptoLevel.APP;
  }

  /** Which hooks bctls has called. */
  final Set<Hook> fired() {
    return fired;
  }

  // ---- hooks

  @Override
  public final void fired(Hook hook) {
    fired.add(hook);
  }

  @Override
  public final void output(byte[] buf, int off, int len, SecurityParameters parameters)
      throws IOException {
    fired(Hook.OUTPUT);
    output.add(buf, off, len);
    for (byte[] message = output.next(); message != null; message = output.next()) {
      CryptoLevel level =
          switch (message[0]) {
            case HandshakeType.client_hello, HandshakeType.server_hello -> CryptoLevel.INITIAL;
            case HandshakeType.new_session_ticket -> CryptoLevel.APP;
            default -> CryptoLevel.HANDSHAKE;
          };
      if (level == CryptoLevel.HANDSHAKE) {
        handshakeSecrets(parameters);
      }
      note(message);
      emit(new TlsEvent.Crypto(level, message));
      sent(message);
    }
  }

  @Override
  public final void handshakeSecrets(SecurityParameters parameters) throws IOException {
    if (!handshakeSecretsOut) {
      handshakeSecretsOut = true;
      receiveLevel = CryptoLevel.HANDSHAKE;
      secret(CryptoLevel.HANDSHAKE, true, parameters);
      secret(CryptoLevel.HANDSHAKE, false, parameters);
    }
  }

  /** A message was handed out. */
  void sent(byte[] message) throws IOException {}

  /** Emits one of the two traffic secrets of the phase that the parameters are in. */
  final void secret(CryptoLevel level, boolean send, SecurityParameters parameters)
      throws IOException {
    this.parameters = parameters;
    boolean clients = send == isClient();
    byte[] bytes =
        KeySchedule.bytes(
            clients ? parameters.getTrafficSecretClient() : parameters.getTrafficSecretServer());
    String label =
        switch (level) {
          case HANDSHAKE ->
              clients ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "SERVER_HANDSHAKE_TRAFFIC_SECRET";
          default -> clients ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0";
        };
    keyLog.secret(label, clientRandom, bytes);
    emit(new TlsEvent.Secret(level, send, Suites.type(parameters.getCipherSuite()), bytes));
  }

  /** Emits the secret of early data, of the first ClientHello. */
  final void earlySecret(boolean send, Psk psk, int suite, byte[] hello) throws IOException {
    byte[] hash = KeySchedule.digest(psk.hash()).digest(hello);
    byte[] bytes = KeySchedule.earlyTraffic(psk.key(), psk.hash(), hash);
    keyLog.secret("CLIENT_EARLY_TRAFFIC_SECRET", clientRandom, bytes);
    emit(new TlsEvent.Secret(CryptoLevel.EARLY, send, Suites.type(suite), bytes));
  }

  /** Of a handshake that is completing: bctls wipes its own exporter secret afterwards. */
  final TlsExporter exporter(SecurityParameters parameters) throws IOException {
    byte[] secret = KeySchedule.bytes(parameters.getExporterMasterSecret());
    keyLog.secret("EXPORTER_SECRET", clientRandom, secret);
    return new Exporter(secret, parameters.getPRFCryptoHashAlgorithm());
  }

  /** Of a handshake that is completing, both Finished being in the transcript. */
  final byte[] resumptionMaster(SecurityParameters parameters) throws IOException {
    return KeySchedule.resumptionMaster(
        parameters.getMasterSecret(), parameters.getPRFCryptoHashAlgorithm(), transcript.hash());
  }

  // ---- certificates

  /** A peer's chain in DER, as bctls parsed it: what it verifies is what we validate. */
  static List<byte[]> der(@Nullable Certificate chain) throws IOException {
    List<byte[]> der = new ArrayList<>();
    if (chain != null) {
      for (TlsCertificate certificate : chain.getCertificateList()) {
        der.add(certificate.getEncoded());
      }
    }
    return der;
  }

  static void validate(ChainValidator validator, Certificate chain, Clock clock)
      throws IOException {
    try {
      validator.validate(der(chain), clock.instant());
    } catch (CertificateFault e) {
      throw new Refusal(e.alert(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * Walks the lengths of a Certificate message, since bctls allocates what they claim before it
   * reads (RFC 8446 section 4.4.2).
   */
  static void checkCertificateLengths(byte[] message) throws IOException {
    int at = MessageBuffer.HEADER;
    if (message.length < at + 4) {
      throw malformed("Certificate");
    }
    at += 1 + (message[at] & 0xff);
    at += 3;
    if (at > message.length || uint24(message, at - 3) != message.length - at) {
      throw malformed("Certificate");
    }
    int count = 0;
    while (at < message.length) {
      if (++count > MAX_CHAIN) {
        throw new Refusal(
            AlertDescription.bad_certificate, "the peer's chain has more than 10 certificates");
      }
      at = after(message, at, 3);
      at = after(message, at, 2);
    }
  }

  /** The offset behind a vector with a length of so many bytes. */
  private static int after(byte[] message, int at, int lengthBytes) throws IOException {
    if (message.length - at < lengthBytes) {
      throw malformed("Certificate");
    }
    int length =
        lengthBytes == 3
            ? uint24(message, at)
            : (message[at] & 0xff) << 8 | (message[at + 1] & 0xff);
    if (message.length - at - lengthBytes < length) {
      throw malformed("Certificate");
    }
    return at + lengthBytes + length;
  }

  private static int uint24(byte[] b, int at) {
    return (b[at] & 0xff) << 16 | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff);
  }

  static void checkSignatureScheme(byte[] message) throws IOException {
    if (message.length < MessageBuffer.HEADER + 2) {
      throw malformed("CertificateVerify");
    }
    int scheme = (message[4] & 0xff) << 8 | (message[5] & 0xff);
    if (!Signers.isForMessages(scheme)) {
      throw new Refusal(AlertDescription.illegal_parameter, "the peer signed with RSA PKCS#1 v1.5");
    }
  }

  static Refusal malformed(String what) {
    return new Refusal(AlertDescription.decode_error, "the peer sent a malformed " + what);
  }

  // ---- errors

  /** A step that may fail with an alert. */
  interface Step {
    void run() throws IOException;
  }

  final void guarded(Step step) {
    if (failed) {
      return;
    }
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      fail(Alerts.of(e, currentType));
    } catch (StackOverflowError e) {
      // Deeply nested ASN.1 of the peer's: refused, as any other malformed message.
      fail(new TlsEvent.Alert(AlertDescription.decode_error, "the peer sent a malformed message"));
    }
  }

  private void fail(TlsEvent.Alert alert) {
    failed = true;
    complete = false;
    // Nothing that was about to happen may happen now: no secret, no message, least of all
    // Complete.
    wipeSecrets();
    events.removeIf(event -> !(event instanceof TlsEvent.Alert));
    emit(alert);
  }
}
