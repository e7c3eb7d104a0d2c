package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.KernelConsumer;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumers that live inside the data plane: found by ServiceLoader on the class path and in
 * the jars of a directory, each run on a thread of its own.
 */
public final class Consumers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Consumers.class);

  /** How long a consumer may take to end once it was interrupted. */
  private static final long STOP_MILLIS = 2_000;

  private final Map<String, KernelConsumer> known = new TreeMap<>();
  private final List<Thread> running = new ArrayList<>();
  private final @Nullable URLClassLoader loader;

  /**
   * @param directory of jars, or null for the class path alone
   * @throws IOException when the directory cannot be read, or one of its consumers cannot be made
   */
  public Consumers(@Nullable Path directory) throws IOException {
    loader =
        directory == null
            ? null
            : new URLClassLoader("consumers", jars(directory), Consumers.class.getClassLoader());
    ClassLoader from = loader == null ? Consumers.class.getClassLoader() : loader;
    try {
      for (KernelConsumer c : ServiceLoader.load(KernelConsumer.class, from)) {
        known.putIfAbsent(c.name(), c);
      }
    } catch (ServiceConfigurationError e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static URL[] jars(Path directory) throws IOException {
    List<URL> urls = new ArrayList<>();
    urls.add(url(directory));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jar")) {
      files.forEach(f -> urls.add(url(f)));
    }
    urls.sort((a, b) -> a.toString().compareTo(b.toString()));
    return urls.toArray(URL[]::new);
  }

  private static URL url(Path p) {
    try {
      return p.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  public java.util.Set<String> names() {
    return known.keySet();
  }

  /**
   * Starts one.
   *
   * @return false when there is none of that name
   */
  public boolean start(String name, String args, QuicSockets sockets, TlsHandshakes tls) {
    KernelConsumer c = known.get(name);
    if (c == null) {
      return false;
    }
    Thread t =
        Thread.ofPlatform()
            .name("consumer-" + name)
            .daemon()
            .unstarted(() -> run(c, args, sockets, tls));
    if (loader != null) {
      t.setContextClassLoader(loader);
    }
    running.add(t);
    t.start();
    return true;
  }

  private static void run(KernelConsumer c, String args, QuicSockets sockets, TlsHandshakes tls) {
    try {
      c.run(sockets, tls, args);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      if (!Thread.currentThread().isInterrupted()) {
        log.error("consumer {} failed: {}", c.name(), e.toString(), e);
      }
    }
  }

  /** Interrupts every consumer and waits a little for all of them. */
  @Override
  public void close() {
    running.forEach(Thread::interrupt);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MILLIS);
    try {
      for (Thread t : running) {
        // 0 would be for ever.
        t.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      }
      if (loader != null) {
        loader.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.debug("closing the consumers' class loader", e);
    }
  }
}
