package dev.quic.dataplane.core.crypto;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.PacketNumber;
import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * Packet and header protection of one level in one direction (RFC 9001 section 5). Holds the key,
 * the nonce and header scratch, and the usage counters of RFC 9001 section 6.6. Confined to one
 * thread; {@link #destroy} wipes it.
 */
public final class PacketProtection implements Destroyable {
  /** Bytes of the authentication tag that sealing appends. */
  public static final int TAG = QuicCipher.TAG;

  /** Distance from the packet number to the header protection sample. */
  public static final int SAMPLE_OFFSET = 4;

  private final QuicCipher cipher;
  private final QuicVersion version;
  private final AeadProvider aeads;
  private final Aead aead;
  private final HeaderProtection header;
  private final boolean plain;
  private byte[] secret;
  private int[] body = new int[1];
  private long sealed;
  private long failed;
  private boolean headerHandedOn;
  private boolean destroyed;

  private PacketProtection(
      AeadProvider aeads,
      QuicCipher cipher,
      QuicVersion version,
      byte[] secret,
      HeaderProtection header,
      boolean plain) {
    this.plain = plain;
    this.aeads = aeads;
    this.cipher = cipher;
    this.version = version;
    this.secret = secret.clone();
    this.header = header;
    byte[] key = Hkdf.expandLabel(cipher.hash(), secret, version.label("key"), cipher.keyLength());
    byte[] iv = Hkdf.expandLabel(cipher.hash(), secret, version.label("iv"), QuicCipher.IV);
    aead = aeads.create(cipher, key, iv);
    Arrays.fill(key, (byte) 0);
    Arrays.fill(iv, (byte) 0);
  }

  /** {@link #of(AeadProvider, QuicCipher, QuicVersion, byte[])} with the JDK's AEAD. */
  public static PacketProtection of(QuicCipher cipher, QuicVersion version, byte[] secret) {
    return of(AeadProvider.JDK, cipher, version, secret);
  }

  /**
   * From a traffic secret, of which the first {@link QuicCipher#secretLength} bytes count. The
   * secret is copied; the caller wipes its own.
   */
  public static PacketProtection of(
      AeadProvider aeads, QuicCipher cipher, QuicVersion version, byte[] secret) {
    return of(aeads, cipher, version, secret, false);
  }

  /**
   * The same without protection: packets and headers travel as they are, with no tag behind them.
   * Both ends must have agreed to that (Linux's transport parameter 0xbaad); anybody on the path
   * can read, change and forge such packets. Keys and generations are there for form's sake.
   */
  public static PacketProtection none(
      AeadProvider aeads, QuicCipher cipher, QuicVersion version, byte[] secret) {
    return of(aeads, cipher, version, secret, true);
  }

  private static PacketProtection of(
      AeadProvider aeads, QuicCipher cipher, QuicVersion version, byte[] secret, boolean plain) {
    byte[] s = Arrays.copyOf(secret, cipher.secretLength());
    byte[] hp = Hkdf.expandLabel(cipher.hash(), s, version.label("hp"), cipher.keyLength());
    HeaderProtection header = new HeaderProtection(aeads.mask(cipher, hp));
    PacketProtection p = new PacketProtection(aeads, cipher, version, s, header, plain);
    Arrays.fill(s, (byte) 0);
    Arrays.fill(hp, (byte) 0);
    return p;
  }

  /**
   * The next generation (RFC 9001 section 6.1): a new key and nonce, the same header protection,
   * which from now on belongs to the new object. Failed openings carry over, as their limit is the
   * connection's.
   */
  public PacketProtection update() {
    byte[] next =
        Hkdf.expandLabel(cipher.hash(), secret, version.label("ku"), cipher.secretLength());
    PacketProtection p = new PacketProtection(aeads, cipher, version, next, header, plain);
    Arrays.fill(next, (byte) 0);
    p.failed = failed;
    headerHandedOn = true;
    return p;
  }

  /** Bytes that sealing appends: {@link #TAG}, or 0 without protection. */
  public int tag() {
    return plain ? 0 : TAG;
  }

  public QuicCipher cipher() {
    return cipher;
  }

  /**
   * Seals packets in place and protects their headers. The two low bits of each first byte must
   * already hold packet number length - 1, the number must be written, and number plus plaintext
   * must be at least 4 bytes (RFC 9001 section 5.4.2).
   *
   * @param buf 16 bytes behind each plaintext are taken for its tag
   * @param start where each header begins
   * @param pnOff where each packet number begins
   * @param end where each plaintext ends
   * @param from first index used of the arrays
   * @param count packets
   * @param firstPn number of the first, the others follow one by one
   */
  public void sealRun(
      byte[] buf, int[] start, int[] pnOff, int[] end, int from, int count, long firstPn) {
    if (plain) {
      return;
    }
    bodies(buf, start, pnOff, from, count);
    aead.sealRun(buf, start, body, end, from, count, firstPn);
    header.protectRun(buf, start, pnOff, from, count);
    sealed += count;
  }

  private void bodies(byte[] buf, int[] start, int[] pnOff, int from, int count) {
    if (body.length < from + count) {
      body = new int[Math.max(from + count, 2 * body.length)];
    }
    for (int i = from; i < from + count; i++) {
      body[i] = pnOff[i] + (buf[start[i]] & 3) + 1;
    }
  }

  /**
   * {@link #sealRun} of packets that stand back to back, to where the system takes them from, if
   * this key's AEAD can do that ({@link WireAead}). The array stays as it is then.
   *
   * @return address of the first packet's first byte; 0 when nothing was done
   */
  public long sealToWire(
      byte[] buf, int[] start, int[] pnOff, int[] end, int from, int count, long firstPn) {
    if (plain || !(aead instanceof WireAead wire)) {
      return 0;
    }
    bodies(buf, start, pnOff, from, count);
    wire.sealToWire(buf, start, body, end, from, count, firstPn);
    header.protectWire(wire, buf, start, pnOff, from, count);
    sealed += count;
    return wire.wire();
  }

  private final int[] oneStart = new int[1];
  private final int[] onePnOff = new int[1];
  private final int[] oneEnd = new int[1];

  /** {@link #sealRun} of a single packet. */
  public void seal(byte[] buf, int start, int pnOff, int end, long pn) {
    oneStart[0] = start;
    onePnOff[0] = pnOff;
    oneEnd[0] = end;
    sealRun(buf, oneStart, onePnOff, oneEnd, 0, 1, pn);
  }

  /**
   * Takes header protection off packets of one key, in place. A packet too short to sample ({@code
   * end - pnOff < 20}) is left alone and gets length 0.
   *
   * @param end where each packet ends
   * @param pnLen out: packet number length of each, 1 to 4, or 0
   */
  public void unprotectRun(
      byte[] buf, int[] start, int[] pnOff, int[] end, int[] pnLen, int from, int count) {
    if (!plain) {
      header.unprotectRun(buf, start, pnOff, end, pnLen, from, count);
      return;
    }
    for (int i = from; i < from + count; i++) {
      int length = (buf[start[i]] & 3) + 1;
      pnLen[i] = end[i] - pnOff[i] < length ? 0 : length;
    }
  }

  private final int[] oneLen = new int[1];

  /**
   * {@link #unprotectRun} of a single packet.
   *
   * @return packet number length, 1 to 4; 0 when it is too short
   */
  public int unprotect(byte[] buf, int start, int pnOff, int end) {
    oneStart[0] = start;
    onePnOff[0] = pnOff;
    oneEnd[0] = end;
    unprotectRun(buf, oneStart, onePnOff, oneEnd, oneLen, 0, 1);
    return oneLen[0];
  }

  /**
   * The full number of an unprotected packet.
   *
   * @param largest largest number processed in the space, -1 for none
   */
  public static long decodePn(byte[] buf, int pnOff, int pnLen, long largest) {
    return PacketNumber.decode(PacketNumber.read(buf, pnOff, pnLen), pnLen, largest);
  }

  /**
   * Opens one unprotected packet in place: the plaintext begins at {@code pnOff + pnLen}.
   *
   * @param end where the packet, tag included, ends
   * @return plaintext length, 0 or more; -1 when it is not authentic, which is counted, or its
   *     number is none
   */
  public int open(byte[] buf, int start, int pnOff, int pnLen, int end, long pn) {
    int bodyOff = pnOff + pnLen;
    if (pn > PacketNumber.MAX) {
      // RFC 9000 section 12.3; no ACK frame could name it.
      return -1;
    }
    if (plain) {
      return end - bodyOff;
    }
    int n = end - bodyOff < TAG ? -1 : aead.open(buf, start, bodyOff, end, pn);
    if (n < 0) {
      failed++;
    }
    return n;
  }

  /** Packets sealed with this key. */
  public long sealed() {
    return sealed;
  }

  /** Packets that failed to open with this and earlier generations. */
  public long failed() {
    return failed;
  }

  /** Adds failures counted elsewhere (another generation tried on the same connection). */
  public void addFailed(long n) {
    failed += n;
  }

  /** A key update is due: seven eighths of the confidentiality limit are used. */
  public boolean wantsUpdate() {
    long limit = cipher.confidentialityLimit();
    return sealed >= limit - limit / 8;
  }

  /**
   * Nothing more may be sealed with this key (RFC 9001 section 6.6) but for what is under way: a
   * turn's packets, and those that say why.
   */
  public boolean exhausted() {
    return sealed >= cipher.confidentialityLimit() - 2 * Limits.DATAGRAMS_SENT_PER_TURN;
  }

  /** The connection must be closed with AEAD_LIMIT_REACHED (RFC 9001 section 6.6). */
  public boolean forged() {
    return failed >= cipher.integrityLimit();
  }

  /** Wipes secret and keys; header protection too unless {@link #update} handed it on. */
  @Override
  public void destroy() {
    if (!destroyed) {
      destroyed = true;
      Arrays.fill(secret, (byte) 0);
      secret = new byte[0];
      aead.destroy();
      if (!headerHandedOn) {
        header.destroy();
      }
    }
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }
}
