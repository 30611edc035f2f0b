package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConnectionLineTest {
    @Test
    void shouldTellEachChangeOnce() {
        final LoggerContext context = new LoggerContext();
        final Logger log = context.getLogger("test");
        final ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        final ConnectionLine line = new ConnectionLine(log);
        for (final String state : List.of(
                "not started",
                "offline: no media driver runs in /x",
                "connecting",
                "connected to member 0",
                "connected to member 1",
                "the masters are gone, connecting again",
                "no master answers, connecting again",
                "offline: no master answers, trying every 30 s",
                "connected to member 2")) {
            line.look(state);
            line.look(state);
        }
        assertEquals(
                List.of(
                        "WARN offline: no media driver runs in /x",
                        "INFO connected to member 0",
                        "INFO connected to member 1",
                        "WARN the masters are gone, connecting again",
                        "WARN no master answers, connecting again",
                        "WARN offline: no master answers, trying every 30 s",
                        "INFO connected to member 2 again"),
                lines.list.stream()
                        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                        .toList());
    }
}
