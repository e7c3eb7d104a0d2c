package dev.quic.samples.h3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.connection.ConnectionClosedException;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.consumer.connection.StreamResetException;
import dev.quic.samples.Keys;
import dev.quic.samples.Transport;
import dev.quic.samples.hq.HqFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Client and server over UDP on loopback, and clients that do not keep to the protocol. */
@Timeout(60)
final class H3OverUdpTest {
  private static final int FILES = 300;
  private static final int LARGE = 1_500_000;

  @TempDir private Path dir;

  private QuicSockets sockets;
  private QuicServer server;

  @BeforeEach
  void start() throws Exception {
    Keys.write(dir, List.of("localhost"));
    Path www = Files.createDirectories(dir.resolve("www"));
    for (int i = 0; i < FILES; i++) {
      Files.writeString(www.resolve("f" + i), "file " + i);
    }
    byte[] large = new byte[LARGE];
    new Random(1).nextBytes(large);
    Files.write(www.resolve("large"), large);
    Files.createFile(www.resolve("empty"));
    Files.createDirectories(dir.resolve("got"));
    sockets = Transport.inProcess().open();
    server =
        QuicServer.with(dir.resolve(Keys.SERVER_CERT), dir.resolve(Keys.SERVER_KEY))
            .protocols("h3")
            .sockets(sockets)
            .listen(new InetSocketAddress("127.0.0.1", 0));
    H3Server files = new H3Server(new HqFiles(www));
    Thread.ofVirtual()
        .start(() -> {
          try {
            files.accept(server);
          } catch (IOException | InterruptedException e) {
            // closed
            return;
          }
        });
  }

  @AfterEach
  void stop() {
    server.close();
    sockets.close();
  }

  private QuicConnection connect() throws IOException {
    return connect(server);
  }

  private QuicConnection connect(QuicServer to) throws IOException {
    return QuicClient.to("127.0.0.1", to.localAddress().getPort())
        .serverName("localhost")
        .protocols("h3")
        .trust(dir.resolve(Keys.CA_CERT))
        .sockets(sockets)
        .connect();
  }

  private long download(List<String> paths) throws Exception {
    try (QuicConnection c = connect()) {
      H3Download download = new H3Download(c, "localhost", dir.resolve("got"));
      long bytes = download.run(paths);
      download.close();
      return bytes;
    }
  }

  @Test
  void filesOfAllSizesArrive() throws Exception {
    assertThat(download(List.of("/large", "/empty", "/f0", "/%661?query"))).isEqualTo(LARGE + 12);
    for (String name : List.of("large", "empty", "f0")) {
      assertThat(dir.resolve("got/" + name))
          .hasSameBinaryContentAs(dir.resolve("www").resolve(name));
    }
  }

