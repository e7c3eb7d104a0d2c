package dev.quic.samples.h3;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.compression.EncodingException;
import org.eclipse.jetty.http.compression.NBitIntegerDecoder;
import org.eclipse.jetty.http.compression.NBitIntegerEncoder;
import org.eclipse.jetty.http.compression.NBitStringDecoder;
import org.eclipse.jetty.http.compression.NBitStringEncoder;
import org.eclipse.jetty.http3.qpack.internal.table.StaticTable;

/**
 * Field sections (RFC 9204) with the static table alone: the dynamic one has no room at either end,
 * so that a section needs nothing but itself. Integers, strings with their Huffman codes and the
 * table are Jetty's.
 */
final class Qpack {
  /** Bytes of a field section, as SETTINGS_MAX_FIELD_SECTION_SIZE counts them. */
  static final int MAX_SECTION = 16 * 1024;

  // The first bits of a line, and how many bits of its first byte the number has.
  private static final int INDEXED = 0x80;
  private static final int INDEXED_STATIC = 0x40;
  private static final int INDEXED_BITS = 6;
  private static final int NAMED = 0x40;
  private static final int NAMED_STATIC = 0x10;
  private static final int NAMED_BITS = 4;
  private static final int LITERAL = 0x20;

  /** Of a string, with the bit that says whether it is Huffman-coded. */
  private static final int NAME_BITS = 4;

  private static final int VALUE_BITS = 8;
  private static final int INSERT_COUNT_BITS = 8;
  private static final int BASE_BITS = 7;

  private static final Map<Field, Integer> LINES = new HashMap<>();
  private static final Map<String, Integer> NAMES = new HashMap<>();

  static {
    for (int i = StaticTable.STATIC_TABLE.length - 1; i >= 0; i--) {
      Field line = line(i);
      LINES.put(line, i);
      NAMES.put(line.name(), i);
    }
  }

  private Qpack() {}

  private static Field line(int index) {
    String[] line = StaticTable.STATIC_TABLE[index];
    return new Field(line[0], line[1] == null ? "" : line[1]);
  }

  static byte[] encode(List<Field> fields) {
    int most = 2;
    for (Field f : fields) {
      // A Huffman code may have up to 30 bits.
      most += 4 * f.size();
    }
    ByteBuffer out = ByteBuffer.allocate(most).put((byte) 0).put((byte) 0);
    for (Field f : fields) {
      Integer same = LINES.get(f);
      Integer named = NAMES.get(f.name());
      if (same != null) {
        number(out, INDEXED | INDEXED_STATIC, INDEXED_BITS, same);
      } else if (named != null) {
        number(out, NAMED | NAMED_STATIC, NAMED_BITS, named);
        NBitStringEncoder.encode(out, VALUE_BITS, f.value(), true);
      } else {
        out.put((byte) LITERAL);
        NBitStringEncoder.encode(out, NAME_BITS, f.name(), true);
        NBitStringEncoder.encode(out, VALUE_BITS, f.value(), true);
      }
    }
    byte[] section = new byte[out.flip().remaining()];
    out.get(section);
    return section;
  }

  private static void number(ByteBuffer out, int first, int bits, int value) {
    // Jetty's encoders complete the byte before the position where fewer than 8 bits are theirs.
    out.put((byte) first);
    NBitIntegerEncoder.encode(out, bits, value);
  }

  /**
   * The lines of a section.
   *
   * @throws H3Exception for the connection where it is no section without a dynamic table; for the
   *     stream, EXCESSIVE_LOAD, where it is larger than allowed
   */
  static List<Field> decode(byte[] section) throws H3Exception {
    try {
      ByteBuffer in = ByteBuffer.wrap(section);
      if (number(in, INSERT_COUNT_BITS) != 0) {
        throw failed("a field section that needs the dynamic table");
      }
      number(in, BASE_BITS);
      List<Field> fields = new ArrayList<>();
      int size = 0;
      while (in.hasRemaining()) {
        Field f = next(in);
        size += f.size();
        if (size > MAX_SECTION) {
          throw tooLarge();
        }
        fields.add(f);
      }
      return fields;
    } catch (EncodingException | RuntimeException e) {
      // Jetty's decoders throw whatever their arithmetic or the end of the buffer comes to.
      throw failed("a field section that cannot be decoded");
    }
  }

  static H3Exception tooLarge() {
    return H3Exception.stream(H3Exception.EXCESSIVE_LOAD, "a field section too large");
  }

  private static H3Exception failed(String message) {
    return H3Exception.connection(H3Exception.QPACK_DECOMPRESSION_FAILED, message);
  }

  private static Field next(ByteBuffer in) throws EncodingException, H3Exception {
    int first = in.get(in.position());
    if ((first & INDEXED) != 0) {
      return known(first & INDEXED_STATIC, number(in, INDEXED_BITS));
    }
    if ((first & NAMED) != 0) {
      Field named = known(first & NAMED_STATIC, number(in, NAMED_BITS));
      return new Field(named.name(), string(in, VALUE_BITS));
    }
    if ((first & LITERAL) != 0) {
      String name = string(in, NAME_BITS);
      return new Field(name, string(in, VALUE_BITS));
    }
    throw failed("a line of the dynamic table");
  }

  private static Field known(int ofStaticTable, int index) throws H3Exception {
    if (ofStaticTable == 0) {
      throw failed("a line of the dynamic table");
    }
    if (index >= StaticTable.STATIC_TABLE.length) {
      throw failed("line " + index + " of the static table");
    }
    return line(index);
  }

  private static int number(ByteBuffer in, int bits) throws H3Exception {
    NBitIntegerDecoder decoder = new NBitIntegerDecoder();
    decoder.setPrefix(bits);
    int n = decoder.decodeInt(in);
    if (n < 0) {
      throw failed("a number that does not end");
    }
    return n;
  }

  private static String string(ByteBuffer in, int bits) throws EncodingException, H3Exception {
    NBitStringDecoder decoder = new NBitStringDecoder();
    decoder.setPrefix(bits);
    String text = decoder.decode(in);
    if (text == null) {
      throw failed("a string that does not end");
    }
    return text;
  }
}
