package dev.quic.samples.h3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames and messages, out of bytes. */
final class FramesTest {
  /** A frame of an unknown type (RFC 9114 section 7.2.8) with three bytes. */
  private static final String GREASE = "21" + "03" + "616263";

  private static final String CONTENT = "0003" + "616263";

  @ParameterizedTest
  @ValueSource(longs = {0, 63, 64, 16_383, 16_384, (1L << 30) - 1, 1L << 30, (1L << 62) - 1})
  void numbersComeBack(long number) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Frames.writeNumber(out, number);
    ByteArrayInputStream in = new ByteArrayInputStream(out.toByteArray());
    assertThat(Frames.number(in)).isEqualTo(number);
    assertThat(in.available()).isZero();
  }

  private static String hex(Field... lines) {
    byte[] section = Qpack.encode(List.of(lines));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Frames.write(out, Frames.HEADERS, section);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return HexFormat.of().formatHex(out.toByteArray());
  }

  private static String get(Field... more) {
    List<Field> lines =
        new ArrayList<>(
            List.of(
                new Field(":method", "GET"),
                new Field(":scheme", "https"),
                new Field(":authority", "localhost"),
                new Field(":path", "/f")));
    lines.addAll(List.of(more));
    return hex(lines.toArray(Field[]::new));
  }

  private static ByteArrayInputStream in(String hex) {
    return new ByteArrayInputStream(HexFormat.of().parseHex(hex));
  }

  private static String content(MessageInput message) throws IOException {
    StringBuilder all = new StringBuilder();
    byte[] buffer = new byte[2];
    int n;
    while ((n = message.read(buffer)) >= 0) {
      all.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
    }
    return all.toString();
  }

  @Test
  void aRequestIsReadWithWhatIsUnknownLeftOut() throws Exception {
    Field length = new Field("content-length", "6");
    String trailers = hex(new Field("x-end", "1"));
    MessageInput request =
        MessageInput.request(
            in(GREASE + get(length) + GREASE + CONTENT + "0000" + CONTENT + trailers + GREASE));
    Head head = request.head();
    assertThat(head.method()).isEqualTo("GET");
    assertThat(head.path()).isEqualTo("/f");
    assertThat(content(request)).isEqualTo("abcabc");
  }

  @Test
  void aResponseMayHaveOthersBeforeIt() throws Exception {
    String early = hex(new Field(":status", "103"), new Field("link", "</a>"));
    String last = hex(new Field(":status", "200"));
    MessageInput response = MessageInput.response(in(early + GREASE + last + CONTENT));
    assertThat(response.head().status()).isEqualTo(200);
    assertThat(content(response)).isEqualTo("abc");
  }

  private static H3Exception failure(MessageInput message) {
    return catchThrowableOfType(
        H3Exception.class,
        () -> {
          var unused = message.head();
          content(message);
        });
  }

  private static void malformed(String request) {
    H3Exception e = failure(MessageInput.request(in(request)));
    assertThat(e.code()).isEqualTo(H3Exception.MESSAGE_ERROR);
    assertThat(e.ofConnection()).isFalse();
  }

  private static void endsConnection(MessageInput message, int code) {
    H3Exception e = failure(message);
    assertThat(e.code()).isEqualTo(code);
    assertThat(e.ofConnection()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "Upper,x",
    "'a b',x",
    "'',x",
    ":unknown,x",
    ":status,200",
    ":path,/again",
    "connection,close",
    "transfer-encoding,chunked",
    "te,gzip",
    "content-length,-1",
    "content-length,x",
    "content-length,5",
    "host,elsewhere"
  })
  void fieldsThatMakeARequestMalformed(String name, String value) {
    malformed(get(new Field(name, value)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\0b", " a", "a ", "\ta"})
  void valuesThatMakeARequestMalformed(String value) {
    malformed(get(new Field("x", value)));
  }

  @Test
  void requestsThatLackSomething() {
    Field method = new Field(":method", "GET");
    Field scheme = new Field(":scheme", "https");
    Field authority = new Field(":authority", "localhost");
    Field path = new Field(":path", "/");
    malformed(hex(scheme, authority, path));
    malformed(hex(method, authority, path));
    malformed(hex(method, scheme, path));
    malformed(hex(method, scheme, authority));
    malformed(hex(method, scheme, authority, new Field(":path", "")));
    malformed(hex(method, scheme, authority, new Field(":path", "*")));
    malformed(hex(method, scheme, new Field(":authority", ""), path));
    malformed(hex(method, scheme, authority, new Field("x", "1"), path));
    malformed(hex(new Field(":method", "CONNECT"), scheme, authority, path));
    malformed(get() + hex(new Field(":path", "/")));
    malformed(get(new Field("content-length", "4")) + CONTENT);
    malformed(get(new Field("content-length", "2")) + CONTENT);
  }

  @Test
  void responsesThatAreNone() {
    for (String status : List.of("", "20", "2000", "abc", "101", "600")) {
      H3Exception e = failure(MessageInput.response(in(hex(new Field(":status", status)))));
      assertThat(e.code()).isEqualTo(H3Exception.MESSAGE_ERROR);
    }
    assertThat(failure(MessageInput.response(in(""))).code()).isEqualTo(H3Exception.MESSAGE_ERROR);
    assertThat(failure(MessageInput.response(in(get()))).code())
        .isEqualTo(H3Exception.MESSAGE_ERROR);
  }

  @Test
  void aRequestThatNeverComes() {
    H3Exception e = failure(MessageInput.request(in(GREASE)));
    assertThat(e.code()).isEqualTo(H3Exception.REQUEST_INCOMPLETE);
    assertThat(e.ofConnection()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CONTENT, // before HEADERS
        "030100", // CANCEL_PUSH
        "0400", // SETTINGS
        "050100", // PUSH_PROMISE
        "070100", // GOAWAY
        "0d0100", // MAX_PUSH_ID
        "0200", // PRIORITY of HTTP/2
        "0600", // PING
        "0800", // WINDOW_UPDATE
        "0900" // CONTINUATION
      })
  void framesThatMayNotBeInARequest(String frame) {
    endsConnection(MessageInput.request(in(frame)), H3Exception.FRAME_UNEXPECTED);
    if (!frame.equals(CONTENT)) {
      String late = get() + CONTENT + frame;
      endsConnection(MessageInput.request(in(late)), H3Exception.FRAME_UNEXPECTED);
    }
  }

  @Test
  void nothingComesAfterTrailers() {
    String request = get() + hex(new Field("x-end", "1"));
    endsConnection(MessageInput.request(in(request + CONTENT)), H3Exception.FRAME_UNEXPECTED);
    endsConnection(MessageInput.request(in(request + get())), H3Exception.FRAME_UNEXPECTED);
  }

  @Test
  void aPushWasNotAllowed() {
    endsConnection(MessageInput.response(in("050100")), H3Exception.ID_ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"01", "0105", "010500", "40", "21ffffffffffffffff", "01c0"})
  void framesThatEndEarly(String bytes) {
    endsConnection(MessageInput.request(in(bytes)), H3Exception.FRAME_ERROR);
  }

  @Test
  void aSectionMayBeTooLarge() {
    H3Exception e = failure(MessageInput.request(in("01" + "80010000" + "00")));
    assertThat(e.code()).isEqualTo(H3Exception.EXCESSIVE_LOAD);
    assertThat(e.ofConnection()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "true,0400,0", // and then it ends
    "true,0400 0d0105 0d0106 070100 2100 070100,0",
    "false,0406 ffffffffffffffff 3f00 070104 070100,0x106",
    "false,04020600 070108 070104,0",
    "true,'',0x10a",
    "true,0d0100,0x10a",
    "true,2100 0400,0x10a",
    "true,0400 0400,0x105",
    "true,0400 0000,0x105",
    "true,0400 0100,0x105",
    "true,0400 0500,0x105",
    "false,0400 0d0100,0x105",
    "true,0400 0800,0x105",
    "true,04020200,0x109",
    "true,040406000601,0x109",
    "true,040106,0x106",
    "true,04020640,0x106",
    "true,048fffffff,0x107",
    "true,0400 0d0106 0d0105,0x108",
    "true,0400 030100,0x108",
    "false,0400 070101,0x108",
    "false,0400 070100 070104,0x108",
    "true,0400 0700,0x106",
    "true,0400 07020000,0x106",
    "true,0400 070140,0x106",
    "true,0400 07,0x106"
  })
  void controlStreams(boolean server, String hex, String code) {
    ControlStream control = new ControlStream(in(hex.replace(" ", "")), server);
    H3Exception e = catchThrowableOfType(H3Exception.class, () -> control.read(() -> {}));
    if (code.equals("0")) {
      assertThat(e).isNull();
    } else {
      assertThat(e.code()).isEqualTo(Integer.decode(code));
      assertThat(e.ofConnection()).isTrue();
    }
  }

  @Test
  void ourOwnControlStreamIsOne() throws Exception {
    ByteArrayInputStream in = new ByteArrayInputStream(ControlStream.opening());
    assertThat(Frames.number(in)).isZero();
    new ControlStream(in, true).read(() -> {});
  }
}
