package dev.quic.dataplane.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.packet.ClientHello.Known;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
  private final ClientHello hello = new ClientHello();

  private static byte[] message(int session, byte[]... extensions) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] e : extensions) {
      all.writeBytes(e);
    }
    ByteArrayOutputStream m = new ByteArrayOutputStream();
    int body = 34 + 1 + session + 4 + 2 + 2 + all.size();
    m.writeBytes(new byte[] {1, 0, (byte) (body >> 8), (byte) body});
    m.writeBytes(new byte[34]);
    m.write(session);
    m.writeBytes(new byte[session]);
    m.writeBytes(new byte[] {0, 2, 0x13, 1, 1, 0, (byte) (all.size() >> 8), (byte) all.size()});
    m.writeBytes(all.toByteArray());
    return m.toByteArray();
  }

  private static byte[] extension(int type, String hex) {
    byte[] v = java.util.HexFormat.of().parseHex(hex);
    byte[] e = new byte[4 + v.length];
    e[1] = (byte) type;
    e[3] = (byte) v.length;
    System.arraycopy(v, 0, e, 4, v.length);
    return e;
  }

  /** "h3" and "h2"; the name "A.b". */
  private static final byte[] ALPN = extension(16, "0006026833026832");

  private static final byte[] NAME = extension(0, "0006000003412e62");

  @Test
  void everyPrefix() {
    byte[] m = message(0, extension(43, "020304"), NAME, ALPN, extension(51, "0000"));
    for (int n = 0; n < m.length; n++) {
      Known k = hello.read(m, n, true);
      assertThat(k).isNotEqualTo(Known.NONSENSE);
      if (k == Known.ALL) {
        assertThat(hello.protocols()).isNotEmpty();
        assertThat(n).isGreaterThan(m.length - 8);
      }
    }
    assertThat(hello.read(m, m.length, true)).isEqualTo(Known.ALL);
    assertThat(new String(hello.protocols(), StandardCharsets.US_ASCII)).isEqualTo("\2h3\2h2");
    assertThat(new String(hello.serverName(), StandardCharsets.US_ASCII)).isEqualTo("a.b");
  }

  @Test
  void protocolsAloneDoNotWaitForTheName() {
    byte[] m = message(0, ALPN, extension(51, "000000000000"), NAME);
    int upToAlpn = m.length - 10 - NAME.length;
    assertThat(hello.read(m, upToAlpn, false)).isEqualTo(Known.ALL);
    assertThat(hello.read(m, upToAlpn, true)).isEqualTo(Known.PART);
    assertThat(hello.read(m, m.length, true)).isEqualTo(Known.ALL);
  }

  /** A session id is TLS's business (RFC 9001 section 8.4), the kernel drops such clients. */
  @Test
  void sessionIdsDoNotMatter() {
    byte[] m = message(32, ALPN);
    assertThat(hello.read(m, m.length, true)).isEqualTo(Known.ALL);
    assertThat(hello.protocols()).hasSize(6);
    assertThat(hello.serverName()).isEmpty();
  }

  @Test
  void noExtensionsAtAll() {
    byte[] m = message(0);
    assertThat(hello.read(m, m.length, true)).isEqualTo(Known.ALL);
    assertThat(hello.protocols()).isEmpty();
  }

  @Test
  void nonsense() {
    byte[] m = message(0, ALPN);
    m[0] = 2;
    assertThat(hello.read(m, m.length, false)).isEqualTo(Known.NONSENSE);
    byte[] endless = message(0, ALPN);
    endless[1] = 1;
    assertThat(hello.read(endless, endless.length, false)).isEqualTo(Known.NONSENSE);
    for (String list : new String[] {"0000", "000100", "00060268330468", "0002026833"}) {
      byte[] bad = message(0, extension(16, list));
      assertThat(hello.read(bad, bad.length, false)).as(list).isEqualTo(Known.NONSENSE);
    }
    byte[] twice = message(0, ALPN, ALPN);
    assertThat(hello.read(twice, twice.length, true)).isEqualTo(Known.NONSENSE);
    byte[] name = message(0, extension(0, "0006000009412e62"));
    assertThat(hello.read(name, name.length, true)).isEqualTo(Known.NONSENSE);
  }

  @Test
  void noBytesBreakIt() {
    byte[] m = message(0, NAME, ALPN, extension(51, "0000"));
    Random r = new Random(5);
    for (int i = 0; i < 200_000; i++) {
      byte[] spoilt = m.clone();
      for (int k = r.nextInt(4); k >= 0; k--) {
        spoilt[r.nextInt(spoilt.length)] = (byte) r.nextInt(256);
      }
      if (hello.read(spoilt, r.nextInt(spoilt.length + 1), r.nextBoolean()) == Known.ALL) {
        assertThat(hello.protocols().length + hello.serverName().length).isLessThan(m.length);
      }
    }
  }
}