  @Test
  void moreFilesArriveThanTheServerAllowsStreamsAtOnce() throws Exception {
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      paths.add("/f" + i);
    }
    download(paths);
    for (int i = 0; i < FILES; i++) {
      assertThat(dir.resolve("got/f" + i)).hasContent("file " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"/missing", "/", "/../ca.pem", "/%2e%2e/ca.pem", "/%", "//f0/x", "/a%00b"})
  void nothingElseIsServed(String path) {
    assertThatThrownBy(() -> download(List.of(path)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the server answered 404");
  }

  private static List<Field> request(String method) {
    return List.of(
        new Field(":method", method),
        new Field(":scheme", "https"),
        new Field(":authority", "localhost"),
        new Field(":path", "/large"));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static QuicStream open(QuicConnection c, byte[] bytes, boolean end) throws IOException {
    QuicStream s = c.openStream();
    s.outputStream().write(bytes);
    if (end) {
      s.outputStream().close();
    }
    return s;
  }

  private static byte[] headers(List<Field> head) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frames.write(out, Frames.HEADERS, Qpack.encode(head));
    return out.toByteArray();
  }

  private static int status(QuicStream s) throws IOException {
    MessageInput response = MessageInput.response(s.inputStream());
    Head head = response.head();
    assertThat(response.read(new byte[1])).isNegative();
    return head.status();
  }

  @Test
  void otherMethodsAreAnsweredAtOnce() throws Exception {
    try (QuicConnection c = connect();
        QuicStream s = open(c, headers(request("POST")), false)) {
      assertThat(status(s)).isEqualTo(405);
    }
  }

  @Test
  void aHeadMayBeTooLarge() throws Exception {
    List<Field> head = new ArrayList<>(request("GET"));
    head.add(new Field("x", "x".repeat(Qpack.MAX_SECTION)));
    try (QuicConnection c = connect();
        QuicStream s = open(c, headers(head), true)) {
      assertThat(status(s)).isEqualTo(431);
    }
  }

  @Test
  void aRequestThatIsNoneIsRefusedAlone() throws Exception {
    try (QuicConnection c = connect();
        QuicStream lacking = open(c, headers(List.of(new Field(":method", "GET"))), false);
        QuicStream none = open(c, new byte[0], true)) {
      assertThat(reset(lacking)).isEqualTo(H3Exception.MESSAGE_ERROR);
      assertThat(reset(none)).isEqualTo(H3Exception.REQUEST_INCOMPLETE);
      try (QuicStream next = open(c, headers(request("GET")), true)) {
        assertThat(MessageInput.response(next.inputStream()).head().status()).isEqualTo(200);
      }
    }
  }

  private static long reset(QuicStream s) {
    return catchThrowableOfType(StreamResetException.class, () -> s.inputStream().read()).code();
  }

  private static long closed(QuicConnection c) {
    return catchThrowableOfType(
            ConnectionClosedException.class,
            () -> {
              while (true) {
                QuicStream ofServer = c.acceptStream(Duration.ofSeconds(30));
                assertThat(ofServer.isBidirectional()).isFalse();
              }
            })
        .code();
  }

  @ParameterizedTest
  @CsvSource({
    "0400,0x105", // SETTINGS among requests
    "000161,0x105", // content without a head
    "0103020080,0x200", // the dynamic table
    "0105,0x106" // a frame that ends early
  })
  void aRequestMayEndTheConnection(String hex, String code) throws Exception {
    try (QuicConnection c = connect()) {
      var unused = open(c, bytes(hex), true);
      assertThat(closed(c)).isEqualTo(Integer.decode(code).longValue());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "00 0000,0x10a", // no SETTINGS
    "00 0400 0400,0x105", // twice
    "00 04020400,0x109", // one of HTTP/2
    "01 00,0x103", // a push of the client's
    "02 3fe11f,0x201", // a dynamic table
    "03 80,0x202" // an acknowledgement
  })
  void aStreamBesideMayEndTheConnection(String hex, String code) throws Exception {
    try (QuicConnection c = connect()) {
      c.openUniStream().outputStream().write(bytes(hex));
      assertThat(closed(c)).isEqualTo(Integer.decode(code).longValue());
    }
  }

  @Test
  void theControlStreamHasToStay() throws Exception {
    try (QuicConnection c = connect()) {
      try (OutputStream control = c.openUniStream().outputStream()) {
        control.write(ControlStream.opening());
      }
      assertThat(closed(c)).isEqualTo(H3Exception.CLOSED_CRITICAL_STREAM);
    }
  }

  @Test
  void thereIsButOneControlStream() throws Exception {
    try (QuicConnection c = connect()) {
      c.openUniStream().outputStream().write(ControlStream.opening());
      c.openUniStream().outputStream().write(ControlStream.opening());
      assertThat(closed(c)).isEqualTo(H3Exception.STREAM_CREATION_ERROR);
    }
  }

  @Test
  void whatIsUnknownIsLeftOut() throws Exception {
    try (QuicConnection c = connect()) {
      c.openUniStream().outputStream().write(ControlStream.opening());
      c.openUniStream().outputStream().write(bytes("02 20 20"));
      c.openUniStream().outputStream().write(bytes("03 40 7f8101 41"));
      c.openUniStream().outputStream().write(bytes("21 00 00"));
      // ended before its type was there
      c.openUniStream().outputStream().close();
      try (QuicStream s = open(c, bytes("2103616263"), false)) {
        s.outputStream().write(headers(request("GET")));
        s.outputStream().close();
        assertThat(MessageInput.response(s.inputStream()).head().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aServerBeginsWithSettings() throws Exception {
    try (QuicConnection c = connect()) {
      QuicStream control = c.acceptStream(Duration.ofSeconds(30));
      byte[] opening = ControlStream.opening();
      byte[] begin = control.inputStream().readNBytes(opening.length);
      assertThat(begin).isEqualTo(opening);
      assertThat(Frames.number(new ByteArrayInputStream(begin))).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "00 0400 0d0100,0x105", // MAX_PUSH_ID of a server
    "00 0400 070102,0x108", // GOAWAY of a stream that is no request
    "01 00,0x108", // a push that was not allowed
    "00 0400 050100,0x105" // a promise beside
  })
  void aServerMayBeWrong(String hex, String code) throws Exception {
    try (QuicServer other =
            QuicServer.with(dir.resolve(Keys.SERVER_CERT), dir.resolve(Keys.SERVER_KEY))
                .protocols("h3")
                .sockets(sockets)
                .listen(new InetSocketAddress("127.0.0.1", 0));
        QuicConnection c = connect(other)) {
      H3Download download = new H3Download(c, "localhost", dir.resolve("got"));
      Thread.ofVirtual()
          .start(() -> {
            try {
              other.accept().openUniStream().outputStream().write(bytes(hex));
            } catch (IOException e) {
              // which the client misses
              return;
            }
          });
      assertThat(catchThrowableOfType(H3Exception.class, () -> download.run(List.of("/f0"))).code())
          .isEqualTo(Integer.decode(code));
    }
  }
}
