package dev.quic.system;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A heap dump in the JDK's binary format (hprof, eight-byte identifiers), below 2 GiB: what its
 * primitive arrays hold, and who refers to them. Arrays are stored big endian, so that bytes and
 * big-endian words of the same key look alike.
 */
final class HeapDump {
  private static final int STRING = 0x01;
  private static final int LOAD_CLASS = 0x02;
  private static final int HEAP_DUMP = 0x0c;
  private static final int HEAP_DUMP_SEGMENT = 0x1c;
  private static final int OBJECT = 2;
  private static final int ID = 8;

  /** Bytes of the basic types, by their number from 4: boolean to long. */
  private static final int[] SIZES = {1, 2, 4, 8, 1, 2, 4, 8};

  /** Bytes behind the identifier of the roots from 0x01 to 0x08. */
  private static final int[] ROOTS = {8, 8, 8, 4, 0, 4, 0, 8};

  /** A class: its own fields only. */
  private record Klass(long superId, List<Field> fields, List<Static> statics) {}

  private record Field(long name, int type) {}

  private record Static(long name, long value) {}

  /** Told of primitive arrays. */
  interface ArrayVisitor {
    void array(long id, int type, ByteBuffer content);
  }

  /** Told of references. */
  private interface ReferenceVisitor {
    void reference(long from, long to, String how);
  }

  private final ByteBuffer bytes;
  private final Map<Long, String> strings = new HashMap<>();
  private final Map<Long, Long> classNames = new HashMap<>();
  private final Map<Long, Klass> classes = new HashMap<>();
  private final List<int[]> segments = new ArrayList<>();
  private final Set<Long> roots = new HashSet<>();

