package dev.quic.samples.h3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jetty.http3.qpack.internal.table.StaticTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QpackTest {
  /** The field "a" with all values of a byte, in Huffman codes, as ls-qpack reads it, too. */
  private static final String ALL_BYTES =
      "0000291fffc803ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeaff"
          + "fffff3fffffa7fffffabffffffdfffffebfffffecfffffedfffffeefffffefffffff0ffffff1ffff"
          + "ff2fffffffbfffffcffffffd3fffffd7fffffdbfffffdffffffe3fffffe7fffffebfffffed4fe3f9"
          + "ffaffcabf1febfafefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50ddbd7f061c58f265cd"
          + "9f469d5af66dddbf871e5f9cff7ff7fffc3ff9ffe45fff4719242cb34e6e9d68a6a3d7dac426defe"
          + "3cfaf7fffbfe7ffbffdffffffcfffe6ffff4bfff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffda"
          + "ffffb7ffff73fffeeffffdeffffebffffbfffffd9ffffdbfffebffffe0ffffeeffffc3ffff8bffff"
          + "1ffffe4fffee7fffb1ffff97fffd9ffffcdffff9fffffbffffdafffeeffff4ffffb7fffee7fffe8f"
          + "fffd3fffdeffffd5fffeeffffbdffffe1fffdfffff7fffff5ffffecffff07fff87fffe0ffff17fff"
          + "edffff87ffff77fffeffffeaffff8bfffe3ffff93ffff87fffcbffff37ffff1fffff83ffffe1fffe"
          + "bfffe3ffff3fffff2ffffa3ffffd9fffff17ffffc7fffff27ffffdefffffbffffff2fffff8fffffb"
          + "7fff97fff8fffffe6fffffc1fffff87ffffe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffe"
          + "fffffe3fffffc9fffff97fffb3ffffcffffb7fffcdffff4ffff9ffffd1ffffcffffeaffffafffffd"
          + "dffffeffffff4fffff5fffffabffffa7ffffd7fffff9bffffecfffffb7fffff3fffffe8fffffd3ff"
          + "fffabfffff5fffffff7ffffecfffffdbfffffbbfffff7ffffff0fffffbbf";

  @Test
  void sectionsComeBack() throws Exception {
    List<Field> fields =
        List.of(
            new Field(":method", "GET"),
            new Field(":path", "/index.html"),
            new Field(":status", "204"),
            new Field("x-own", ""),
            new Field("x-long", "v".repeat(5000)));
    assertThat(Qpack.decode(Qpack.encode(fields))).isEqualTo(fields);
  }

  @Test
  void everyLineOfTheStaticTableComesBack() throws Exception {
    List<Field> fields = new ArrayList<>();
    for (String[] line : StaticTable.STATIC_TABLE) {
      fields.add(new Field(line[0], line[1] == null ? "" : line[1]));
    }
    assertThat(fields).hasSize(99);
    byte[] section = Qpack.encode(fields);
    // An index of one or two bytes each.
    assertThat(section.length).isLessThan(2 + 2 * fields.size());
    assertThat(Qpack.decode(section)).isEqualTo(fields);
  }

  @Test
  void allHuffmanCodesAreKnown() throws Exception {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 256; i++) {
      all.append((char) i);
    }
    List<Field> fields = List.of(new Field("a", all.toString()));
    byte[] section = HexFormat.of().parseHex(ALL_BYTES);
    assertThat(Qpack.decode(section)).isEqualTo(fields);
    assertThat(Qpack.encode(fields)).isEqualTo(section);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "00", // no base
        "0200d1", // needs an insertion
        "000080", // a line of the dynamic table
        "000010", // and one after the base
        "00004000", // a name of the dynamic table
        "00000000", // and one after the base
        "0000ff24", // line 99 of the static table
        "0000ffffffffffffffffffff01", // a number far too large
        "0000ff", // a number without its end
        "00002361", // a name without its end
        "0000216105", // a value without its end
        "00005184ffffffff", // a Huffman code for the end
        "0000518118" // padded with zeros
      })
  void whatIsNoSectionEndsTheConnection(String hex) {
    H3Exception e = failure(HexFormat.of().parseHex(hex));
    assertThat(e.code()).isEqualTo(H3Exception.QPACK_DECOMPRESSION_FAILED);
    assertThat(e.ofConnection()).isTrue();
  }

  @Test
  void aSectionHasALimit() throws Exception {
    Field field = new Field("x", "v".repeat(Qpack.MAX_SECTION - 33));
    assertThat(Qpack.decode(Qpack.encode(List.of(field)))).containsExactly(field);
    byte[] indexed = new byte[2 + Qpack.MAX_SECTION / 40];
    for (int i = 2; i < indexed.length; i++) {
      // :path: / takes one byte, and counts 38
      indexed[i] = (byte) 0xc1;
    }
    byte[] more = new byte[indexed.length + 40];
    Arrays.fill(more, 2, more.length, (byte) 0xc1);
    assertThat(Qpack.decode(indexed)).hasSize(indexed.length - 2);
    assertThat(failure(more).code()).isEqualTo(H3Exception.EXCESSIVE_LOAD);
    assertThat(failure(more).ofConnection()).isFalse();
  }

  private static H3Exception failure(byte[] section) {
    return catchThrowableOfType(H3Exception.class, () -> Qpack.decode(section));
  }
}
