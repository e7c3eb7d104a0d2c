package dev.quic.handshaked.daemon.operation;

import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.daemon.credential.CertificateChains;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.tls.cert.CredentialException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Warns before a configured certificate, or one of its chain, expires: at each load when one of the
 * named days has come, and on each of them as it comes. Any thread.
 */
public final class ExpiryWatch {
  /** Of a certificate that has expired: said every day. */
  private static final int EXPIRED = -1;

  private record Ending(KeyLocation file, String subject, Instant end) {}

  private final DaemonLog log;
  private final Clock clock;
  private Map<Ending, Integer> said = new HashMap<>();

  public ExpiryWatch(DaemonLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  /** The configuration was read: says what there is to say, again if need be. */
  public synchronized void loaded(DaemonConfig config) {
    said = new HashMap<>();
    look(config);
  }

  /** Some time went by, a day at most: says what was not said before. */
  public synchronized void look(DaemonConfig config) {
    Map<Ending, Integer> now = new HashMap<>();
    for (KeyLocation file : certificates(config)) {
      for (Ending ending : read(file)) {
        int day = reached(ending, config.expiryDays());
        if (day == Integer.MAX_VALUE) {
          continue;
        }
        now.put(ending, day);
        Integer before = said.get(ending);
        if (before == null || before != day || day == EXPIRED) {
          log.warn(line(ending));
        }
      }
    }
    said = now;
  }

  private static Set<KeyLocation> certificates(DaemonConfig config) {
    Set<KeyLocation> out = new LinkedHashSet<>();
    for (DaemonConfig.Credentials role : List.of(config.client(), config.server())) {
      for (@Nullable KeyLocation file :
          new @Nullable KeyLocation[] {role.certificate(), role.pqCertificate()}) {
        if (file != null) {
          out.add(file);
        }
      }
    }
    return out;
  }

  /** What cannot be read is said by the request that needs it. */
  private List<Ending> read(KeyLocation file) {
    try {
      return CertificateChains.load(file).stream()
          .map(c ->
              new Ending(file, c.getSubjectX500Principal().getName(), c.getNotAfter().toInstant()))
          .toList();
    } catch (CredentialException e) {
      return List.of();
    } catch (RuntimeException e) {
      // Providers have checks of their own: a warning less must not keep the daemon from serving.
      log.warn("when the certificate in " + file + " expires cannot be told: " + e);
      return List.of();
    }
  }

  private long daysLeft(Ending ending) {
    return Duration.between(clock.instant(), ending.end).toDays();
  }

  /** The smallest named day that has come; MAX_VALUE for none. */
  private int reached(Ending ending, List<Integer> named) {
    if (named.isEmpty()) {
      return Integer.MAX_VALUE;
    }
    if (!clock.instant().isBefore(ending.end)) {
      return EXPIRED;
    }
    long left = daysLeft(ending);
    return named.stream()
        .mapToInt(Integer::intValue)
        .filter(day -> left <= day)
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  private String line(Ending ending) {
    String what = "certificate of " + ending.subject + " in " + ending.file;
    if (!clock.instant().isBefore(ending.end)) {
      return what + " expired on " + ending.end;
    }
    long days = daysLeft(ending);
    String in = days == 0 ? "within a day" : days == 1 ? "in a day" : "in " + days + " days";
    return what + " expires " + in + ", on " + ending.end;
  }
}
