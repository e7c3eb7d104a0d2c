// A relay on 127.0.0.1 that reads along: java Wire.java LISTEN_PORT SERVER_PORT CASE REPORT. When it is told to end (SIGTERM), it writes
// to REPORT what was seen, a line a connection, and lines that start with "FAIL" where that is not what CASE needs. Needs no keys: Initial
// packets are anybody's to read (RFC 9001 section 5.2), and a ServerHello that selects a PSK is not followed by a Certificate
// (RFC 8446 section 4.3.2 and 4.4.2).
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

public class Wire {
    static final byte[] SALT = HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    static final int CHACHA20 = 0x1303;
    static final int REQUESTS = 10_000;  // bytes of zerortt's: 39 of a little more than 250

    // ---- Initial packet protection (RFC 9001 section 5)
    static byte[] hmac(byte[] key, byte[]... parts) throws Exception {
        Mac m = Mac.getInstance("HmacSHA256");
        m.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] p : parts) m.update(p);
        return m.doFinal();
    }
    static byte[] expand(byte[] secret, String label, int length) throws Exception {
        byte[] l = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(2 + 1 + l.length + 1 + 1).putShort((short) length).put((byte) l.length).put(l).put((byte) 0).put((byte) 1);
        return Arrays.copyOf(hmac(secret, info.array()), length);
    }
    record Keys(byte[] key, byte[] iv, byte[] hp) {
        static Keys of(byte[] dcid, String label) throws Exception {
            byte[] s = expand(hmac(SALT, dcid), label, 32);
            return new Keys(expand(s, "quic key", 16), expand(s, "quic iv", 12), expand(s, "quic hp", 16));
        }
        byte[] open(byte[] packet, int pnOffset) throws Exception {
            Cipher ecb = Cipher.getInstance("AES/ECB/NoPadding");
            ecb.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(hp, "AES"));
            byte[] mask = ecb.doFinal(packet, pnOffset + 4, 16);
            byte[] p = packet.clone();
            p[0] ^= mask[0] & 0x0f;
            int n = (p[0] & 3) + 1;
            byte[] nonce = iv.clone();
            for (int i = 0; i < n; i++) {
                p[pnOffset + i] ^= mask[1 + i];
                nonce[12 - n + i] ^= p[pnOffset + i];  // the few Initial packets there are have small numbers
            }
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
            gcm.updateAAD(p, 0, pnOffset + n);
            return gcm.doFinal(p, pnOffset + n, p.length - pnOffset - n);
        }
    }

    // ---- what is known of a connection
    static class Hello {
        final TreeMap<Integer, byte[]> pieces = new TreeMap<>();
        byte[] whole() {
            byte[] all = new byte[0];
            for (Map.Entry<Integer, byte[]> e : pieces.entrySet()) {
                int from = all.length - e.getKey();
                if (from < 0) break;
                if (from < e.getValue().length) {
                    int at = all.length;
                    all = Arrays.copyOf(all, at + e.getValue().length - from);
                    System.arraycopy(e.getValue(), from, all, at, e.getValue().length - from);
                }
            }
            return all;
        }
    }
    static class Conn {
        final int port;
        Keys client, server;
        byte[] serverId = new byte[0];
        final Hello clientHello = new Hello(), serverHello = new Hello();
        int serverHandshake, earlyPackets, earlyBytes, oneRttBytes;
        boolean retry;
        Conn(int port, byte[] dcid) throws Exception { this.port = port; keys(dcid); }
        void keys(byte[] dcid) throws Exception { client = Keys.of(dcid, "client in"); server = Keys.of(dcid, "server in"); }

        List<Integer> offered() {
            ByteBuffer b = body(clientHello);
            List<Integer> suites = new ArrayList<>();
            if (b == null) return suites;
            for (int n = b.getShort() & 0xffff; n > 0; n -= 2) suites.add(b.getShort() & 0xffff);
            suites.removeIf(s -> (s & 0x0f0f) == 0x0a0a || s == 0xff);  // GREASE and the SCSV
            return suites;
        }
        int chosen() { ByteBuffer b = body(serverHello); return b == null ? 0 : b.getShort() & 0xffff; }
        boolean psk() {
            ByteBuffer b = body(serverHello);
            if (b == null) return false;
            b.getShort(); b.get();
            for (int left = b.getShort() & 0xffff; left > 0; ) {
                int type = b.getShort() & 0xffff, n = b.getShort() & 0xffff;
                if (type == 41) return true;
                b.position(b.position() + n);
                left -= 4 + n;
            }
            return false;
        }
        /** After the session id; null when there is no whole message. */
        static ByteBuffer body(Hello h) {
            byte[] w = h.whole();
            if (w.length < 4 || w.length < 4 + ((w[1] & 0xff) << 16 | (w[2] & 0xff) << 8 | w[3] & 0xff)) return null;
            ByteBuffer b = ByteBuffer.wrap(w);
            b.position(4 + 2 + 32);
            b.position(b.position() + 1 + (b.get(b.position()) & 0xff));
            return b;
        }
        @Override public String toString() {
            return String.format("client port %d, offered %s, chosen %04x%s, server's Handshake packets %d bytes, 0-RTT %d packets of %d bytes, client's 1-RTT %d bytes%s",
                port, offered().stream().map(Integer::toHexString).toList(), chosen(), psk() ? " with PSK" : " with certificate", serverHandshake, earlyPackets, earlyBytes, oneRttBytes,
                retry ? ", Retry" : "");
        }
    }
    static final List<Conn> conns = new ArrayList<>();
    static final Map<String, Conn> byClientId = new HashMap<>();

    static long varint(ByteBuffer b) {
        int first = b.get() & 0xff;
        long v = first & 0x3f;
        for (int i = 1; i < 1 << (first >> 6); i++) v = v << 8 | b.get() & 0xff;
        return v;
    }
    static byte[] bytes(ByteBuffer b, int n) { byte[] v = new byte[n]; b.get(v); return v; }

    static synchronized void seen(byte[] datagram, boolean up, int port) throws Exception {
        ByteBuffer b = ByteBuffer.wrap(datagram);
        while (b.hasRemaining()) {
            int start = b.position(), first = b.get() & 0xff;
            if ((first & 0x80) == 0) {
                if (up) oneRtt(datagram, start, port);
                return;
            }
            int version = b.getInt();
            byte[] dcid = bytes(b, b.get() & 0xff), scid = bytes(b, b.get() & 0xff);
            int type = first >> 4 & 3;
            String id = port + " " + HexFormat.of().formatHex(up ? scid : dcid);
            Conn c = byClientId.get(id);
            if (version != 1) return;
            if (type == 3) {
                if (c != null) { c.retry = true; c.keys(scid); }
                return;
            }
            if (up && type == 0 && c == null) {
                c = new Conn(port, dcid);
                conns.add(c);
                byClientId.put(id, c);
            }
            if (type == 0) bytes(b, (int) varint(b));  // token
            int length = (int) varint(b), pn = b.position() - start;
            byte[] packet = Arrays.copyOfRange(datagram, start, b.position() + length);
            b.position(b.position() + length);
            if (c == null) continue;
            if (!up) c.serverId = scid;
            if (type == 0) initial(c, packet, pn, up);
            else if (type == 1 && up) { c.earlyPackets++; c.earlyBytes += length; }
            else if (type == 2 && !up) c.serverHandshake += length;
        }
    }
    static void oneRtt(byte[] datagram, int start, int port) {
        for (int i = conns.size() - 1; i >= 0; i--) {
            Conn c = conns.get(i);
            int n = c.serverId.length;
            if (c.port == port && n > 0 && datagram.length > start + n
                && Arrays.equals(datagram, start + 1, start + 1 + n, c.serverId, 0, n)) { c.oneRttBytes += datagram.length - start; return; }
        }
        // Under an id the server gave out later: the newest connection of the port.
        for (int i = conns.size() - 1; i >= 0; i--) if (conns.get(i).port == port) { conns.get(i).oneRttBytes += datagram.length - start; return; }
    }
    static void initial(Conn c, byte[] packet, int pn, boolean up) {
        byte[] plain;
        try { plain = (up ? c.client : c.server).open(packet, pn); }
        catch (Exception e) { return; }  // under other keys (after a Retry), or nobody's
        ByteBuffer f = ByteBuffer.wrap(plain);
        while (f.hasRemaining()) {
            int type = f.get();
            if (type == 0 || type == 1) continue;
            if (type == 2 || type == 3) {
                varint(f); varint(f);
                long ranges = varint(f);
                varint(f);
                for (long i = 0; i < 2 * ranges; i++) varint(f);
                if (type == 3) { varint(f); varint(f); varint(f); }
            } else if (type == 6) {
                int offset = (int) varint(f);
                (up ? c.clientHello : c.serverHello).pieces.put(offset, bytes(f, (int) varint(f)));
            } else return;
        }
    }

    static synchronized List<String> verdict(String test) {
        List<String> out = new ArrayList<>();
        for (Conn c : conns) out.add(c.toString());
        int want = test.equals("resumption") || test.equals("zerortt") ? 2 : 1;
        if (conns.size() != want) { out.add("FAIL " + conns.size() + " connections, not " + want); return out; }
        Conn one = conns.get(0), two = conns.get(want - 1);
        if (one.psk()) out.add("FAIL the first connection was resumed");
        if (want == 2) {
            // Its size proves nothing: packets may be padded.
            if (!two.psk()) out.add("FAIL the second connection was not resumed");
        }
        if (one.earlyPackets > 0) out.add("FAIL 0-RTT in the first connection");
        if (test.equals("resumption") && two.earlyPackets > 0) out.add("FAIL 0-RTT that was not asked for");
        if (test.equals("zerortt")) {
            if (two.earlyPackets == 0) out.add("FAIL no 0-RTT packet");
            // Requests that were refused in 0-RTT come again in 1-RTT, with those that the server's remembered limits held back. The first
            // connection, of one request, tells what acknowledgements and probes of the path come to.
            if (two.oneRttBytes - one.oneRttBytes > REQUESTS - two.earlyBytes / 2) out.add("FAIL the client sent " + two.oneRttBytes + " bytes in 1-RTT: early data was refused");
        }
        if (test.equals("chacha20")) {
            if (!one.offered().equals(List.of(CHACHA20))) out.add("FAIL the client offered more than ChaCha20-Poly1305");
            if (one.chosen() != CHACHA20) out.add("FAIL the server did not choose ChaCha20-Poly1305");
        }
        return out;
    }

    public static void main(String[] a) throws Exception {
        InetSocketAddress server = new InetSocketAddress("127.0.0.1", Integer.parseInt(a[1]));
        Selector selector = Selector.open();
        DatagramChannel front = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(a[0])));
        front.configureBlocking(false).register(selector, SelectionKey.OP_READ, null);
        Map<InetSocketAddress, DatagramChannel> back = new HashMap<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { Files.write(Path.of(a[3]), verdict(a[2])); } catch (IOException e) { System.err.println(e); }
        }));
        ByteBuffer buf = ByteBuffer.allocate(1 << 16);
        while (true) {
            selector.select();
            for (SelectionKey k : selector.selectedKeys()) {
                InetSocketAddress client = (InetSocketAddress) k.attachment();
                DatagramChannel from = (DatagramChannel) k.channel();
                while (true) {
                    buf.clear();
                    InetSocketAddress source;
                    try { source = (InetSocketAddress) from.receive(buf); }
                    catch (IOException e) { break; }  // ICMP of a server that is gone
                    if (source == null) break;
                    buf.flip();
                    byte[] copy = Arrays.copyOf(buf.array(), buf.limit());
                    boolean up = client == null;
                    try { seen(copy, up, up ? source.getPort() : client.getPort()); }
                    catch (RuntimeException e) { System.err.println("not understood: " + e); }
                    if (!up) { front.send(buf, client); continue; }
                    DatagramChannel to = back.get(source);
                    if (to == null) {
                        to = DatagramChannel.open().connect(server);
                        to.configureBlocking(false).register(selector, SelectionKey.OP_READ, source);
                        back.put(source, to);
                    }
                    try { to.write(buf); } catch (IOException e) { System.err.println(e); }
                }
            }
            selector.selectedKeys().clear();
        }
    }
}
