package dev.quic.handshaked.daemon.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class RareWarningTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("handshaked");
  private final ListAppender<ILoggingEvent> seen = new ListAppender<>();
  private final AtomicLong now = new AtomicLong(-5_000_000_000L);
  private final RareWarning warning = new RareWarning(new DaemonLog(true), now::get);

  @BeforeEach
  void listen() {
    seen.start();
    logger.addAppender(seen);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(seen);
  }

  private List<String> lines() {
    return seen.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .map(l -> l.substring(l.indexOf(": ") + 2))
        .toList();
  }

  @Test
  void oneLineASecondWithTheirNumber() {
    warning.warn("first");
    warning.warn("second");
    warning.warn("third");
    warning.flush();
    assertThat(lines()).containsExactly("first");
    now.addAndGet(1_000_000_000L);
    warning.flush();
    assertThat(lines()).containsExactly("first", "third; 2 such since the last line");
    warning.flush();
    now.addAndGet(1_000_000_000L);
    warning.flush();
    assertThat(lines()).hasSize(2);
    warning.warn("fourth");
    assertThat(lines()).endsWith("fourth");
    assertThat(warning.total()).isEqualTo(4);
  }
}
