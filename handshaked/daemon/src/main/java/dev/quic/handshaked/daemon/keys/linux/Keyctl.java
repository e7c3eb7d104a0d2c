package dev.quic.handshaked.daemon.keys.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quic.handshaked.daemon.keys.KeyData;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of keyrings. glibc has no functions for them, so they go through syscall(2).
 * Failures are {@link CredentialException} with the kernel's errno. Any thread; special keyrings
 * are the calling thread's.
 */
public final class Keyctl {
  /** KEY_SPEC_THREAD_KEYRING: the calling thread's own, gone with it. */
  public static final int THREAD_KEYRING = -1;

  /** KEY_SPEC_PROCESS_KEYRING. */
  public static final int PROCESS_KEYRING = -2;

  /** KEY_SPEC_SESSION_KEYRING. */
  public static final int SESSION_KEYRING = -3;

  /** KEY_SPEC_USER_KEYRING. */
  public static final int USER_KEYRING = -4;

  private static final int GET_KEYRING_ID = 0;
  private static final int REVOKE = 3;
  private static final int DESCRIBE = 6;
  private static final int CLEAR = 7;
  private static final int LINK = 8;
  private static final int UNLINK = 9;
  private static final int SEARCH = 10;
  private static final int READ = 11;
  private static final int SET_TIMEOUT = 15;

  /** A key that grows while it is read; the second try has its room. */
  private static final int TRIES = 8;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(1));

  private static final long NR_ADD_KEY;
  private static final long NR_REQUEST_KEY;
  private static final long NR_KEYCTL;

  static {
    switch (System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> {
        NR_ADD_KEY = 248;
        NR_REQUEST_KEY = 249;
        NR_KEYCTL = 250;
      }
      case "aarch64", "riscv64" -> {
        NR_ADD_KEY = 217;
        NR_REQUEST_KEY = 218;
        NR_KEYCTL = 219;
      }
      default -> {
        NR_ADD_KEY = -1;
        NR_REQUEST_KEY = -1;
        NR_KEYCTL = -1;
      }
    }
  }

  private Keyctl() {}

  private static long syscall(String what, long nr, long a, long b, long c, long d, long e)
      throws CredentialException {
    if (nr < 0 || !System.getProperty("os.name", "").equals("Linux")) {
      throw new CredentialException(
          Errno.EOPNOTSUPP, "the kernel's keyrings are not supported on this machine");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) SYSCALL.invokeExact(state, nr, a, b, c, d, e);
      if (result >= 0) {
        return result;
      }
      int errno = (int) ERRNO.get(state, 0L);
      throw new CredentialException(errno, what + ": " + Errno.name(errno));
    } catch (CredentialException ex) {
      throw ex;
    } catch (Throwable ex) {
      throw new IllegalStateException("syscall cannot be called", ex);
    }
  }

  /**
   * Adds a key, or gives one of the same type and description in that keyring a new payload.
   *
   * @param keyring serial or special number
   * @return its serial
   */
  public static int addKey(String type, String description, byte[] payload, int keyring)
      throws CredentialException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, payload.length));
      try {
        MemorySegment.copy(payload, 0, bytes, ValueLayout.JAVA_BYTE, 0, payload.length);
        return (int)
            syscall(
                "add_key '" + description + "'",
                NR_ADD_KEY,
                arena.allocateFrom(type).address(),
                arena.allocateFrom(description).address(),
                payload.length == 0 ? 0 : bytes.address(),
                payload.length,
                keyring);
      } finally {
        bytes.fill((byte) 0);
      }
    }
  }

  /**
   * Looks for a key in the caller's keyrings: thread, process, session. Asks no helper program to
   * make one.
   *
   * @return its serial; null when there is none (ENOKEY)
   */
  public static @Nullable Integer requestKey(String type, String description)
      throws CredentialException {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          syscall(
              "request_key '" + description + "'",
              NR_REQUEST_KEY,
              arena.allocateFrom(type).address(),
              arena.allocateFrom(description).address(),
              0,
              0,
              0);
    } catch (CredentialException e) {
      return noKey(e);
    }
  }

  /**
   * Looks for a key in a keyring and those within.
   *
   * @return its serial; null when there is none (ENOKEY)
   */
  public static @Nullable Integer search(int keyring, String type, String description)
      throws CredentialException {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          syscall(
              "search of keyring " + keyring + " for '" + description + "'",
              NR_KEYCTL,
              SEARCH,
              keyring,
              arena.allocateFrom(type).address(),
              arena.allocateFrom(description).address(),
              0);
    } catch (CredentialException e) {
      return noKey(e);
    }
  }

  private static @Nullable Integer noKey(CredentialException e) throws CredentialException {
    if (e.status() == Errno.ENOKEY) {
      return null;
    }
    throw e;
  }

  /** Serial of a special keyring, which is made if need be. */
  public static int keyringId(int special) throws CredentialException {
    return (int) call("get keyring " + special, GET_KEYRING_ID, special, 1);
  }

  public static void link(int key, int keyring) throws CredentialException {
    call("link of key " + key, LINK, key, keyring);
  }

  public static void unlink(int key, int keyring) throws CredentialException {
    call("unlink of key " + key, UNLINK, key, keyring);
  }

  /** Takes everything out of a keyring. */
  public static void clear(int keyring) throws CredentialException {
    call("clear of keyring " + keyring, CLEAR, keyring, 0);
  }

  public static void revoke(int key) throws CredentialException {
    call("revoke of key " + key, REVOKE, key, 0);
  }

  /**
   * @param seconds from now until the key expires; 0 for never
   */
  public static void setTimeout(int key, long seconds) throws CredentialException {
    call("timeout of key " + key, SET_TIMEOUT, key, seconds);
  }

  private static long call(String what, int operation, long a, long b) throws CredentialException {
    return syscall(what, NR_KEYCTL, operation, a, b, 0, 0);
  }

  /**
   * @return type and description
   */
  public static String[] describe(int key) throws CredentialException {
    byte[] text = readAll("describe of key " + key, DESCRIBE, key, KeyData.MAX_DESCRIPTION + 64);
    String all = new String(text, java.nio.charset.StandardCharsets.UTF_8);
    // "%s;%d;%d;%08x;%s" and a zero; a description may hold semicolons of its own.
    String[] parts = all.substring(0, Math.max(0, all.length() - 1)).split(";", 5);
    if (parts.length < 5) {
      throw new CredentialException(Errno.EPROTO, "describe of key " + key + " cannot be parsed");
    }
    return new String[] {parts[0], parts[4]};
  }

  /**
   * @return the payload, the caller's to wipe
   */
  public static byte[] read(int key) throws CredentialException {
    return readAll("read of key " + key, READ, key, KeyData.MAX_PAYLOAD);
  }

  private static byte[] readAll(String what, int operation, int key, int max)
      throws CredentialException {
    int room = 256;
    for (int i = 0; i < TRIES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(room);
        try {
          long n = syscall(what, NR_KEYCTL, operation, key, out.address(), room, 0);
          if (n <= room) {
            return out.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
          }
          if (n > max) {
            throw new CredentialException(Errno.EMSGSIZE, what + ": longer than " + max + " bytes");
          }
          room = (int) n;
        } finally {
          out.fill((byte) 0);
        }
      }
    }
    throw new CredentialException(Errno.EAGAIN, what + ": it keeps changing");
  }
}
