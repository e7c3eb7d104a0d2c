package dev.quic.dataplane.core.common;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A map from {@code long} to objects: open addressing, linear probing, removal by shifting back, so
 * no tombstones pile up. Iteration order depends on keys, seed and history only. Give a secret seed
 * where a peer chooses the keys.
 */
public final class LongObjectMap<V> {
  private static final int FEW = 8;

  /** Slots below which a map keeps what it has. */
  private static final int SHRINKS = 1_024;

  // What a map begins with: nothing is ever put there.
  private static final long[] NO_KEYS = new long[1];
  private static final @Nullable Object[] NO_VALUES = new Object[1];

  private final long seed;
  private long[] keys;
  private @Nullable Object[] values;
  private int size;

  public LongObjectMap() {
    this(0);
  }

  /**
   * @param seed stirred into the hash
   */
  public LongObjectMap(long seed) {
    this.seed = seed;
    keys = NO_KEYS;
    values = NO_VALUES;
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  private int slot(long key) {
    long h = (key ^ seed) * 0x9e3779b97f4a7c15L;
    h = (h ^ h >>> 32) * 0xd6e8feb86659fd93L;
    return (int) (h >>> 32) & keys.length - 1;
  }

  public @Nullable V get(long key) {
    int mask = keys.length - 1;
    for (int i = slot(key); ; i = i + 1 & mask) {
      Object v = values[i];
      if (v == null) {
        return null;
      }
      if (keys[i] == key) {
        return cast(v);
      }
    }
  }

  public boolean containsKey(long key) {
    return get(key) != null;
  }

  /** Returns the value replaced, or null. */
  public @Nullable V put(long key, V value) {
    if (keys == NO_KEYS) {
      resize(FEW);
    }
    int mask = keys.length - 1;
    for (int i = slot(key); ; i = i + 1 & mask) {
      Object old = values[i];
      if (old == null) {
        keys[i] = key;
        values[i] = value;
        if (++size * 4 > keys.length * 3) {
          resize(keys.length * 2);
        }
        return null;
      }
      if (keys[i] == key) {
        values[i] = value;
        return cast(old);
      }
    }
  }

  /** Returns the value removed, or null. */
  public @Nullable V remove(long key) {
    int mask = keys.length - 1;
    for (int i = slot(key); ; i = i + 1 & mask) {
      Object v = values[i];
      if (v == null) {
        return null;
      }
      if (keys[i] == key) {
        close(i);
        size--;
        if (keys.length > SHRINKS && size * 8 < keys.length) {
          // What grew with a crowd is given back when it has gone.
          resize(keys.length / 4);
        }
        return cast(v);
      }
    }
  }

  /** Shifts later entries of the probe chain back over the hole at {@code hole}. */
  private void close(int hole) {
    int mask = keys.length - 1;
    int free = hole;
    for (int i = free + 1 & mask; values[i] != null; i = i + 1 & mask) {
      int home = slot(keys[i]);
      if ((i - home & mask) >= (i - free & mask)) {
        keys[free] = keys[i];
        values[free] = values[i];
        free = i;
      }
    }
    values[free] = null;
  }

  private void resize(int capacity) {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[capacity];
    values = new Object[capacity];
    int mask = capacity - 1;
    for (int j = 0; j < oldKeys.length; j++) {
      if (oldValues[j] != null) {
        int i = slot(oldKeys[j]);
        while (values[i] != null) {
          i = i + 1 & mask;
        }
        keys[i] = oldKeys[j];
        values[i] = oldValues[j];
      }
    }
  }

  public void clear() {
    Arrays.fill(values, null);
    size = 0;
  }

  /** Visits every value; the visitor must not change the map ({@link #values} may be used then). */
  public void forEach(Consumer<? super V> visitor) {
    for (Object v : values) {
      if (v != null) {
        visitor.accept(cast(v));
      }
    }
  }

  /** A copy of the values, safe to walk while the map changes. */
  public java.util.List<V> values() {
    java.util.List<V> out = new java.util.ArrayList<>(size);
    forEach(out::add);
    return out;
  }

  @SuppressWarnings("unchecked") // only values of type V are put in
  private V cast(Object v) {
    return (V) v;
  }
}