  private HeapDump(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  static HeapDump open(Path file) throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      HeapDump dump = new HeapDump(in.map(FileChannel.MapMode.READ_ONLY, 0, in.size()));
      dump.index();
      return dump;
    }
  }

  int size() {
    return bytes.limit();
  }

  private void index() {
    bytes.position(0);
    while (bytes.get() != 0) {
      // The name of the format.
    }
    if (bytes.getInt() != ID) {
      throw new IllegalStateException("identifiers are not of eight bytes");
    }
    bytes.getLong();
    while (bytes.remaining() >= 9) {
      int tag = bytes.get() & 0xff;
      bytes.getInt();
      int length = bytes.getInt();
      int next = bytes.position() + length;
      switch (tag) {
        case STRING -> {
          long id = bytes.getLong();
          byte[] text = new byte[length - ID];
          bytes.get(text);
          strings.put(id, new String(text, StandardCharsets.UTF_8));
        }
        case LOAD_CLASS -> {
          bytes.getInt();
          long id = bytes.getLong();
          bytes.getInt();
          classNames.put(id, bytes.getLong());
        }
        case HEAP_DUMP, HEAP_DUMP_SEGMENT -> segments.add(new int[] {bytes.position(), next});
        default -> {}
      }
      bytes.position(next);
    }
    walk((id, type, content) -> {}, (from, to, how) -> {});
  }

  /** Every primitive array; the buffer is the visitor's for the call. */
  void arrays(ArrayVisitor visitor) {
    walk(visitor, (from, to, how) -> {});
  }

  private void walk(ArrayVisitor arrays, ReferenceVisitor references) {
    for (int[] segment : segments) {
      bytes.position(segment[0]);
      while (bytes.position() < segment[1]) {
        record(arrays, references);
      }
    }
  }

  private void record(ArrayVisitor arrays, ReferenceVisitor references) {
    int tag = bytes.get() & 0xff;
    switch (tag) {
      case 0x20 -> klass(references);
      case 0x21 -> instance(references);
      case 0x22 -> objects(references);
      case 0x23 -> primitives(arrays);
      case 0xff -> roots.add(bytes.getLong());
      default -> {
        if (tag < 1 || tag > ROOTS.length) {
          throw new IllegalStateException("record " + tag + " at " + bytes.position());
        }
        roots.add(bytes.getLong());
        skip(ROOTS[tag - 1]);
      }
    }
  }

  private void skip(int count) {
    bytes.position(bytes.position() + count);
  }

  private static int size(int type) {
    return type == OBJECT ? ID : SIZES[type - 4];
  }

  private void klass(ReferenceVisitor references) {
    long id = bytes.getLong();
    bytes.getInt();
    long superId = bytes.getLong();
    skip(5 * ID + 4);
    for (int n = bytes.getShort() & 0xffff; n > 0; n--) {
      skip(2);
      skip(size(bytes.get()));
    }
    List<Static> statics = new ArrayList<>();
    for (int n = bytes.getShort() & 0xffff; n > 0; n--) {
      long name = bytes.getLong();
      int type = bytes.get();
      if (type == OBJECT) {
        statics.add(new Static(name, bytes.getLong()));
      } else {
        skip(size(type));
      }
    }
    List<Field> fields = new ArrayList<>();
    for (int n = bytes.getShort() & 0xffff; n > 0; n--) {
      fields.add(new Field(bytes.getLong(), bytes.get()));
    }
    classes.put(id, new Klass(superId, fields, statics));
    for (Static s : statics) {
      references.reference(id, s.value, "static " + name(id) + "." + strings.get(s.name));
    }
  }

  private void instance(ReferenceVisitor references) {
    long id = bytes.getLong();
    bytes.getInt();
    long of = bytes.getLong();
    int length = bytes.getInt();
    int end = bytes.position() + length;
    for (Klass k = classes.get(of); k != null; k = classes.get(k.superId)) {
      for (Field f : k.fields) {
        if (f.type == OBJECT) {
          long to = bytes.getLong();
          if (to != 0) {
            references.reference(id, to, name(of) + "." + strings.get(f.name));
          }
        } else {
          skip(size(f.type));
        }
      }
    }
    bytes.position(end);
  }

  private void objects(ReferenceVisitor references) {
    long id = bytes.getLong();
    bytes.getInt();
    int n = bytes.getInt();
    long of = bytes.getLong();
    for (int i = 0; i < n; i++) {
      long to = bytes.getLong();
      if (to != 0) {
        references.reference(id, to, name(of));
      }
    }
  }

  private void primitives(ArrayVisitor arrays) {
    long id = bytes.getLong();
    bytes.getInt();
    int n = bytes.getInt();
    int type = bytes.get();
    int length = n * size(type);
    int at = bytes.position();
    arrays.array(id, type, bytes.slice(at, length));
    bytes.position(at + length);
  }

  private String name(long classId) {
    Long name = classNames.get(classId);
    return name == null ? "?" : String.valueOf(strings.get(name)).replace('/', '.');
  }

  /**
   * Ways from an object up to what holds it: the shortest ones, as class and field, the object's
   * direct holder first.
   *
   * @param depth holders looked at, at most
   */
  List<String> holders(long object, int depth) {
    Map<Long, String> paths = new HashMap<>();
    paths.put(object, "");
    Set<Long> level = Set.of(object);
    List<String> ends = new ArrayList<>();
    for (int i = 0; i < depth && !level.isEmpty(); i++) {
      Map<Long, String> found = new HashMap<>();
      Set<Long> targets = level;
      Set<Long> held = new HashSet<>();
      walk(
          (id, type, content) -> {},
          (from, to, how) -> {
            if (targets.contains(to)) {
              held.add(to);
              String path = paths.get(to) + " < " + how;
              if (how.startsWith("static ")) {
                ends.add(path);
              } else if (!paths.containsKey(from)) {
                found.putIfAbsent(from, path);
              }
            }
          });
      targets.stream()
          .filter(t -> !held.contains(t))
          .forEach(t -> ends.add(paths.get(t) + " < root"));
      paths.putAll(found);
      level = found.keySet();
    }
    level.forEach(id -> ends.add(paths.get(id) + " < ..."));
    return ends;
  }

  /**
   * Those of some objects that somebody refers to, or that are roots. A collector may leave what is
   * dead in its place, as an array that nobody has, with the bytes that were there.
   */
  Set<Long> heldOf(Set<Long> objects) {
    Set<Long> held = new HashSet<>(objects);
    held.retainAll(roots);
    walk(
        (id, type, content) -> {},
        (from, to, how) -> {
          if (objects.contains(to)) {
            held.add(to);
          }
        });
    return held;
  }

  /** The first holder's path, for a message. */
  @Nullable String firstHolder(long object) {
    List<String> all = holders(object, 6);
    return all.isEmpty() ? null : all.getFirst();
  }
}
